import { describe, expect, it } from 'vitest';
import { slice, transportStream } from '../../../../test/support/media/transport-stream.js';
import { probeSegment, type SegmentFacts } from '../../decode/segment/index.js';
import { segmentFileName } from '../segment-name.js';
import { describeBatch, type SegmentBatch, type WatcherPlace } from './segment-batch.js';
import type { FoundSegment } from './segment-reader.js';

const START: WatcherPlace = { next: 0, last: undefined };
const NONE: ReadonlyMap<number, number> = new Map();

/** A segment whose pictures are shown at these milliseconds, the first one being its keyframe. */
function shownAt(...ms: readonly number[]): SegmentFacts {
  return probeSegment(transportStream(ms.map((at, i) => ({ ptsTicks: at * 90, data: slice(i === 0 ? 0x65 : 0x41) }))));
}
const found = (first: number, ...facts: readonly SegmentFacts[]): FoundSegment[] =>
  facts.map((one, i) => ({ sequence: first + i, name: segmentFileName(first + i), reading: { facts: one } }));
const every = (stepMs: number, count: number, fromMs: number): SegmentFacts =>
  shownAt(...Array.from({ length: count }, (_, i) => fromMs + i * stepMs));

function described(segments: readonly FoundSegment[], before = START, durationUs = NONE): SegmentBatch {
  return describeBatch({ epochId: 'e', folder: 's/e', found: segments, before, durationUs });
}
const endsMs = ({ segments }: SegmentBatch): number[] => segments.map(({ ptsEndUs }) => ptsEndUs / 1000);

describe(describeBatch, () => {
  it.each([
    ['one picture in 2 s', 2000],
    ['one picture in 5 s', 5000],
  ])('has a segment of a single picture last until the next one (%s)', (_, stepMs) => {
    const batch = described(found(0, ...[0, 1, 2].map((i) => shownAt(i * stepMs))));
    expect(endsMs(batch)).toEqual([stepMs, 2 * stepMs, 3 * stepMs]);
    expect(batch.gaps).toEqual([]);
  });

  it('gives a last picture that is alone the length of those before it', () => {
    expect(endsMs(described(found(0, every(100, 20, 0), shownAt(2000))))).toEqual([2000, 2100]);
  });

  it('gives the only picture of an epoch a length', () => {
    expect(endsMs(described(found(0, shownAt(500))))).toEqual([540]);
  });

  it('ends a segment where the next one begins, however its pictures jitter', () => {
    const jittery = shownAt(0, 90, 110, 230, 290, 420);
    expect(jittery.ptsEndUs).not.toBe(500_000);
    const batch = described(found(0, jittery, every(100, 5, 500)));
    expect(endsMs(batch)).toEqual([500, 1000]);
    expect(batch.gaps).toEqual([]);
  });

  it('goes by the length that the packager gives while the next one is being written', () => {
    const listed = new Map([[0, 2_000_000]]);
    expect(endsMs(described(found(0, shownAt(0)), START, listed))).toEqual([2000]);
    expect(endsMs(described(found(0, shownAt(0, 90, 110, 230, 1890)), START, listed))).toEqual([2000]);
  });

  it('moves the end that was reckoned when the next one turns out to begin elsewhere', () => {
    const first = described(found(0, every(100, 20, 0)));
    expect(endsMs(first)).toEqual([2000]);
    expect(described(found(1, every(100, 20, 2080)), first)).toMatchObject({ moved: { sequence: 0, ptsEndUs: 2_080_000 }, gaps: [] });
    expect(described(found(1, every(100, 20, 2000)), first).moved).toBeUndefined();
    expect(described(found(1, every(100, 20, 1850)), first).moved).toBeUndefined();
  });

  it('stretches no segment over a hole', () => {
    const listed = new Map([[0, 14_000_000]]);
    const batch = described(found(0, every(100, 20, 0)), START, listed);
    expect(endsMs(batch)).toEqual([2000]);
    const after = described(found(1, every(100, 20, 14_000)), batch);
    expect(after).toMatchObject({ moved: undefined, gaps: [{ fromPtsUs: 2_000_000, toPtsUs: 14_000_000, reason: 'missing-frames' }] });
  });

  it('finds one hole where the frame rate falls, and none after it', () => {
    const slow = [0, 1, 2].map((i) => shownAt(4000 + 2000 * i));
    const batch = described(found(0, every(100, 20, 0), ...slow));
    expect(batch.gaps).toMatchObject([{ fromPtsUs: 2_000_000, toPtsUs: 4_000_000 }]);
    expect(endsMs(batch)).toEqual([2000, 6000, 8000, 10_000]);
  });

  it('goes on after a restart, of which only the end of the last segment is known', () => {
    const before: WatcherPlace = { next: 5, last: { sequence: 4, ptsEndUs: 10_000_000, sound: true } };
    expect(described(found(5, every(100, 20, 10_050)), before)).toMatchObject({ moved: undefined, gaps: [] });
  });
});
