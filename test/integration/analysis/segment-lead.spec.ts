import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import type { MetricResult, PictureRequest } from '../../../src/core/plugin-api/index.js';
import type { BarcodeClipOptions } from '../../../src/core/plugin-testing/index.js';
import { framePicture } from '../../../src/core/references/reader/segment-frame.js';
import barcode from '../../fixtures/barcode-plugin.js';
import { answered, never, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { frameCopy } from '../../support/analysis/frame-copy-plugin.js';
import { inWhole } from '../../support/analysis/in-parts.js';
import { jobFor, segmentPath, type SegmentedStream } from '../../support/analysis/segments.js';

const FRAMES = 100;
const FPS = 10;
const KEYFRAMES = { sampling: { keyframes: true }, frame: { widthPx: 320, heightPx: 180, fit: 'stretch', format: 'gray8' } } as const;
const [reader] = FakePluginRegistry.of([{ plugin: barcode }]).analyzers;
const [keyframes] = FakePluginRegistry.of([{ plugin: frameCopy, config: KEYFRAMES }]).analyzers;

const base = { frames: FRAMES, fps: FPS, widthPx: 320, heightPx: 180, gop: 20 } as const;
const x264 = (params: string): readonly string[] => ['-crf', '18', '-x264-params', `keyint=20:min-keyint=1:scenecut=0:${params}`];
const KINDS: Readonly<Record<string, BarcodeClipOptions>> = {
  'intra refresh': { ...base, encoderOptions: x264('intra-refresh=1:bframes=0') },
  'open GOPs': { ...base, encoderOptions: x264('open-gop=1:bframes=3:b-adapt=0') },
  'open GOPs with a pyramid of B-frames': { ...base, encoderOptions: x264('open-gop=1:bframes=5:b-adapt=0:b-pyramid=normal:ref=4') },
  'open GOPs of HEVC': {
    ...base,
    codec: 'hevc',
    encoderOptions: ['-crf', '18', '-x265-params', 'keyint=20:min-keyint=20:scenecut=0:bframes=3:open-gop=1:log-level=error'],
  },
};

describe.each(Object.entries(KINDS))('segments of a stream with %s', (kind, options) => {
  let bench: SegmentBench;
  let stream: SegmentedStream;
  let pool: ForkedHostPool;
  beforeAll(async () => {
    bench = await SegmentBench.create();
    stream = await bench.stream('clip.ts', options);
    pool = bench.pool({ config: { 'frame-copy': KEYFRAMES } });
  });
  afterAll(() => bench.close());

  const expected = (sequence: number): number[] => {
    const { ptsStartUs, frameCount } = stream.facts[sequence]!;
    const first = Math.round(((ptsStartUs - stream.facts[0]!.ptsStartUs) * FPS) / 1e6);
    return Array.from({ length: frameCount }, (_, i) => first + i);
  };

  it('are analysed whole: what builds on the segment before is decoded with it', async () => {
    expect(stream.facts.length).toBeGreaterThan(3);
    for (const sequence of stream.facts.keys()) {
      const task = await answered(pool, jobFor(stream, sequence, [reader!]));
      expect([task.status, task.reason]).toEqual(['done', undefined]);
      expect((task.results as MetricResult[]).map(({ value }) => value)).toEqual(expected(sequence));
    }
  });

  it('show their keyframes whole to those who look at nothing else', async () => {
    const task = await answered(pool, jobFor(stream, 2, [keyframes!]));
    expect([task.status, inWhole(task.results).length]).toEqual(['done', 1]);
  });

  it('give single pictures', async () => {
    const request: PictureRequest = { fps: FPS, maxPictures: 100, maxSidePx: 320, quality: 80, maxBytes: 1_000_000 };
    const { pictures } = await pool.sample(jobFor(stream, 2, []), request, never);
    expect(pictures.length).toBe(stream.facts[2]!.frameCount);
  });

  it('give any frame to those who ask for one, with the segment before', async () => {
    const [before, segment] = await Promise.all([1, 2].map((sequence) => readFile(join(bench.folder, segmentPath(stream, sequence)))));
    const { ptsStartUs } = stream.facts[2]!;
    const { bytes } = await framePicture({ segment: segment!, before: before!, ptsStartUs, ptsUs: ptsStartUs });
    expect(bytes.length).toBeGreaterThan(0);
    const alone = framePicture({ segment: segment!, ptsStartUs, ptsUs: ptsStartUs });
    await expect(alone).rejects.toMatchObject({ code: 'VD_FRAME_UNREADABLE' });
  });

  it('say which pictures are lost where the segment before is gone', async () => {
    await rm(join(bench.folder, segmentPath(stream, 1)));
    const task = await answered(pool, jobFor(stream, 2, [reader!]));
    const values = (task.results as MetricResult[]).map(({ value }) => value);
    expect(task.status).toBe('partial');
    if (kind.endsWith('HEVC')) expect(task.reason).toContain('frames missing');
    else expect(task.reason).toMatch(/\d+ frames build on the segment before, which is not there/);
    expect(values.length).toBeLessThan(stream.facts[2]!.frameCount);
    // What is left is what was filmed.
    expect(expected(2)).toEqual(expect.arrayContaining(values));
  });
});
