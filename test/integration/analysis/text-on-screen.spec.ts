import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../src/core/plugin-api/index.js';
import textDetection from '../../../src/plugins/text-detection/index.js';
import { answered, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { jobFor, segmentClip } from '../../support/analysis/segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { drawnText, HEIGHT_PX, WIDTH_PX } from '../../support/text/drawn-text.js';

const run = promisify(execFile);
const CONFIG = { searchPx: 320, watch: ['harbour'] };

describe('text on screen, in an analysis host', () => {
  let bench: SegmentBench;
  beforeAll(async () => void (bench = await SegmentBench.create()));
  afterAll(() => bench.close());

  /** Two segments of 2 s: a title that stays, and a score that changes between them. */
  async function stream() {
    for (const [i, score] of ['HOME 1 AWAY 0', 'HOME 2 AWAY 0'].entries()) {
      const { data } = await drawnText(i, [
        { text: 'Harbour Report', x: 40, y: 290, sizePx: 26 },
        { text: score, x: 40, y: 30, sizePx: 24 },
      ]);
      const picture = sharp(data, { raw: { width: WIDTH_PX, height: HEIGHT_PX, channels: 3 } });
      await writeFile(bench.path(`${i}.png`), await picture.png().toBuffer());
    }
    const still = (i: number): string[] => ['-loop', '1', '-framerate', '10', '-t', '2', '-i', bench.path(`${i}.png`)];
    await run('ffmpeg', [
      ...['-v', 'error', ...still(0), ...still(1), '-filter_complex', 'concat=n=2,format=yuv420p', '-c:v', 'libx264', '-b:v', '400k'],
      ...['-g', '20', '-sc_threshold', '0', bench.path('clip.mp4')],
    ]);
    return segmentClip(bench.path('clip.mp4'), bench.folder);
  }

  it('reads it from real segments, and goes on from one to the next', async () => {
    const segments = await stream();
    const analyzers = FakePluginRegistry.of([{ plugin: textDetection, config: CONFIG }]).analyzers;
    const pool = bench.pool({ config: { 'text-detection': CONFIG } });
    const first = await answered(pool, jobFor(segments, 0, analyzers));
    const told = ({ results }: typeof first): unknown[] =>
      results.flatMap((result) => (result.type === 'event' ? [[result.name, result.phase, result.data?.['text']]] : [])).sort();
    expect(told(first)).toEqual([
      ['text', 'start', 'HOME 1 AWAY 0'],
      ['text', 'start', 'Harbour Report'],
      ['watched-text', 'start', 'Harbour Report'],
    ]);
    const checkpoint = { epochId: segments.epochId, sequence: 0, data: first.checkpoint } as Checkpoint;
    const second = await answered(pool, jobFor(segments, 1, analyzers, { checkpoints: { 'text-detection': checkpoint } }));
    expect(told(second)).toEqual([['text', 'update', 'HOME 2 AWAY 0']]);
    expect(second.results.filter(({ type }) => type === 'text')).toHaveLength(1);
  });
});
