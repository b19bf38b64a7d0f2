import { describe, expect, it } from 'vitest';
import { CircuitBreaker } from './circuit-breaker.js';

describe(CircuitBreaker.name, () => {
  const at = (): { breaker: CircuitBreaker; pass: (ms: number) => void; fail: (times?: number) => void } => {
    let nowMs = 0;
    const breaker = new CircuitBreaker(() => nowMs);
    const fail = (times = 1): void => {
      for (let i = 0; i < times; i++) {
        breaker.began();
        breaker.failed();
      }
    };
    return { breaker, pass: (ms) => (nowMs += ms), fail };
  };

  it('opens after three failures in a row, not after three in all', () => {
    const { breaker, fail } = at();
    fail(2);
    breaker.succeeded();
    fail(2);
    expect(breaker.state).toBe('closed');
    fail();
    expect(breaker).toMatchObject({ state: 'open', restsForMs: 5_000, failuresInRow: 3 });
    expect(breaker.allows).toBe(false);
  });

  it('lets one job try when its rest is over, and closes when that goes well', () => {
    const { breaker, fail, pass } = at();
    fail(3);
    pass(5_000);
    expect(breaker.state).toBe('half-open');
    expect(breaker.allows).toBe(true);
    breaker.began();
    expect(breaker.allows).toBe(false);
    breaker.succeeded();
    expect(breaker).toMatchObject({ state: 'closed', failuresInRow: 0 });
    expect(breaker.allows).toBe(true);
  });

  it('rests twice as long after each trial that failed, a minute at the most, and five seconds again once it was well', () => {
    const { breaker, fail, pass } = at();
    fail(3);
    const rests = Array.from({ length: 6 }, () => {
      pass(breaker.restsForMs);
      fail();
      return breaker.restsForMs;
    });
    expect(rests).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
    pass(60_000);
    breaker.began();
    breaker.succeeded();
    fail(3);
    expect(breaker.restsForMs).toBe(5_000);
  });

  it('rests no longer for jobs that began before it opened', () => {
    const { breaker, fail } = at();
    fail(3);
    breaker.failed();
    breaker.failed();
    expect(breaker.restsForMs).toBe(5_000);
  });

  it('tries again when a trial was called off', () => {
    const { breaker, fail, pass } = at();
    fail(3);
    pass(5_000);
    breaker.began();
    breaker.ended();
    expect(breaker.allows).toBe(true);
  });

  it('opens at once for what leaves no doubt, and no further while it is open', () => {
    const { breaker, pass } = at();
    breaker.trip();
    expect(breaker.restsForMs).toBe(5_000);
    pass(1_000);
    breaker.trip();
    expect(breaker.restsForMs).toBe(4_000);
    pass(4_000);
    breaker.trip();
    expect(breaker.restsForMs).toBe(10_000);
  });
});
