import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../plugin-api/index.js';
import { timelineStepMs } from './timeline-step.js';

describe(timelineStepMs.name, () => {
  it.each([
    [HOUR_MS, MINUTE_MS],
    [DAY_MS, 10 * MINUTE_MS],
    [7 * DAY_MS, HOUR_MS],
    [30 * DAY_MS, 3 * HOUR_MS],
    [366 * DAY_MS, DAY_MS],
  ])('takes what makes a chart of %d ms', (range, step) => expect(timelineStepMs(range, undefined)).toBe(step));

  it.each([
    [2_000_000, 1_000],
    [2 * HOUR_MS, 7_000],
    [DAY_MS, MINUTE_MS],
    [2 * DAY_MS, 7 * MINUTE_MS],
    [13 * DAY_MS, 10 * MINUTE_MS],
    [30 * DAY_MS, HOUR_MS],
    [366 * DAY_MS, 5 * HOUR_MS],
  ])('serves %d ms by %d ms', (range, step) => expect(timelineStepMs(range, step)).toBe(step));

  it.each([
    [2_001_000, 1_000, 'A range of 2001s takes steps of 2s or more, not 1s.'],
    [3 * HOUR_MS, 30_000, 'A range of 3h takes steps of 1m or more, not 30s.'],
    [2 * DAY_MS, MINUTE_MS, 'A range of 2d takes steps of 2m or more, not 1m.'],
    [3 * DAY_MS, 15 * MINUTE_MS, 'A range of 3d takes steps of 10m or more, not 15m.'],
    [30 * DAY_MS, 30 * MINUTE_MS, 'A range of 30d takes steps of 1h or more, not 30m.'],
    [366 * DAY_MS, HOUR_MS, 'A range of 366d takes steps of 6h or more, not 1h.'],
  ])('names the smallest step for %d ms instead of %d ms', (range, step, message) => {
    expect(() => timelineStepMs(range, step)).toThrow(expect.objectContaining({ code: 'VD_API_STEP_TOO_SMALL', message }));
    const named = / of (\d+)([smh]) or more/.exec(message)!;
    const smallest = Number(named[1]) * { s: 1_000, m: MINUTE_MS, h: HOUR_MS }[named[2] as 's' | 'm' | 'h'];
    expect(timelineStepMs(range, smallest)).toBe(smallest);
  });

  it.each([0, 1, 999, 1_500, 90_000, DAY_MS + MINUTE_MS, Infinity, NaN])('refuses steps of %d ms', (step) =>
    expect(() => timelineStepMs(HOUR_MS, step)).toThrow(expect.objectContaining({ code: 'VD_API_INVALID' })),
  );
});
