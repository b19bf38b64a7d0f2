import { describe, expect, it } from 'vitest';
import { missingRuns, PIECE_BUCKETS, spanOfPieces, stepFor, stepText } from './timeline-step';
import { ticksOf } from './timeline-ticks';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

describe(stepFor.name, () => {
  /** What the API takes: the finer a step, the shorter the range that one request may ask for. */
  const longestMs = (step: number): number =>
    step % MINUTE ? 2 * HOUR : step % (10 * MINUTE) ? 2 * DAY : step % HOUR ? 14 * DAY : 366 * DAY;

  it('cuts every length into so many buckets at most, in steps that the server takes for all that is asked at once', () => {
    for (const length of [30_000, 5 * MINUTE, 17 * MINUTE, HOUR, 6 * HOUR, DAY, 7 * DAY, 30 * DAY]) {
      for (const most of [20, 90]) {
        const step = stepFor(length, most);
        expect(length / step).toBeLessThanOrEqual(step === DAY ? 31 : most);
        const runs = missingRuns({ fromMs: 1e12, toMs: 1e12 + length }, step, () => true);
        for (const { first, last } of runs) {
          const { fromMs, toMs } = spanOfPieces(first, last, step);
          expect(toMs - fromMs).toBeLessThanOrEqual(longestMs(step));
        }
      }
    }
  });

  it('is written as the API reads it', () => {
    expect([1_000, 30_000, MINUTE, 6 * HOUR].map(stepText)).toEqual(['1s', '30s', '1m', '360m']);
  });
});

describe(missingRuns.name, () => {
  it('joins neighbours into one request', () => {
    const length = 1_000 * PIECE_BUCKETS;
    expect(missingRuns({ fromMs: 0, toMs: 5 * length - 1 }, 1_000, (piece) => piece !== 2)).toEqual([
      { first: 0, last: 1 },
      { first: 3, last: 4 },
    ]);
  });
});

describe(ticksOf.name, () => {
  it('are round times of the viewer’s own clock, with room for their labels', () => {
    const midnight = Date.parse('2026-11-28T00:00:00+01:00');
    const ticks = ticksOf({ fromMs: midnight - 2 * HOUR, toMs: midnight + 2 * HOUR }, 800, 80, HOUR);
    expect(ticks.find(({ kind }) => kind === 'day')?.atMs).toBe(midnight);
    expect(ticks.every(({ atMs }) => (atMs - midnight) % (30 * MINUTE) === 0)).toBe(true);
    expect(ticks.length).toBeLessThanOrEqual(11);
    expect(ticksOf({ fromMs: 0, toMs: 1 }, 0, 80, 0)).toEqual([]);
  });
});
