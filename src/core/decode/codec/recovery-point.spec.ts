import { describe, expect, it } from 'vitest';
import { slice, transportStream } from '../../../../test/support/media/transport-stream.js';
import { demuxSegment } from '../segment/demux-segment.js';
import { probeSegment } from '../segment/probe.js';
import { recoveryFrames } from './recovery-point.js';

const P = 0x41;
const START = [0, 0, 0, 1];
/** SEI messages: type, then payload. */
const sei = (...messages: readonly (readonly number[])[]): Buffer =>
  Buffer.from([...START, 6, ...messages.flatMap(([type, ...payload]) => [type!, payload.length, ...payload]), 0x80]);
/** `recovery_frame_cnt` 0 and 19 as Exp-Golomb codes, then the flags that follow. */
const AT_ONCE = [6, 0b1100_0000];
const AFTER_19 = [6, 0b0000_1010, 0b0100_0000];
const USER_DATA = [5, 1, 2, 3];

describe(recoveryFrames, () => {
  it.each([
    ['an open GOP', sei(AT_ONCE), 0],
    ['intra refresh', sei(AFTER_19), 19],
    ['a recovery point behind other messages', sei(USER_DATA, AFTER_19), 19],
    ['one in the second SEI', Buffer.concat([sei(USER_DATA), sei(AFTER_19)]), 19],
    ['no recovery point', sei(USER_DATA), null],
    ['a message that is cut off', Buffer.from([...START, 6, 6]), null],
    ['a message longer than its SEI', Buffer.from([...START, 6, 5, 255, 255, 1]), null],
    ['no message', Buffer.alloc(0), null],
  ])('reads %s', (_, head, expected) => {
    expect(recoveryFrames(Buffer.concat([head, slice(P)]))).toBe(expected);
  });

  it('looks no further than the first slice', () => {
    expect(recoveryFrames(Buffer.concat([slice(P), sei(AFTER_19)]))).toBeNull();
  });

  it('makes a picture one that a decoder can start at, and a keyframe only if it is whole at once', () => {
    const bytes = (head: Buffer): Buffer =>
      transportStream([
        { ptsTicks: 0, data: Buffer.concat([head, slice(P)]) },
        { ptsTicks: 3600, data: slice(P) },
      ]);
    const units = (head: Buffer) => demuxSegment(bytes(head)).video!.units.map(({ keyframe, wholeAfter }) => [keyframe, wholeAfter]);
    expect(units(sei(AFTER_19))).toEqual([
      [true, 19],
      [false, 0],
    ]);
    expect(units(sei(AT_ONCE))).toEqual([
      [true, 0],
      [false, 0],
    ]);
    expect(probeSegment(bytes(sei(AFTER_19))).keyframePtsUs).toEqual([]);
    expect(probeSegment(bytes(sei(AT_ONCE))).keyframePtsUs).toEqual([0]);
  });
});
