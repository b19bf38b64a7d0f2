import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import { MediaServer } from '../../../src/core/media/server/media-server.js';
import { FetchedSegments } from '../../../src/core/media/store/fetched-segments.js';
import type { SegmentAddresses } from '../../../src/core/media/store/segment-addresses.js';
import { SegmentCache } from '../../../src/core/media/store/segment-cache.js';
import { SegmentSigner } from '../../../src/core/media/store/segment-signer.js';
import { SilentLogger } from '../../support/fakes/silent-logger.js';
import { answered, never, resultOf, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { damageSegment, jobFor, segmentClip, segmentPath, type SegmentedStream } from '../../support/analysis/segments.js';
import { soundCopy } from '../../support/analysis/sound-copy-plugin.js';
import { blocksIn, channelOf, decodedByFfmpeg, frequencyOf, rms, type HeardBlock } from '../../support/analysis/sound.js';
import { ffmpeg } from '../../support/media/ffmpeg.js';

const [copy, resampled] = FakePluginRegistry.of([{ plugin: soundCopy }]).analyzers;
const PACKET = 188;
const AAC_FRAME = 1024;

interface SoundClip {
  /** ffmpeg's aevalsrc expression, a channel between bars. */
  readonly sound: string;
  readonly sampleRateHz?: number;
  readonly layout?: string;
  readonly seconds?: number;
  /** Leaves the pictures out. */
  readonly alone?: boolean;
  readonly options?: readonly string[];
}

describe('the sound of a stream', () => {
  let bench: SegmentBench;
  let pool: ForkedHostPool;
  let made = 0;

  beforeAll(async () => {
    bench = await SegmentBench.create();
    pool = bench.pool();
  });
  afterAll(() => bench.close());

  const clip = async (
    { sound, sampleRateHz = 48_000, layout, seconds = 6, alone = false, options = [] }: SoundClip,
    type = 'ts',
  ): Promise<string> => {
    const file = bench.path(`sound-${made++}.${type}`);
    const pictures = alone ? [] : ['-f', 'lavfi', '-i', `color=gray:s=64x36:r=25:d=${seconds}`];
    await ffmpeg(
      ...pictures,
      ...['-f', 'lavfi', '-i', `aevalsrc=${sound}:s=${sampleRateHz}:d=${seconds}${layout === undefined ? '' : `:c=${layout}`}`],
      ...(alone ? [] : ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-sc_threshold', '0', '-bf', '0']),
      // Without noise substitution, so that two decoders can be held against each other sample by sample.
      ...['-c:a', 'aac', '-b:a', '192k', '-aac_pns', '0', ...options],
      file,
    );
    return file;
  };
  const stream = async (options: SoundClip): Promise<SegmentedStream> => segmentClip(await clip(options), bench.folder);
  const hear = async (from: SegmentedStream, sequence: number, on = pool, analyzer = copy!): Promise<HeardBlock[]> => {
    const task = await answered(on, jobFor(from, sequence, [analyzer]));
    expect(task).toMatchObject({ status: 'done', framesSeen: task.framesExpected });
    return blocksIn(task.results);
  };
  const hearAll = async (from: SegmentedStream, analyzer = copy!): Promise<HeardBlock[]> => {
    const blocks: HeardBlock[] = [];
    for (const sequence of from.facts.keys()) blocks.push(...(await hear(from, sequence, pool, analyzer)));
    return blocks;
  };

  it('comes with its level, its pitch, its channels and its time', async () => {
    const from = await stream({ sound: '0.5*sin(2*PI*1000*t)|0.25*sin(2*PI*440*t)' });
    const origin = from.facts[0]!.ptsStartUs;
    const blocks = await hearAll(from);
    expect(blocks.every(({ sampleRateHz, channelCount }) => sampleRateHz === 48_000 && channelCount === 2)).toBe(true);
    for (const block of blocks.slice(1, -1)) {
      const [left, right] = [channelOf([block], 0), channelOf([block], 1)];
      expect(rms(left)).toBeCloseTo(0.5 / Math.SQRT2, 2);
      expect(rms(right)).toBeCloseTo(0.25 / Math.SQRT2, 2);
      expect(frequencyOf(left, 48_000)).toBeCloseTo(1000, 0);
      expect(frequencyOf(right, 48_000)).toBeCloseTo(440, 0);
      // The tone's phase tells where its samples lie, much finer than one of them (20.8 us).
      expect(Math.abs(lateUs(left, block, 1000, origin))).toBeLessThan(12);
    }
  });

  it('is all there, once, cut into blocks of at most a second that follow each other', async () => {
    const file = await clip({ sound: '0.4*sin(2*PI*300*t)*sin(2*PI*0.7*t)|0.3*random(0)' });
    const from = await segmentClip(file, bench.folder);
    const blocks = await hearAll(from);
    for (const [i, block] of blocks.entries()) {
      expect(block.sampleCount).toBeLessThanOrEqual(48_000);
      const before = blocks[i - 1];
      if (before !== undefined) expect(Math.abs(block.ptsUs - before.ptsUs - (before.sampleCount * 1e6) / 48_000)).toBeLessThan(20.8);
    }
    const expected = await decodedByFfmpeg(file);
    const heard = Float32Array.from(blocks.flatMap(({ data }) => [...data]));
    // The very first frame has none before it, and only starts the decoder.
    expect(heard.length).toBe(expected.length - AAC_FRAME * 2);
    expect(largestDifference(heard, expected.subarray(AAC_FRAME * 2))).toBeLessThan(1e-6);
  });

  it('is the same to the bit wherever a segment is decoded, and in whatever order', async () => {
    const from = await stream({ sound: '0.4*sin(2*PI*300*t)+0.2*random(0)', options: ['-aac_pns', '1', '-b:a', '48k'] });
    const inOrder = [await hear(from, 0), await hear(from, 1), await hear(from, 2)];
    const elsewhere = bench.pool();
    expect(await hear(from, 2, elsewhere)).toEqual(inOrder[2]);
    expect(await hear(from, 1, elsewhere)).toEqual(inOrder[1]);
    await elsewhere.close();
    const other = await answered(pool, jobFor(from, 1, [resampled!]));
    expect(await answered(pool, jobFor(from, 1, [resampled!]))).toMatchObject({ results: other.results });
    // Where the file before is gone, the first frame is left out, and nothing else changes.
    await hear(from, 0);
    await rm(join(bench.folder, segmentPath(from, 1)));
    const cold = await hear(from, 2);
    expect(cold[0]!.ptsUs - inOrder[2]![0]!.ptsUs).toBe(Math.round((AAC_FRAME * 1e6) / 48_000));
    expect(
      largestDifference(channelOf(cold, 0).slice(0, AAC_FRAME), channelOf(inOrder[2]!, 0).slice(AAC_FRAME, 2 * AAC_FRAME)),
    ).toBeLessThan(0.2);
  });

  it('is the same to the bit where a machine has none of the segments and fetches them', async () => {
    const from = await stream({ sound: '0.4*sin(2*PI*300*t)+0.2*random(0)', options: ['-aac_pns', '1', '-b:a', '48k'] });
    const inOrder = [await hear(from, 0), await hear(from, 1), await hear(from, 2)];
    const key = Buffer.alloc(32, 7);
    const signer = new SegmentSigner({ current: async () => key, renewed: async () => null });
    const server = new MediaServer({ mediaDir: bench.folder, listen: { host: '127.0.0.1', port: 0 }, signer, logger: new SilentLogger() });
    const url = `http://127.0.0.1:${await server.start()}`;
    const signed = async (path: string): Promise<string> => `${url}${await signer.sign(path, 60_000)}`;
    const cache = new SegmentCache(bench.path('cache'), 1);
    const machine = (addresses?: Pick<SegmentAddresses, 'sign' | 'refused'>): ForkedHostPool =>
      bench.pool({
        segments: new FetchedSegments({ mediaDir: bench.path('none'), timeoutMs: 5_000, ownNode: async () => null }, cache, addresses),
      });
    const worker = machine({ sign: ({ path }) => signed(path), refused: async () => undefined });
    // Each segment out of its order, so that no host has the end of the one before in memory.
    for (const sequence of [2, 1, 0]) expect(await hear(from, sequence, worker)).toEqual(inOrder[sequence]);
    const workerHost = machine();
    const job = jobFor(from, 2, [copy!]);
    const sent = {
      ...job,
      segment: { ...job.segment, url: await signed(segmentPath(from, 2)), urlBefore: await signed(segmentPath(from, 1)) },
    };
    expect(blocksIn((await answered(workerHost, sent)).results)).toEqual(inOrder[2]);
    await Promise.all([worker.close(), workerHost.close()]);
    await server.stop();
  });

  it.each([
    { sampleRateHz: 44_100, sound: '0.5*sin(2*PI*1000*t)', channels: 1 },
    { sampleRateHz: 32_000, sound: '0.5*sin(2*PI*1000*t)|0', channels: 2 },
    { sampleRateHz: 22_050, sound: '0.5*sin(2*PI*1000*t)', channels: 1 },
  ])('keeps its time at $sampleRateHz samples a second', async ({ sampleRateHz, sound, channels }) => {
    const from = await stream({ sound, sampleRateHz });
    const blocks = await hearAll(from);
    const origin = from.facts[0]!.ptsStartUs;
    for (const block of blocks.slice(1, -1)) {
      expect(block).toMatchObject({ sampleRateHz, channelCount: channels });
      expect(Math.abs(lateUs(channelOf([block], 0), block, 1000, origin))).toBeLessThan(1e6 / sampleRateHz);
    }
  });

  it('keeps its time to the millisecond where stamps are whole milliseconds, as publishers over RTMP send them', async () => {
    const file = await clip({ sound: '0.5*sin(2*PI*100*t)', sampleRateHz: 44_100 }, 'flv');
    const from = await segmentClip(file, bench.folder);
    const blocks = await hearAll(from);
    expect(blocks.length).toBeLessThanOrEqual(from.facts.length * 4);
    for (const block of blocks.slice(1, -1)) {
      expect(Math.abs(lateUs(channelOf([block], 0), block, 100, from.facts[0]!.ptsStartUs))).toBeLessThan(1_000);
    }
  });

  it('has six channels where the stream has, each with its own', async () => {
    const from = await stream({
      sound: '0.5*sin(2*PI*300*t)|0.4*sin(2*PI*400*t)|0.3*sin(2*PI*500*t)|0.2*sin(2*PI*60*t)|0.2*sin(2*PI*700*t)|0.1*sin(2*PI*800*t)',
      layout: '5.1',
      options: ['-b:a', '512k'],
    });
    const [block] = await hear(from, 1);
    expect(block!.channelCount).toBe(6);
    const pitches = Array.from({ length: 6 }, (_, i) => Math.round(frequencyOf(channelOf([block!], i), 48_000) / 10) * 10);
    expect(pitches).toEqual([300, 400, 500, 60, 700, 800]);
  });

  it('comes in other shapes too, made from the same decode', async () => {
    const file = await clip({ sound: '0.5*sin(2*PI*1000*t)|0.25*sin(2*PI*440*t)', sampleRateHz: 44_100 });
    const from = await segmentClip(file, bench.folder);
    const mono = FakePluginRegistry.of([{ plugin: soundCopy, config: { audio: { channels: 'mono' } } }]).analyzers;
    const monoPool = bench.pool({ config: { 'sound-copy': { audio: { channels: 'mono' } } } });
    const outcome = await monoPool.execute(jobFor(from, 1, mono), never);
    const [mixed, low, telephone] = [0, 1, 2].map((i) => blocksIn(resultOf(outcome, i).results)) as [
      HeardBlock[],
      HeardBlock[],
      HeardBlock[],
    ];
    const stereo = await hear(from, 1);
    const [left, right] = [channelOf(stereo, 0), channelOf(stereo, 1)];
    expect(channelOf(mixed, 0)).toEqual(left.map((value, i) => Math.fround((value + right[i]!) / 2)));
    const shapes = [mixed, low, telephone].map(
      (blocks) => new Set(blocks.map(({ sampleRateHz, channelCount }) => `${sampleRateHz} ${channelCount}`)),
    );
    expect(shapes).toEqual([new Set(['44100 1']), new Set(['16000 2']), new Set(['8000 1'])]);
    for (const [blocks, rate] of [
      [low, 16_000],
      [telephone, 8_000],
    ] as const) {
      const samples = blocks.reduce((sum, { sampleCount }) => sum + sampleCount, 0);
      expect(Math.abs(samples - (left.length * rate) / 44_100)).toBeLessThan(2);
    }
    // 440 and 1000 Hz are both far below the new limits: their levels stay.
    expect(rms(channelOf(low, 0))).toBeCloseTo(rms(left), 2);
    expect(rms(channelOf(low, 1))).toBeCloseTo(rms(right), 2);
    expect(rms(channelOf(telephone, 0))).toBeCloseTo(rms(channelOf(mixed, 0)), 2);
    await monoPool.close();
  });

  it('asked for at another rate is what ffmpeg makes of the whole of it, also where segments join', async () => {
    // Half the rate: frames of 1024 samples end on the grid of both, so that samples can be held against samples.
    const file = await clip({ sound: '0.5*sin(2*PI*1000*t)+0.2*sin(2*PI*3100*t)|0.25*sin(2*PI*440*t)', sampleRateHz: 32_000 });
    const from = await segmentClip(file, bench.folder);
    const blocks = await hearAll(from, resampled);
    const expected = await decodedByFfmpeg(file, '-ar', '16000');
    const startUs = blocks[0]!.ptsUs - (AAC_FRAME * 1e6) / 32_000;
    for (const block of blocks.slice(1)) {
      const at = Math.round(((block.ptsUs - startUs) * 16_000) / 1e6) * 2;
      // A segment's last samples are made without knowing what follows.
      expect(largestDifference(block.data.subarray(0, -64), expected.subarray(at, at + block.data.length - 64))).toBeLessThan(0.003);
    }
  });

  it('is silent where there is silence', async () => {
    const blocks = await hearAll(await stream({ sound: '0|0' }));
    expect(Math.max(...blocks.map(({ data }) => Math.max(...data.map(Math.abs))))).toBe(0);
  });

  it('keeps counting where the clock of 33 bits starts over', async () => {
    const wrapsAtS = 2 ** 33 / 90_000;
    const file = await clip({ sound: '0.5*sin(2*PI*1000*t)' });
    const from = await segmentClip(file, bench.folder, 2, ['-output_ts_offset', String(Math.floor(wrapsAtS) - 4)]);
    expect(from.facts.at(-1)!.ptsEndUs).toBeGreaterThan(wrapsAtS * 1e6);
    const blocks = await hearAll(from);
    expect(blocks.at(-1)!.ptsUs).toBeGreaterThan(wrapsAtS * 1e6);
    for (const block of blocks.slice(1))
      expect(Math.abs(lateUs(channelOf([block], 0), block, 1000, from.facts[0]!.ptsStartUs))).toBeLessThan(21);
  });

  it('is analysed where there are no pictures, and its loss at the end is told', async () => {
    const from = await stream({ sound: '0.5*sin(2*PI*1000*t)', alone: true });
    expect(from.facts[0]).toMatchObject({ frameCount: 0, videoCodec: null });
    expect((await hearAll(from)).length).toBeGreaterThan(0);
    await damageSegment(from, 1, (bytes) => bytes.subarray(0, Math.floor(bytes.length / 2 / PACKET) * PACKET));
    const task = await answered(pool, jobFor(from, 1, [copy!]));
    expect(task).toMatchObject({ status: 'partial', reason: expect.stringMatching(/of \d+ frames of sound missing/) });
    expect(task.framesSeen).toBeLessThan(task.framesExpected * 0.7);
  });
});

/** How much later the tone is than it should be at the block's pts, by its phase. */
function lateUs(samples: Float32Array, block: HeardBlock, hz: number, originUs: number): number {
  const startS = (block.ptsUs - originUs) / 1e6;
  let [inPhase, quadrature] = [0, 0];
  samples.forEach((value, i) => {
    const angle = 2 * Math.PI * hz * (startS + i / block.sampleRateHz);
    inPhase += value * Math.sin(angle);
    quadrature += value * Math.cos(angle);
  });
  return (-Math.atan2(quadrature, inPhase) / (2 * Math.PI * hz)) * 1e6;
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  let largest = Math.abs(a.length - b.length);
  for (let i = 0; i < Math.min(a.length, b.length); i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}
