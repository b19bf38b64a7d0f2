import { describe, expect, it } from 'vitest';
import { MediaClock } from './media-clock.js';

const WRAP = 2 ** 32;

describe(MediaClock.name, () => {
  it('counts on through every wrap of 32 bits', () => {
    const clock = new MediaClock();
    clock.restart(WRAP - 1000);
    const stepMs = 5000;
    for (let time = WRAP - 1000; time < 3 * WRAP; time += 100_000_000) {
      clock.restart(time);
      expect(clock.unwrap((time + stepMs) % WRAP)).toBe(time + stepMs);
      expect(clock.unwrap((time - stepMs) % WRAP)).toBe(time - stepMs);
    }
  });

  it('lets tracks be interleaved out of order', () => {
    const clock = new MediaClock();
    clock.restart(0);
    expect(clock.take('video', 1000)).toBe(1000);
    expect(clock.take('audio', 400)).toBe(400);
    expect(clock.take('audio', 423)).toBe(423);
    expect(clock.take('video', 1040)).toBe(1040);
  });

  it('holds a track at its last time when it falls back a little', () => {
    const clock = new MediaClock();
    clock.restart(0);
    clock.take('video', 1000);
    expect(clock.take('video', 900)).toBe(1000);
    expect(clock.take('video', 899)).toBe('jump');
  });

  it('tells a pause of one track from a jump of the clock', () => {
    const clock = new MediaClock();
    clock.restart(0);
    clock.take('video', 0);
    for (let time = 0; time <= 60_000; time += 5000) expect(clock.take('audio', time)).toBe(time);
    expect(clock.take('video', 60_040)).toBe(60_040);
    expect(clock.take('audio', 70_041)).toBe('jump');
  });
});
