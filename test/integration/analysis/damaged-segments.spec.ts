import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import { demuxSegment } from '../../../src/core/decode/segment/index.js';
import type { AnalysisJob, MetricResult, TaskOutcome } from '../../../src/core/plugin-api/index.js';
import { makeBarcodeClip } from '../../../src/core/plugin-testing/index.js';
import barcode from '../../fixtures/barcode-plugin.js';
import { answered, never, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { damageSegment, jobFor, segmentClip, segmentPath, type SegmentedStream } from '../../support/analysis/segments.js';

const FRAMES = 50;
const clip = { frames: FRAMES, fps: 25, widthPx: 640, heightPx: 360, gop: 25, bframes: 2, audio: true } as const;
const { analyzers } = FakePluginRegistry.of([{ plugin: barcode }]);
const keyframesOnly = FakePluginRegistry.of([{ plugin: barcode, config: { sampling: 'keyframes' } }]).analyzers;
const PACKET = 188;

/** Flips bits in the payload of every `every`-th packet past the tables; the packets themselves stay in order. */
function flipBits(bytes: Buffer, every: number): Buffer {
  const flipped = Buffer.from(bytes);
  for (let packet = 10; packet * PACKET < bytes.length; packet += every) flipped[packet * PACKET + 100]! ^= 0x55;
  return flipped;
}

const cutPackets = (bytes: Buffer, from: number, to: number): Buffer => {
  const packets = Math.floor(bytes.length / PACKET);
  return Buffer.concat([bytes.subarray(0, Math.floor(packets * from) * PACKET), bytes.subarray(Math.floor(packets * to) * PACKET)]);
};

describe('a segment that is damaged', () => {
  let bench: SegmentBench;
  let pool: ForkedHostPool;

  beforeAll(async () => {
    bench = await SegmentBench.create();
    await makeBarcodeClip(bench.path('clip.ts'), clip);
    pool = bench.pool();
  });
  afterAll(() => bench.close());

  const whole = (): Promise<SegmentedStream> => segmentClip(bench.path('clip.ts'), bench.folder);
  const damaged = async (change: (bytes: Buffer) => Buffer): Promise<SegmentedStream> => {
    const stream = await whole();
    await damageSegment(stream, 0, change);
    return stream;
  };
  const analyse = async (job: AnalysisJob): Promise<TaskOutcome> => (await pool.execute(job, never)).tasks[0]!;
  const indices = (task: TaskOutcome): number[] => ('results' in task ? (task.results as MetricResult[]).map(({ value }) => value) : []);

  it.each([
    ['a hole in the middle', (bytes: Buffer) => cutPackets(bytes, 0.4, 0.6)],
    ['its second half missing', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
    ['its end cut off within a packet', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1000)],
    ['a stretch of zeros', (bytes: Buffer) => Buffer.from(bytes).fill(0, bytes.length >> 1, (bytes.length >> 1) + 20 * PACKET)],
  ])('is partial with %s: what is there is analysed, what is missing is counted', async (_, change) => {
    const task = await analyse(jobFor(await damaged(change), 0, analyzers));
    if (task.status !== 'partial') throw new Error(JSON.stringify(task).slice(0, 300));
    expect(task.framesExpected).toBe(FRAMES);
    expect(task.framesSeen).toBeLessThanOrEqual(FRAMES);
    expect(task.reason).toMatch(/missing|damaged|breaks/);
    const seen = indices(task);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
    // Whatever number is read belongs to the pts it is reported at.
    const origin = jobFor(await whole(), 0, analyzers).segment.ptsStartUs;
    for (const { value, ptsUs } of task.results as MetricResult[]) expect(ptsUs - origin).toBe(value * 40_000);
  });

  it('is never done with fewer frames than it was registered with', async () => {
    for (const share of [0.3, 0.5, 0.7, 0.9, 0.99]) {
      const task = await analyse(jobFor(await damaged((bytes) => bytes.subarray(0, Math.floor(bytes.length * share))), 0, analyzers));
      expect(task.status, `${share} of the file`).toBe('partial');
    }
  });

  it('with flipped bits is done only if every frame came through, and says so otherwise', async () => {
    for (const every of [3, 10, 40, 200]) {
      const task = await analyse(jobFor(await damaged((bytes) => flipBits(bytes, every)), 0, analyzers));
      if (task.status === 'done') expect(task.framesSeen).toBe(task.framesExpected);
      else if (task.status === 'partial') expect(task.reason).toBeTruthy();
      else expect(task).toMatchObject({ status: 'failed', code: 'VD_MEDIA_UNREADABLE' });
    }
  });

  it('without its leading keyframe gives the frames from the next one on', async () => {
    const task = await analyse(
      jobFor(
        await damaged((bytes) => {
          const first = demuxSegment(bytes).video!.units[0]!.sizeBytes;
          return cutPackets(bytes, 0.0001, (first + 20 * PACKET) / bytes.length);
        }),
        0,
        analyzers,
      ),
    );
    // Without the tables at its head the rest may not be readable at all; with them repeated later it is.
    if (task.status === 'failed') expect(task.code).toBe('VD_MEDIA_UNREADABLE');
    else {
      expect(task.status).toBe('partial');
      expect(indices(task).length).toBeLessThan(FRAMES);
    }
  });

  it.each([
    ['no bytes', () => Buffer.alloc(0)],
    ['zeros', (bytes: Buffer) => Buffer.alloc(bytes.length)],
    ['noise', (bytes: Buffer) => randomBytes(bytes.length)],
    [
      'noise that looks like transport packets',
      (bytes: Buffer) => {
        const noise = randomBytes(bytes.length);
        for (let at = 0; at < noise.length; at += PACKET) noise[at] = 0x47;
        return noise;
      },
    ],
    ['a playlist that names a local file', () => Buffer.from('#EXTM3U\n#EXTINF:2,\nfile:///etc/passwd\n')],
    [
      'pictures that are noise',
      (bytes: Buffer) => {
        const noise = Buffer.from(bytes);
        for (let at = 4 * PACKET; at < noise.length; at += PACKET) randomBytes(150).copy(noise, at + 30);
        return noise;
      },
    ],
  ])('that is %s is failed as unreadable, for good', async (_, change) => {
    const task = await analyse(jobFor(await damaged(change), 0, analyzers));
    expect(task).toMatchObject({ status: 'failed', code: 'VD_MEDIA_UNREADABLE', retryable: false });
  });

  it('that has gone may come back', async () => {
    const stream = await whole();
    await rm(join(bench.folder, segmentPath(stream, 0)));
    expect(await analyse(jobFor(stream, 0, analyzers))).toMatchObject({
      status: 'failed',
      code: 'VD_ANALYSIS_READ_FAILED',
      retryable: true,
    });
  });

  it('without a picture is skipped', async () => {
    const stream = await whole();
    const job = jobFor(stream, 0, analyzers);
    const soundOnly = { ...job, segment: { ...job.segment, frameCount: 0, keyframeCount: 0 } };
    await damageSegment(stream, 0, withoutVideo);
    expect(await analyse(soundOnly)).toMatchObject({ status: 'skipped', reason: expect.stringContaining('no_video') });
  });

  it('without a keyframe is skipped by those who want keyframes only', async () => {
    const pool = bench.pool({ config: { barcode: { sampling: 'keyframes' } } });
    const stream = await whole();
    const job = jobFor(stream, 0, keyframesOnly);
    await damageSegment(stream, 0, withoutKeyframes);
    const [task] = (await pool.execute({ ...job, segment: { ...job.segment, keyframeCount: 0 } }, never)).tasks;
    expect(task).toMatchObject({ status: 'skipped', reason: expect.stringContaining('no_keyframe') });
    await pool.close();
  });

  it('does no harm to the ones after it', async () => {
    const broken = await damaged((bytes) => flipBits(bytes, 3));
    const sound = await whole();
    for (let round = 0; round < 5; round++) {
      await analyse(jobFor(broken, 0, analyzers));
      const task = await answered(pool, jobFor(sound, 0, analyzers));
      expect(task.status).toBe('done');
      expect(indices(task)).toEqual(Array.from({ length: FRAMES }, (_, i) => i));
    }
  });

  it('neither brings the host down nor makes it outgrow its limit', async () => {
    const streams = await Promise.all([3, 7, 20].map((every) => damaged((bytes) => flipBits(bytes, every))));
    const pids = pool.pids;
    for (let round = 0; round < 30; round++) for (const stream of streams) await analyse(jobFor(stream, 0, analyzers));
    expect(pool.pids).toEqual(pids);
  });
});

/** Turns the video's packets into stuffing; the tables still announce it. */
function withoutVideo(bytes: Buffer): Buffer {
  const silent = Buffer.from(bytes);
  for (let at = 0; at < silent.length; at += PACKET) {
    if ((silent.readUInt16BE(at + 1) & 0x1fff) === 0x100) silent.writeUInt16BE(0x1fff, at + 1);
  }
  return silent;
}

/** Calls every IDR slice an ordinary one, and takes back the random access marks. */
function withoutKeyframes(bytes: Buffer): Buffer {
  const plain = Buffer.from(bytes);
  for (let at = 0; at < plain.length; at += PACKET) {
    const packet = plain.subarray(at, at + PACKET);
    if ((packet[3]! & 0x20) !== 0 && packet[4]! > 0) packet[5]! &= ~0x40;
    for (let code = packet.indexOf('\0\0\x01'); code !== -1; code = packet.indexOf('\0\0\x01', code + 1)) {
      if ((packet[code + 3]! & 0x1f) === 5) packet[code + 3] = (packet[code + 3]! & 0xe0) | 1;
    }
  }
  return plain;
}
