import { beforeEach, describe, expect, it } from 'vitest';
import { Breaker } from './breaker.js';

describe(Breaker.name, () => {
  let nowMs: number;
  let breaker: Breaker;
  beforeEach(() => {
    nowMs = 0;
    breaker = new Breaker(() => nowMs);
  });
  const fail = (times: number): void => {
    for (let i = 0; i < times; i++) {
      breaker.began();
      breaker.failed();
    }
  };

  it('opens after three failures in a row, and not for those with a success between', () => {
    fail(2);
    breaker.succeeded();
    fail(2);
    expect(breaker.state).toBe('closed');
    fail(1);
    expect([breaker.state, breaker.allows]).toEqual(['open', false]);
  });

  it('lets one job try when its time is over, and no second one meanwhile', () => {
    breaker.trip();
    nowMs = 5_000;
    expect([breaker.state, breaker.allows]).toEqual(['half-open', true]);
    breaker.began();
    expect(breaker.allows).toBe(false);
    breaker.succeeded();
    expect([breaker.state, breaker.allows]).toEqual(['closed', true]);
  });

  it('lets another try when the one that tried says nothing of the host', () => {
    breaker.trip();
    nowMs = 5_000;
    breaker.began();
    breaker.ended();
    expect([breaker.state, breaker.allows]).toEqual(['half-open', true]);
  });

  it('stays open twice as long each time, up to a minute', () => {
    const openMs = Array.from({ length: 6 }, () => {
      breaker.began();
      breaker.trip();
      const fromMs = nowMs;
      while (breaker.state === 'open') nowMs += 1_000;
      return nowMs - fromMs;
    });
    expect(openMs).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000]);
  });
});
