import { describe, expect, it } from 'vitest';
import type { ResultDay } from '../persistence/retention/result-days.js';
import { planDays, type DayFacts } from './day-plan.js';

const DAY_MS = 86_400_000;
const NOW = 1_000.5 * DAY_MS;
const day = (ago: number, over: Partial<ResultDay> = {}): ResultDay => ({
  ...{ day: `-${ago}`, endMs: (1_001 - ago) * DAY_MS, bytes: 100, isHeld: false, tables: [] },
  ...over,
});
const plan = (over: Partial<DayFacts>): string[] =>
  planDays({
    ...{ nowMs: NOW, maxAgeMs: null, maxBytes: null, databaseBytes: 1_000, shortBytes: 0 },
    days: [10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0, -1].map((ago) => day(ago)),
    ...over,
  }).map((one) => `${one.day.day} ${one.why}`);

describe('planDays', () => {
  it('takes days that are too old as a whole', () => {
    expect(plan({})).toEqual([]);
    expect(plan({ maxAgeMs: 7.6 * DAY_MS })).toEqual(['-10 age', '-9 age']);
  });

  it('takes as many as it takes to get below the limit, or to make room, the oldest first', () => {
    expect(plan({ maxBytes: 750 })).toEqual(['-10 size', '-9 size', '-8 size']);
    expect(plan({ shortBytes: 150 })).toEqual(['-10 disk', '-9 disk']);
    expect(plan({ maxAgeMs: 8.6 * DAY_MS, maxBytes: 800, shortBytes: 250 })).toEqual(['-10 age', '-9 size', '-8 disk']);
  });

  it('leaves today and the two days before it, and what is held', () => {
    expect(plan({ maxAgeMs: 0, maxBytes: 0, shortBytes: 1e9 })).toEqual(
      ['-10', '-9', '-8', '-7', '-6', '-5', '-4', '-3'].map((one) => `${one} age`),
    );
    expect(plan({ days: [day(9, { isHeld: true }), day(8)], maxBytes: 0 })).toEqual(['-8 size']);
  });
});
