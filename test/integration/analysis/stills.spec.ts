import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import type { AnalysisJob, PictureRequest, SampledPicture } from '../../../src/core/plugin-api/index.js';
import { readBarcode } from '../../../src/core/plugin-testing/index.js';
import barcode from '../../fixtures/barcode-plugin.js';
import { answered, never, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { misbehaving } from '../../support/analysis/misbehaving-plugin.js';
import { damageSegment, jobFor, type SegmentedStream } from '../../support/analysis/segments.js';
import { until } from '../../support/until.js';

const clip = { frames: 100, fps: 25, widthPx: 640, heightPx: 360, gop: 50, bframes: 2 } as const;
const request: PictureRequest = { fps: 1, maxPictures: 20, maxSidePx: 640, quality: 90, maxBytes: 1_000_000 };
const [reader] = FakePluginRegistry.of([{ plugin: barcode }]).analyzers;
const spinner = FakePluginRegistry.of([{ plugin: misbehaving }]).analyzers.find(
  ({ definition }) => definition.id === 'misbehaving.spins for ever',
)!;

async function frameNumberOf({ jpeg }: SampledPicture): Promise<number | null> {
  const { data, info } = await sharp(jpeg).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const [widthPx, heightPx] = [info.width, info.height];
  const fit = {
    frameWidthPx: widthPx,
    frameHeightPx: heightPx,
    offsetXPx: 0,
    offsetYPx: 0,
    contentWidthPx: widthPx,
    contentHeightPx: heightPx,
  };
  return readBarcode({ data, widthPx, heightPx, format: 'rgb24', fit });
}

describe('pictures of a segment', () => {
  let bench: SegmentBench;
  let stream: SegmentedStream;
  let pool: ForkedHostPool;

  beforeAll(async () => {
    bench = await SegmentBench.create();
    stream = await bench.stream('clip.ts', clip);
    pool = bench.pool();
  });
  afterAll(() => bench.close());

  const job = (sequence = 0, of = stream): AnalysisJob => jobFor(of, sequence, [reader!]);

  it('are JPEGs of the frames on show at k/fps, whichever segment they are in', async () => {
    const originUs = stream.facts[0]!.ptsStartUs;
    for (const sequence of [0, 1]) {
      const { pictures, expected, cpuMs } = await pool.sample(job(sequence), { ...request, fps: 5 }, never);
      expect(pictures).toHaveLength(expected);
      expect(expected).toBe(10);
      expect(cpuMs).toBeGreaterThan(0);
      for (const picture of pictures) {
        expect(await frameNumberOf(picture)).toBe(Math.round((picture.ptsUs - originUs) / 40_000));
        // On show at a multiple of 0.2 s: it began no more than one frame before.
        const sinceUs = Math.ceil(picture.ptsUs / 200_000) * 200_000 - picture.ptsUs;
        expect(sinceUs).toBeLessThan(40_000);
      }
    }
  });

  it('are never enlarged, and fit into their bytes', async () => {
    const [large] = (await pool.sample(job(), { ...request, maxSidePx: 4000 }, never)).pictures;
    expect([large!.widthPx, large!.heightPx]).toEqual([640, 360]);
    const [small] = (await pool.sample(job(), { ...request, maxSidePx: 320 }, never)).pictures;
    expect(await sharp(small!.jpeg).metadata()).toMatchObject({ format: 'jpeg', width: 320, height: 180 });
    for (const maxBytes of [8_000, 3_000, 1_500]) {
      const { pictures } = await pool.sample(job(), { ...request, maxBytes }, never);
      expect(pictures.length).toBeGreaterThan(0);
      for (const { jpeg, widthPx, heightPx } of pictures) {
        expect(jpeg.length).toBeLessThanOrEqual(maxBytes);
        expect(widthPx / heightPx).toBeCloseTo(16 / 9, 1);
      }
    }
  });

  it('keep the shape that is displayed, where pixels are not square', async () => {
    const wide = await bench.stream('wide.ts', { ...clip, widthPx: 480, encoderOptions: ['-aspect', '16:9'] });
    for (const [maxSidePx, size] of [
      [320, [320, 180]],
      [4000, [640, 360]],
    ] as const) {
      const [picture] = (await pool.sample(job(0, wide), { ...request, maxSidePx }, never)).pictures;
      expect([picture!.widthPx, picture!.heightPx]).toEqual(size);
    }
  });

  it('that no bytes are enough for are refused', async () => {
    await expect(pool.sample(job(), { ...request, maxBytes: 10 }, never)).rejects.toMatchObject({
      code: 'VD_ANALYSIS_PICTURE_SIZE',
      retryable: false,
    });
  });

  it('of damaged media are left out and counted as missing', async () => {
    const damaged = await bench.stream('damaged.ts', clip);
    await damageSegment(damaged, 0, (bytes) => {
      const cut = Math.floor(bytes.length / 2 / 188) * 188;
      return Buffer.concat([bytes.subarray(0, cut), bytes.subarray(cut + 188 * 3)]);
    });
    const { pictures, expected } = await pool.sample(job(0, damaged), { ...request, fps: 12.5 }, never);
    expect(pictures.length).toBeLessThan(expected);
    for (const picture of pictures)
      expect(await frameNumberOf(picture)).toBe(Math.round((picture.ptsUs - damaged.facts[0]!.ptsStartUs) / 40_000));
  });

  it('of a file that is no video are refused by code', async () => {
    const broken = await bench.stream('broken.ts', clip);
    await damageSegment(broken, 0, () => Buffer.from('not a transport stream'));
    await expect(pool.sample(job(0, broken), request, never)).rejects.toMatchObject({
      code: expect.stringMatching(/^VD_MEDIA_/) as string,
    });
  });

  it('keep no ordinary job waiting for good: they alternate on one host', async () => {
    const all = await Promise.all([
      ...Array.from({ length: 6 }, (_, i) => pool.sample(job(i % 2), request, never)),
      answered(pool, job(0)),
      ...Array.from({ length: 6 }, (_, i) => pool.sample(job(i % 2), request, never)),
      answered(pool, job(1)),
    ]);
    expect(all).toHaveLength(14);
  });

  it('are taken by no more than half of the hosts at once', async () => {
    const four = bench.pool({ hosts: 4 });
    const sampling = Array.from({ length: 8 }, () => four.sample(job(), { ...request, fps: 25, maxPictures: 50 }, never));
    await until('half of the hosts to be at it', () => four.load().running === 2);
    // No others are started for them either.
    expect(four.pids).toHaveLength(2);
    expect((await answered(four, job(1))).status).toBe('done');
    await Promise.all(sampling);
  });

  it('are lost with the host that takes them, as a job is, and the next ones are not', async () => {
    const lonely = bench.pool();
    await lonely.sample(job(), request, never);
    const [pid] = lonely.pids;
    const sampling = lonely.sample(job(), { ...request, fps: 25, maxPictures: 50 }, never);
    await until('pictures to be under way', () => lonely.load().running === 1);
    process.kill(pid!, 'SIGKILL');
    await expect(sampling).rejects.toMatchObject({ code: 'VD_ANALYSIS_HOST_CRASHED', retryable: true });
    expect((await lonely.sample(job(), request, never)).pictures).toHaveLength(2);
  });

  it('are called off with their signal, and done again where a host ends with them', async () => {
    await expect(pool.sample(job(), request, AbortSignal.abort())).rejects.toMatchObject({ code: 'VD_ANALYSIS_ABORTED' });
    const shared = bench.pool({ hosts: 1, jobsPerHost: 2, jobTimeoutMs: 1_500 });
    await answered(shared, job());
    const other = await bench.stream('other.ts', clip);
    const hanging = shared.execute(jobFor(other, 0, [spinner]), never);
    const sampled = shared.sample(job(), request, never);
    await expect(hanging).rejects.toMatchObject({ code: 'VD_ANALYSIS_TIMEOUT' });
    expect((await sampled).pictures).toHaveLength(2);
  });
});
