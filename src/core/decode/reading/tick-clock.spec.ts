import { describe, expect, it } from 'vitest';
import { TickClock } from './tick-clock.js';

const MPEG_TS = { num: 1, den: 90_000 };

describe(TickClock.name, () => {
  it('counts in microseconds', () => {
    const clock = new TickClock(MPEG_TS, 33);
    expect([90_000n, 93_600n, 91_800n].map((ticks) => clock.us(ticks))).toEqual([1_000_000, 1_040_000, 1_020_000]);
  });

  it('goes on where time stamps wrap, as often as they do', () => {
    const clock = new TickClock(MPEG_TS, 33);
    const range = 2n ** 33n;
    const start = range - 90_000n;
    const first = clock.us(start);
    // Three days in steps of an hour.
    for (let hour = 1n; hour <= 72n; hour++) {
      expect(clock.us((start + hour * 324_000_000n) % range)).toBe(first + Number(hour) * 3_600_000_000);
    }
  });

  it('takes what was unwrapped already for what it is', () => {
    const clock = new TickClock(MPEG_TS, 33);
    const range = 2n ** 33n;
    expect(clock.us(range + 3_600n) - clock.us(range)).toBe(40_000);
    expect(clock.us(7_200n)).toBe(clock.us(range + 7_200n));
  });

  it('lets jumps be jumps', () => {
    const clock = new TickClock(MPEG_TS, 33);
    clock.us(90_000_000n);
    expect(clock.us(90_000n)).toBe(1_000_000);
    expect(new TickClock({ num: 1, den: 1000 }, 64).us(5n)).toBe(5_000);
  });
});
