import { describe, expect, it } from 'vitest';
import type { PlaylistEpoch } from '../../persistence/read/playlist-media.js';
import { RangeClock } from './range-clock.js';

/** Segments of 2 s from a pts on; a jump of the pts lies before those that are named. */
function epoch(epochId: string, ptsUs: number, count: number, jumpBefore: readonly number[] = []): PlaylistEpoch {
  let next = ptsUs;
  const segments = Array.from({ length: count }, (_, sequence) => {
    if (jumpBefore.includes(sequence)) next += 10_000_000;
    next += 2_000_000;
    return { sequence, ptsStartUs: next - 2_000_000, durationUs: 2_000_000, gap: false, independent: true };
  });
  return {
    ...{ epochId, open: false, startedAtMs: 0, ptsOriginUs: 0, firstMediaSequence: 0, discontinuity: 0, isCut: false },
    ...{ isFragmented: false, segments },
  };
}

describe(RangeClock.name, () => {
  const clock = new RangeClock([epoch('first', 1_000_000, 3), epoch('second', 500, 2), epoch('torn', 0, 2, [1])]);

  it('counts on from epoch to epoch', () => {
    expect(clock.offsetUs('first', 3_500_000)).toBe(2_500_000);
    expect(clock.offsetUs('second', 500)).toBe(6_000_000);
    expect(clock.endUs('second')).toBe(10_000_000);
    expect(clock.lengthUs).toBe(14_000_000);
  });

  it('puts at the ends of its epoch what lies beyond', () => {
    expect([clock.offsetUs('second', -1), clock.offsetUs('second', 99_000_000)]).toEqual([6_000_000, 10_000_000]);
    expect(clock.offsetUs('unknown', 0)).toBeUndefined();
  });

  it('has no time for what no segment has', () => {
    expect([clock.offsetUs('torn', 1_000_000), clock.offsetUs('torn', 7_000_000), clock.offsetUs('torn', 12_500_000)]).toEqual([
      11_000_000, 12_000_000, 12_500_000,
    ]);
  });
});
