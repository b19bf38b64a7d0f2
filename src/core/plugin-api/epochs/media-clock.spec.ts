import { describe, expect, it } from 'vitest';
import { MediaClock, unwrap } from './media-clock.js';

const WRAP = 2 ** 32;

/** A clock and what becomes of the timestamps given to it. */
function clockOf(base32 = 0, frameMs?: number) {
  const clock = new MediaClock(base32, frameMs);
  return (track: 'video' | 'audio', timestamp32: number) => {
    const place = clock.place(track, timestamp32);
    if (typeof place === 'number') clock.reached(track, place);
    return place;
  };
}

describe(unwrap.name, () => {
  it('finds the nearest time', () => {
    for (let time = 0; time < 3 * WRAP; time += 100_000_007) {
      expect(unwrap((time + 5000) % WRAP, time)).toBe(time + 5000);
      expect(unwrap((time + WRAP - 5000) % WRAP, time)).toBe(time - 5000);
    }
  });
});

describe(MediaClock.name, () => {
  it.each([0xfffffff0, 0xfffff0, 0])('counts on through every wrap of 32 bits from %i', (base32) => {
    const take = clockOf(base32);
    const stepMs = 9000;
    for (let timeMs = 0; timeMs < 2.5 * WRAP; timeMs += stepMs) {
      if (take('video', (base32 + timeMs) % WRAP) !== timeMs) throw new Error(`wrong at ${timeMs}`);
    }
    expect(take('audio', (base32 + Math.floor((2.5 * WRAP) / stepMs) * stepMs + 12) % WRAP)).toBeGreaterThan(2 * WRAP);
  });

  it('lets tracks be interleaved out of order, and drift apart without end', () => {
    const take = clockOf();
    expect(take('video', 1000)).toBe(1000);
    expect(take('audio', 400)).toBe(400);
    for (let i = 1; i <= 10_000; i++) {
      expect(take('video', 1000 + i * 33)).toBe(1000 + i * 33);
      expect(take('audio', 400 + i * 36)).toBe(400 + i * 36);
    }
  });

  it('takes a small step back for rounding, and a large one for another clock', () => {
    const take = clockOf();
    take('video', 1000);
    expect(take('video', 900)).toBe(900);
    expect(take('video', 1000)).toBe(1000);
    expect(take('video', 899)).toBe('astray');
    expect(take('video', 1040)).toBe(1040);
  });

  it('tells a pause of one track from another clock by the other track', () => {
    const take = clockOf();
    take('video', 0);
    for (let time = 0; time <= 60_000; time += 5000) expect(take('audio', time)).toBe(time);
    expect(take('video', 60_040)).toBe(60_040);
    expect(take('audio', 70_041)).toBe('astray');
    expect(take('video', 90_000)).toBe('astray');
  });

  it('has no place for sound that is stamped far away from its picture, and takes it when it comes near', () => {
    const take = clockOf(50_000);
    take('video', 50_000);
    for (let i = 0; i < 50; i++) {
      expect(take('audio', 70_000 + i * 20)).toBe('astray');
      expect(take('video', 50_000 + i * 20)).toBe(i * 20);
    }
    expect(take('audio', 30_000)).toBe('astray');
    expect(take('audio', 51_100)).toBe(1100);
  });

  it('has no place before the beginning', () => {
    const take = clockOf(5000);
    take('video', 5000);
    expect(take('audio', 4990)).toBe('before');
    expect(take('audio', 5000)).toBe(0);
  });

  it('waits longer for pictures that were announced to be far apart', () => {
    const take = clockOf(0, 10_000);
    take('video', 0);
    expect(take('video', 20_000)).toBe(20_000);
    expect(clockOf()('video', 20_000)).toBe('astray');
  });

  it('is not led astray for good by any single timestamp', () => {
    for (const away of [2 ** 31, 2 ** 31 - 1, 2 ** 31 + 10, WRAP - 200, 3_000_000_000, 600_000]) {
      const take = clockOf();
      take('video', 0);
      expect(take('video', away)).toBe('astray');
      expect(take('video', 40)).toBe(40);
    }
  });
});
