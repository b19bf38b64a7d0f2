import { describe, expect, it } from 'vitest';
import { forecast, growthPerDay } from './forecast.js';

const DAY_MS = 86_400_000;
const facts = { usedBytes: 40, maxBytes: null, freeBytes: 70, floorBytes: 10, bytesPerDay: 5, maxAgeMs: null };

describe('forecast', () => {
  it('counts until the limit is reached, or the floor of the disk', () => {
    expect(forecast(facts)).toEqual({ bytesPerDay: 5, capacityBytes: 100, fullInDays: 12, keepsDays: 20 });
    expect(forecast({ ...facts, maxBytes: 60 })).toMatchObject({ capacityBytes: 60, fullInDays: 4, keepsDays: 12 });
    expect(forecast({ ...facts, maxBytes: 30 })).toMatchObject({ fullInDays: 0, keepsDays: 6 });
  });

  it('knows of no end where what is too old goes before', () => {
    expect(forecast({ ...facts, maxAgeMs: 3 * DAY_MS })).toMatchObject({ fullInDays: null, keepsDays: 3 });
    expect(forecast({ ...facts, maxAgeMs: 30 * DAY_MS })).toMatchObject({ fullInDays: 12, keepsDays: 20 });
  });

  it('does not guess', () => {
    expect(forecast({ ...facts, bytesPerDay: null })).toMatchObject({ capacityBytes: 100, fullInDays: null, keepsDays: null });
    expect(forecast({ ...facts, freeBytes: null })).toMatchObject({ capacityBytes: null, fullInDays: null });
    expect(forecast({ ...facts, bytesPerDay: 0, maxAgeMs: DAY_MS })).toMatchObject({ fullInDays: null, keepsDays: 1 });
  });
});

describe('growthPerDay', () => {
  it('adds what was deleted meanwhile', () => {
    const samples = [
      { atMs: 0, usedBytes: 100 },
      { atMs: 2 * DAY_MS, usedBytes: 80 },
    ];
    expect(growthPerDay(samples, 120)).toBe(50);
    expect(growthPerDay(samples, 0)).toBe(0);
    expect(growthPerDay([samples[0]!, { atMs: 1_000, usedBytes: 200 }], 0)).toBeNull();
    expect(growthPerDay([], 0)).toBeNull();
  });
});
