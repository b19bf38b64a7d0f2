import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import type { AnalysisOutcome, MetricResult, TaskOutcome } from '../../../src/core/plugin-api/index.js';
import { makeBarcodeClip } from '../../../src/core/plugin-testing/index.js';
import barcode from '../../fixtures/barcode-plugin.js';
import { FixedRegistry } from '../../support/analysis/fixed-registry.js';
import { startHostPool } from '../../support/analysis/host-pool.js';
import { jobFor, segmentClip, type SegmentedStream } from '../../support/analysis/segments.js';

const FRAMES = 250;
const FPS = 25;
const never = new AbortController().signal;

describe('frames of a segment', () => {
  let folder: string;
  let pool: ForkedHostPool;
  let stream: SegmentedStream;
  const { analyzers } = new FixedRegistry([{ plugin: barcode }]);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-fidelity-'));
    const clip = join(folder, 'clip.ts');
    await makeBarcodeClip(clip, { frames: FRAMES, fps: FPS, widthPx: 640, heightPx: 360, gop: 50, bframes: 2, audio: true });
    stream = await segmentClip(clip, folder);
    pool = startHostPool({ mediaDir: folder, dataDir: join(folder, 'data') });
  });

  afterAll(async () => {
    await pool.close();
    await rm(folder, { recursive: true });
  });

  const analyse = (sequence: number): Promise<AnalysisOutcome> => pool.execute(jobFor(stream, sequence, analyzers), never);

  it('arrive each exactly once, in order, at the pts they are stored with', async () => {
    const metrics: MetricResult[] = [];
    for (let sequence = 0; sequence < stream.facts.length; sequence++) {
      const [task] = (await analyse(sequence)).tasks as [TaskOutcome];
      console.log(JSON.stringify(task).slice(0,300));
      if (task.status !== 'done') throw new Error(JSON.stringify(task));
      metrics.push(...(task.results as MetricResult[]));
    }
    expect(metrics.map((metric) => metric.value)).toEqual(Array.from({ length: FRAMES }, (_, i) => i));
  });
});
