import { describe, expect, it } from 'vitest';
import { slice } from '../../../test/support/media/transport-stream.js';
import { AccessUnit, type SegmentVideo } from './segment/index.js';
import { dependsOnBefore, leadOf } from './segment-lead.js';

const STEP = 3600;
const NAL = { K: 0x65, G: 0x41, p: 0x41, b: 0x01, x: 0x41 } as const;

/**
 * `K` keyframe, `G` one that begins a refresh of 3 pictures, `p` and `x` pictures that others build on, `b` one that none does; `x`
 * lacks packets.
 */
function units(kinds: string, shown = [...kinds].map((_, i) => i), from = 0): AccessUnit[] {
  return [...kinds].map((kind, i) => {
    const data = slice(NAL[kind as keyof typeof NAL], 8);
    const ticks = (from + shown[i]! * STEP) % 2 ** 33;
    return new AccessUnit(data, [0, data.length], ticks, ticks, 'KG'.includes(kind), kind === 'x', kind === 'G' ? 3 : 0);
  });
}
const video = (list: readonly AccessUnit[], codec: SegmentVideo['codec'] = 'h264'): SegmentVideo => ({ codec, units: list });
const marks = (list: readonly boolean[]): string => list.map((one) => (one ? '-' : '+')).join('');

describe(dependsOnBefore, () => {
  it.each([
    ['a closed GOP', 'Kppppp', undefined, '++++++'],
    ['pictures before any keyframe', 'ppKppp', undefined, '--++++'],
    ['intra refresh until it is through', 'Gppppp', undefined, '---+++'],
    ['intra refresh that begins twice', 'GpGpppp', undefined, '---++++'],
    ['a keyframe that comes before the refresh is through', 'GpKppp', undefined, '--++++'],
    ['an open GOP', 'Kbbpbb', [2, 0, 1, 5, 3, 4], '+--+++'],
    ['an open GOP after the first', 'KpKbbp', [0, 1, 4, 2, 3, 5], '++++++'],
    ['nothing', '', undefined, ''],
  ])('tells of %s', (_, kinds, shown, expected) => {
    expect(marks(dependsOnBefore(units(kinds, shown)))).toBe(expected);
  });
});

describe(leadOf, () => {
  const after = (count: number): SegmentVideo => video(units('Gppppp', undefined, count * STEP));
  const taken = (before: readonly AccessUnit[], here: SegmentVideo): number[] =>
    leadOf(video(before), here).map((unit) => before.indexOf(unit));

  it('begins at the last keyframe from which all is whole by the end', () => {
    expect(taken(units('KppGpppp'), after(8))).toEqual([3, 4, 5, 6, 7]);
    expect(taken(units('KpppppGp'), after(8))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(taken(units('pppppp'), after(6))).toEqual([]);
  });

  it('leaves out what nothing builds on', () => {
    expect(taken(units('KbpbpK'), after(6))).toEqual([5]);
    expect(taken(units('Kbpbp'), after(5))).toEqual([0, 2, 4]);
  });

  it('is nothing where the segment before is damaged from there on, does not reach up to this one, or is of another codec', () => {
    expect(taken(units('Kpxpp'), after(5))).toEqual([]);
    expect(taken(units('xpKpp'), after(5))).toEqual([2, 3, 4]);
    expect(taken(units('Kpppp'), after(20))).toEqual([]);
    expect(leadOf(video(units('Kpppp'), 'hevc'), after(5))).toEqual([]);
    expect(leadOf(video([]), after(0))).toEqual([]);
  });

  it('is not misled by a clock that wraps', () => {
    const from = 2 ** 33 - 2 * STEP;
    const before = units('Kpppp', undefined, from);
    expect(leadOf(video(before), video(units('Gppp', undefined, from + 5 * STEP)))).toHaveLength(5);
  });
});
