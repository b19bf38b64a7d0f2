import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import type { TaskOutcome } from '../../../src/core/plugin-api/index.js';
import barcode from '../../fixtures/barcode-plugin.js';
import { answered, never, resultOf, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { damageSegment, jobFor, segmentClip, type SegmentedStream } from '../../support/analysis/segments.js';
import { soundCopy } from '../../support/analysis/sound-copy-plugin.js';
import { blocksIn } from '../../support/analysis/sound.js';
import { ffmpeg, makeClip } from '../../support/media/ffmpeg.js';

const [copy, resampled] = FakePluginRegistry.of([{ plugin: soundCopy }]).analyzers;
const [both] = FakePluginRegistry.of([{ plugin: soundCopy, config: { pictures: true } }]).analyzers;
const [reader] = FakePluginRegistry.of([{ plugin: barcode }]).analyzers;
const PACKET = 188;
const AUDIO_PID = 0x101;

/** Numbers that look random and are the same in every run. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed >>> 0; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    yield state / 2 ** 32;
  }
}

function* packetsOf(bytes: Buffer, pid: number): Generator<Buffer> {
  for (let at = 0; at + PACKET <= bytes.length; at += PACKET) {
    if ((bytes.readUInt16BE(at + 1) & 0x1fff) === pid) yield bytes.subarray(at, at + PACKET);
  }
}

/** Turns the sound's packets into stuffing; the tables still announce it. */
function withoutSound(bytes: Buffer): Buffer {
  for (const packet of packetsOf(bytes, AUDIO_PID)) packet.writeUInt16BE(0x1fff, 1);
  return bytes;
}

describe('sound that is damaged', () => {
  let bench: SegmentBench;
  let pool: ForkedHostPool;
  let bothPool: ForkedHostPool;
  let stream: SegmentedStream;

  beforeAll(async () => {
    bench = await SegmentBench.create();
    await makeClip(bench.path('clip.ts'), { seconds: 4, size: '64x36' });
    pool = bench.pool();
    bothPool = bench.pool({ config: { 'sound-copy': { pictures: true } } });
  });
  beforeEach(async () => {
    stream = await segmentClip(bench.path('clip.ts'), bench.folder);
  });
  afterAll(() => bench.close());

  const analyse = async (analyzer = copy!, on = pool): Promise<TaskOutcome> =>
    (await on.execute(jobFor(stream, 1, [analyzer]), never)).tasks[0]!;
  const damage = (change: (bytes: Buffer) => Buffer): Promise<void> => damageSegment(stream, 1, change);

  it('has a hole where packets are lost: what is left keeps its time, and is counted', async () => {
    const whole = blocksIn((await answered(pool, jobFor(stream, 1, [copy!]))).results);
    await damage((bytes) => {
      const packets = [...packetsOf(bytes, AUDIO_PID)];
      for (const packet of packets.slice(packets.length >> 1, (packets.length >> 1) + 3)) packet.writeUInt16BE(0x1fff, 1);
      return bytes;
    });
    const task = await answered(pool, jobFor(stream, 1, [copy!]));
    expect(task).toMatchObject({ status: 'partial', reason: expect.stringMatching(/frames of sound missing or damaged, .*breaks/) });
    expect(task.framesSeen).toBeGreaterThan(task.framesExpected / 3);
    const sampleAt = new Map(whole.flatMap((block) => [...block.data].map((value, i) => [timeOf(block, i), value] as const)));
    const blocks = blocksIn(task.results);
    const samples = blocks.reduce((sum, { sampleCount }) => sum + sampleCount, 0);
    expect(samples).toBeLessThan(sampleAt.size * 0.95);
    let [compared, worst] = [0, 0];
    for (const block of blocks) {
      block.data.forEach((value, i) => {
        const same = sampleAt.get(timeOf(block, i));
        if (same === undefined) return;
        compared++;
        worst = Math.max(worst, Math.abs(same - value));
      });
    }
    // Off by a single sample the tone would differ by 0.007; what differs is noise that the decoder makes up.
    expect(worst).toBeLessThan(0.001);
    expect(compared).toBeGreaterThan(samples * 0.4);
  });

  it('is not taken for a stream without any: all of it lost is a failure, none at all is a skip', async () => {
    await damage(withoutSound);
    expect(await analyse()).toMatchObject({ status: 'skipped', reason: 'no_audio: the segment has no sound in AAC' });
    const cut = await segmentClip(bench.path('clip.ts'), bench.folder);
    stream = cut;
    await damage((bytes) => withoutSound(bytes.subarray(0, Math.floor(bytes.length / 2 / PACKET) * PACKET)));
    expect(await analyse()).toMatchObject({ status: 'failed', code: 'VD_MEDIA_UNREADABLE', retryable: false });
  });

  it('and lost does not keep an analyzer of pictures and sound from the pictures', async () => {
    const heardAndSeen = resultOf(await bothPool.execute(jobFor(stream, 1, [both!]), never), 0);
    expect(new Set(heardAndSeen.results.map(({ type }) => type))).toEqual(new Set(['artifact', 'metric']));
    await damage(withoutSound);
    const task = resultOf(await bothPool.execute(jobFor(stream, 1, [both!]), never), 0);
    expect(task).toMatchObject({ status: 'done', framesSeen: 1, framesExpected: 1, results: [{ type: 'metric', name: 'picture' }] });
  });

  it('is skipped in a stream that never had any, while its pictures are analysed', async () => {
    await ffmpeg('-i', bench.path('clip.ts'), '-an', '-c', 'copy', bench.path('mute.ts'));
    stream = await segmentClip(bench.path('mute.ts'), bench.folder);
    const outcome = await pool.execute(jobFor(stream, 1, [copy!, reader!]), never);
    expect(outcome.tasks[0]).toMatchObject({ status: 'skipped', reason: expect.stringContaining('no_audio') });
    expect(outcome.tasks[1]).toMatchObject({ status: 'done' });
  });

  it('of another codec is no sound', async () => {
    await ffmpeg('-i', bench.path('clip.ts'), '-c:v', 'copy', '-c:a', 'mp2', bench.path('mp2.ts'));
    stream = await segmentClip(bench.path('mp2.ts'), bench.folder);
    expect(await analyse()).toMatchObject({ status: 'skipped', reason: expect.stringContaining('no_audio') });
  });

  it('whose packets claim another time is told, and gives no block of that time', async () => {
    await damage((bytes) => {
      for (const packet of packetsOf(bytes, AUDIO_PID)) {
        const start = packet.indexOf(Buffer.from([0, 0, 1, 0xc0]));
        if (start >= 0) packet[start + 9]! ^= 0x04; // bit 31 of the pts: hours away
      }
      return bytes;
    });
    expect(await analyse()).toMatchObject({
      status: 'failed',
      code: 'VD_MEDIA_UNREADABLE',
      message: expect.stringContaining('times that cannot be'),
    });
  });

  it('of whatever kind, 300 times over, never brings the host down, and never gives what is no number', async () => {
    const pids = pool.pids;
    const random = numbers(7);
    const next = (below: number): number => Math.floor(random.next().value * below);
    const states = new Set<string>();
    for (let round = 0; round < 300; round++) {
      await damage((bytes) => {
        const packets = [...packetsOf(bytes, AUDIO_PID)];
        const hits = 1 + next(12);
        for (let hit = 0; hit < hits; hit++) {
          const packet = packets[next(packets.length)]!;
          if (round % 3 === 0) packet[4 + next(PACKET - 4)]! ^= 1 << next(8);
          else if (round % 3 === 1) packet.fill(next(256), 20 + next(100));
          else packet.writeUInt16BE(0x1fff, 1);
        }
        return bytes;
      });
      const { tasks } = await pool.execute(jobFor(stream, 1, [copy!, resampled!]), never);
      for (const task of tasks) {
        states.add(task.status);
        if (!('results' in task)) continue;
        if (task.status === 'done') expect(task.framesSeen).toBe(task.framesExpected);
        for (const { data } of blocksIn(task.results)) expect(data.every(Number.isFinite)).toBe(true);
      }
      if (round % 25 === 24) stream = await segmentClip(bench.path('clip.ts'), bench.folder);
    }
    expect(states).toContain('partial');
    expect(pool.pids).toEqual(pids);
  });
});

const timeOf = ({ ptsUs, sampleRateHz }: { ptsUs: number; sampleRateHz: number }, sample: number): number =>
  Math.round((ptsUs / 1e6) * sampleRateHz) + sample;
