import { describe, expect, it } from 'vitest';
import { encodeMessage, MessageParser, type FromReader } from './reader-messages.js';

const MESSAGES: readonly FromReader[] = [
  {
    type: 'opened',
    facts: { videoCodec: 'h264', audioCodec: null, widthPx: 320, heightPx: 180, framesPerSecond: 25, isEncoded: false, lookedMs: 5 },
  },
  { type: 'video', codec: 'h264', configuration: Buffer.from([1, 2, 3]) },
  { type: 'audio', codec: 'mp3', configuration: Buffer.alloc(0) },
  { type: 'frame', frame: { track: 'video', dtsUs: -40_000, ptsUs: 2 ** 52, keyframe: true, data: Buffer.alloc(300, 7) } },
  { type: 'frame', frame: { track: 'audio', dtsUs: 0.5, ptsUs: 1, keyframe: false, data: Buffer.alloc(0) } },
  { type: 'lost', reason: 'damaged', track: 'audio' },
  { type: 'notice', text: 'Grüße' },
  { type: 'failed', failure: { kind: 'ended', detail: 'it is over' } },
];
const bytes = Buffer.concat(MESSAGES.map(encodeMessage));

describe(MessageParser.name, () => {
  it.each([1, 2, 7, 64, bytes.length])('reads what was written, in pieces of %i bytes', (size) => {
    const parser = new MessageParser();
    const read: FromReader[] = [];
    for (let at = 0; at < bytes.length; at += size) read.push(...parser.push(bytes.subarray(at, at + size)));
    expect(read).toEqual(MESSAGES);
  });

  it('refuses what no reader writes', () => {
    const parsed = (...head: number[]) => [...new MessageParser().push(Buffer.from(head))];
    expect(() => parsed(0xff, 0xff, 0xff, 0xff, 0)).toThrow(RangeError);
    expect(() => parsed(0, 0, 0, 1, 9, 0)).toThrow(RangeError);
    expect(() => parsed(0, 0, 0, 1, 1, 0)).toThrow(RangeError);
    expect(() => [...new MessageParser().push(encodeMessage({ type: 'notice', text: 'x'.repeat(20_000) }))]).toThrow(RangeError);
  });
});
