import { describe, expect, it } from 'vitest';
import { chunks, type ClientMessage } from '../testing/rtmp-client.js';
import { ChunkReader, type ChunkSink } from './chunk-reader.js';

interface Got {
  readonly type: number;
  readonly timestampMs: number;
  readonly payload: string;
}

/** A reader that keeps copies of what it put together. */
function bench(kept: (lengthBytes: number) => number = (lengthBytes) => lengthBytes) {
  const got: Got[] = [];
  const sink: ChunkSink = {
    keptBytes: (_type, lengthBytes) => kept(lengthBytes),
    budgetBytes: () => 100_000,
    message: ({ type, timestampMs, payload }) => got.push({ type, timestampMs, payload: payload.toString('hex') }),
  };
  return { reader: new ChunkReader(sink), got };
}

/** The same chunks by an encoder that leaves the extended timestamp out of its type 3 chunks. */
function chunksWithoutRepeat(message: ClientMessage, chunkSizeBytes: number): Buffer {
  const whole = chunks(message, chunkSizeBytes);
  const timestamp = whole.subarray(12, 16);
  const parts: Buffer[] = [whole.subarray(0, 16)];
  for (let at = 0; at < message.payload.length; at += chunkSizeBytes) {
    if (at > 0) parts.push(Buffer.from([0xc0 | (message.chunkStreamId ?? 3)]));
    parts.push(message.payload.subarray(at, at + chunkSizeBytes));
  }
  expect(timestamp.readUInt32BE()).toBe(message.timestampMs);
  return Buffer.concat(parts);
}

const HOURS_5 = 5 * 3_600_000;
const payloadOf = (lengthBytes: number, fill: (i: number) => number): Buffer =>
  Buffer.from(Array.from({ length: lengthBytes }, (_, i) => fill(i) & 0xff));
const timestampBytes = (timestampMs: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(timestampMs);
  return bytes;
};

describe(ChunkReader.name, () => {
  const payloads: [string, Buffer][] = [
    ['of many chunks', payloadOf(1000, (i) => i * 7)],
    ['of one chunk', payloadOf(64, (i) => i)],
    ...[1, 2, 3, 4, 5].map((over): [string, Buffer] => [`whose last chunk has ${over} bytes`, payloadOf(128 + over, (i) => i)]),
    ['whose last chunk begins as the timestamp does', Buffer.concat([payloadOf(128, () => 9), timestampBytes(HOURS_5).subarray(0, 2)])],
    [
      'that holds part of the timestamp',
      Buffer.concat([payloadOf(128, () => 9), timestampBytes(HOURS_5).subarray(0, 3), payloadOf(200, () => 1)]),
    ],
  ];
  for (const [kind, encode] of [
    ['with a repeated extended timestamp', chunks],
    ['without', chunksWithoutRepeat],
  ] as const) {
    it.each(payloads)(`reads messages %s past 4 h 40 min, ${kind}, however the bytes come`, (_name, payload) => {
      const messages = [HOURS_5, HOURS_5 + 40, 2 ** 32 - 1].map((timestampMs) => ({
        type: 9,
        payload,
        timestampMs,
        streamId: 1,
        chunkStreamId: 6,
      }));
      const sent = Buffer.concat([
        ...messages.map((message) => encode(message, 128)),
        chunks({ type: 8, payload: Buffer.from([1]), chunkStreamId: 4 }),
      ]);
      for (const sizeBytes of [1, 3, 130, sent.length]) {
        const { reader, got } = bench();
        for (let at = 0; at < sent.length; at += sizeBytes) reader.read(sent.subarray(at, at + sizeBytes));
        const expected = messages.map(({ type, timestampMs }) => ({ type, timestampMs, payload: payload.toString('hex') }));
        expect(got).toEqual([...expected, { type: 8, timestampMs: 0, payload: '01' }]);
      }
    });
  }

  it('counts deltas, repeats the last one for a chunk of type 3, and wraps', () => {
    const { reader, got } = bench();
    const first = chunks({ type: 8, payload: Buffer.from([1]), timestampMs: 2 ** 32 - 30, chunkStreamId: 4 });
    reader.read(
      Buffer.concat([first, Buffer.from([0x84, 0, 0, 20, 2]), Buffer.from([0xc4, 3]), Buffer.from([0x44, 0, 0, 5, 0, 0, 1, 9, 4])]),
    );
    expect(got.map(({ type, timestampMs }) => [type, timestampMs])).toEqual([
      [8, 2 ** 32 - 30],
      [8, 2 ** 32 - 10],
      [8, 10],
      [9, 15],
    ]);
  });

  it('gives no memory to what is not kept, and reads on after it', () => {
    const { reader, got } = bench((lengthBytes) => Math.min(lengthBytes, 10));
    reader.read(chunks({ type: 18, payload: payloadOf(200_000, (i) => i), chunkStreamId: 5 }));
    reader.read(chunks({ type: 8, payload: Buffer.from([7]), chunkStreamId: 4 }));
    expect(got.map(({ payload }) => payload)).toEqual(['00010203040506070809', '07']);
  });

  it('ends an empty message at once', () => {
    const { reader, got } = bench();
    reader.read(chunks({ type: 18, payload: Buffer.alloc(0) }));
    expect(got).toEqual([{ type: 18, timestampMs: 0, payload: '' }]);
  });
});
