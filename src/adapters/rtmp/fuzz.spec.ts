import { Duplex } from 'node:stream';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Admission } from 'vedette/plugin';
import { rtmpConfigSchema } from './config.js';
import { Publishers } from './publishers.js';
import { ReadPace } from './read-pace.js';
import { RtmpSession } from './rtmp-session.js';
import { FakePublishGate, type CapturedEpoch } from './testing/fake-publish-gate.js';
import { KeptLog } from './testing/listener-harness.js';
import { aacFrame, aacHeader, avcHeader, interFrame, keyframe } from './testing/media-messages.js';
import { amf0, chunks, command, type ClientMessage } from './testing/rtmp-client.js';
import { TroubleLog } from './trouble-log.js';

const SESSIONS_PER_SEED = 650;

/** A socket without a network: what the session would read is emitted, what it writes is dropped. */
class MemorySocket extends Duplex {
  override _read(): void {}
  override _write(_chunk: unknown, _encoding: unknown, done: () => void): void {
    done();
  }
  setNoDelay(): this {
    return this;
  }
}

/** mulberry32: a failure can be run again by its seed. */
class Random {
  constructor(private state: number) {}
  unit(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
  chance(share: number): boolean {
    return this.unit() < share;
  }
}

const EDGE_VALUES = [0, 1, 2, 4, 127, 128, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
const TYPES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 15, 16, 17, 18, 19, 20, 22, 255];

const script = (): ClientMessage[] => [
  { type: 20, payload: command('connect', 1, { app: 'live', tcUrl: 'rtmp://x/live' }) },
  { type: 20, payload: command('releaseStream', 2, null, 'key') },
  { type: 20, payload: command('createStream', 3, null) },
  { type: 20, payload: command('publish', 4, null, 'key', 'live'), streamId: 1 },
  {
    type: 18,
    payload: Buffer.concat([amf0('@setDataFrame'), amf0('onMetaData'), amf0({ width: 16, audiocodecid: 10 })]),
    streamId: 1,
    chunkStreamId: 5,
  },
  { type: 8, payload: aacHeader(), streamId: 1, chunkStreamId: 4 },
  { type: 9, payload: avcHeader(), streamId: 1, chunkStreamId: 6 },
  ...Array.from({ length: 24 }, (_, i): ClientMessage => {
    const timestampMs = i * 20;
    if (i % 2 === 1) return { type: 8, payload: aacFrame(i), streamId: 1, chunkStreamId: 4, timestampMs };
    return { type: 9, payload: i % 8 === 0 ? keyframe(i) : interFrame(i), streamId: 1, chunkStreamId: 6, timestampMs };
  }),
];

function mutatedPayload(random: Random, payload: Buffer): Buffer {
  const out = Buffer.from(payload);
  switch (random.below(6)) {
    case 0:
      return out.subarray(0, random.below(out.length + 1));
    case 1:
      return Buffer.concat([out, Buffer.alloc(random.below(2000), random.below(256))]);
    case 2: {
      const at = random.below(out.length);
      const inserted = Buffer.from(random.pick([[3, 0, 1, 0x61], [10, 255, 255, 255, 255], [2, 255, 255], [0x11], [8, 0, 0, 0, 1]]));
      return Buffer.concat([
        out.subarray(0, at),
        ...Array.from({ length: random.pick([1, 3, 50, 900]) }, () => inserted),
        out.subarray(at),
      ]);
    }
    case 3: {
      const value = Buffer.alloc(4);
      value.writeUInt32BE(random.pick(EDGE_VALUES));
      return value;
    }
    default:
      for (let i = 0; i <= random.below(4) && out.length > 0; i++) out[random.below(out.length)] = random.below(256);
      return out;
  }
}

/** One message, most often as it should be, else broken in its payload, its header or its chunking. */
function encoded(random: Random, message: ClientMessage, mutate: boolean): Buffer {
  if (!mutate) return chunks(message);
  const changed = { ...message };
  if (random.chance(0.5)) changed.payload = mutatedPayload(random, message.payload);
  if (random.chance(0.2)) changed.type = random.pick(TYPES);
  if (random.chance(0.2)) changed.timestampMs = random.pick([...EDGE_VALUES, 0xfffffe, 0xffffff, 0x1000000]);
  if (random.chance(0.1)) changed.chunkStreamId = 2 + random.below(62);
  const bytes = chunks(changed, random.pick([128, 128, 128, 1, 4096]));
  if (random.chance(0.2)) bytes[0] = random.below(256);
  if (random.chance(0.2)) bytes[random.below(Math.min(12, bytes.length))] = random.below(256);
  return random.chance(0.1) ? bytes.subarray(0, random.below(bytes.length)) : bytes;
}

function messages(random: Random): Buffer[] {
  const out: Buffer[] = [];
  // Some sessions break early, some far into the publish.
  const from = random.below(32);
  script().forEach((message, index) => {
    out.push(encoded(random, message, index >= from && random.chance(0.4)));
    if (index < from || !random.chance(0.1)) return;
    const control = Buffer.alloc(4);
    control.writeUInt32BE(random.pick(EDGE_VALUES));
    out.push(chunks({ type: 1 + random.below(6), payload: control, chunkStreamId: 2 }));
  });
  return out;
}

async function runSeed(seed: number) {
  const random = new Random(seed);
  const trouble = new TroubleLog(new KeptLog());
  const config = rtmpConfigSchema.parse({});
  const admission = new Admission({ strangersPerNetwork: SESSIONS_PER_SEED, strangers: SESSIONS_PER_SEED, known: SESSIONS_PER_SEED });
  let sent = 0;
  let opened = 0;
  for (let session = 0; session < SESSIONS_PER_SEED; session++) {
    const gate = new FakePublishGate();
    const stream = gate.stream('key');
    const socket = new MemorySocket();
    const rtmp = new RtmpSession(socket as unknown as Socket, '127.0.0.1', {
      config,
      gate,
      publishers: new Publishers(),
      trouble,
      logger: new KeptLog(),
      pace: new ReadPace(),
      visit: admission.enter('127.0.0.1', () => undefined),
    });
    const handshake = Buffer.alloc(1 + 2 * 1536, 7);
    handshake[0] = 3;
    socket.emit('data', handshake);
    for (const bytes of messages(random)) {
      sent += 1;
      const cut = random.chance(0.3) ? random.below(bytes.length + 1) : bytes.length;
      socket.emit('data', bytes.subarray(0, cut));
      socket.emit('data', bytes.subarray(cut));
      if (socket.isPaused()) await new Promise(setImmediate);
    }
    await rtmp.stop('input over');
    socket.destroy();
    for (const epoch of stream.epochs) {
      opened += 1;
      expect(epoch.endedBecause).toBeDefined();
      expectWellFormed(epoch, `seed ${seed}, session ${session}`);
    }
  }
  return { sent, opened, totals: trouble.totals() };
}

/** Whatever came in, what goes to the packager are tracks that never run backwards, the first of which begins at 0 with a keyframe. */
function expectWellFormed({ input, frames, losses }: CapturedEpoch, where: string): void {
  const lastUs = new Map<string, number>();
  for (const { track, dtsUs, ptsUs } of frames) {
    expect(Number.isSafeInteger(dtsUs) && Number.isSafeInteger(ptsUs), where).toBe(true);
    expect(dtsUs, where).toBeGreaterThanOrEqual(lastUs.get(track) ?? 0);
    lastUs.set(track, dtsUs);
  }
  const first = frames.find(({ track }) => track === (input.video === undefined ? 'audio' : 'video'));
  expect(first?.keyframe, where).toBe(true);
  expect(Math.min(...frames.map(({ dtsUs }) => dtsUs)), where).toBe(0);
  expect(first!.dtsUs, where).toBeLessThanOrEqual(250_000);
  for (const { track } of frames) expect(input[track], where).toBeDefined();
  for (const { videoFrames, audioFrames } of losses) expect(videoFrames + audioFrames, where).toBeGreaterThan(0);
}

describe('mutated RTMP', () => {
  it.each([1, 20_261, 77_777])('ends a connection by a rule of ours, never by an accident (seed %i)', async (seed) => {
    const { sent, opened, totals } = await runSeed(seed);
    expect(sent).toBeGreaterThan(20_000);
    expect(opened).toBeGreaterThan(100);
    expect(totals['internal-error']).toBeUndefined();
    expect(totals['internal']).toBeUndefined();
    expect(Object.keys(totals).sort()).toEqual(expect.arrayContaining(['limit', 'protocol', 'unsupported-media']));
  });
});
