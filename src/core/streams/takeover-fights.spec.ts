import { beforeEach, describe, expect, it } from 'vitest';
import { TakeoverFights } from './takeover-fights.js';

describe(TakeoverFights.name, () => {
  let nowMs: number;
  let fights: TakeoverFights;
  const [one, two] = ['10.0.0.5', '10.0.0.7'];
  beforeEach(() => {
    nowMs = 1_000;
    fights = new TakeoverFights(() => nowMs);
  });

  it('lets a publisher move, and move back, at once', () => {
    expect(fights.delayMs('stream')).toBe(0);
    expect(fights.took('stream', one, two)).toBe(false);
    expect([fights.delayMs('stream'), fights.detail('stream')]).toEqual([0, undefined]);
    expect(fights.took('stream', two, one)).toBe(true);
    expect(fights.detail('stream')).toContain('Two encoders fight for this stream: 10.0.0.7 and 10.0.0.5');
  });

  it('makes two that fight wait longer and longer, up to a minute', () => {
    const delays: number[] = [];
    for (let times = 0; times < 9; times++) {
      expect(fights.took('stream', one, two)).toBe(times === 1);
      delays.push(fights.delayMs('stream') / 1000);
      nowMs += fights.delayMs('stream');
      expect(fights.delayMs('stream')).toBe(0);
    }
    expect(delays).toEqual([0, 2, 4, 8, 16, 32, 60, 60, 60]);
    expect(fights.delayMs('another')).toBe(0);
  });

  it('forgets a fight that is over, and not before', () => {
    for (let times = 0; times < 7; times++) fights.took('stream', one, two);
    nowMs += 119_000;
    expect(fights.detail('stream')).toBeDefined();
    nowMs += 2_000;
    expect([fights.detail('stream'), fights.delayMs('stream'), fights.took('stream', one, two)]).toEqual([undefined, 0, false]);
  });
});
