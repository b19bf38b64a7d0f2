import { describe, expect, it } from 'vitest';
import { FailureLimit } from './failure-limit.js';

describe(FailureLimit.name, () => {
  const exceeded = (limit: FailureLimit, remote: string): boolean => limit.attempt(remote).exceeded;

  it('counts by network and gives a failure back after a while', () => {
    let nowMs = 0;
    const limit = new FailureLimit({ burst: 2, refillMs: 1000 }, () => nowMs);
    expect([1, 2, 3].map(() => exceeded(limit, '2001:db8:1:2::1'))).toEqual([false, false, true]);
    expect([exceeded(limit, '2001:db8:1:2:ffff::9'), exceeded(limit, '2001:db8:1:3::1')]).toEqual([true, false]);
    expect(limit.retryAfterMs('2001:db8:1:2::1')).toBe(1000);
    nowMs = 1000;
    expect([exceeded(limit, '2001:db8:1:2::1'), exceeded(limit, '2001:db8:1:2::1')]).toEqual([false, true]);
  });

  it('takes attempts under way for failures, and those that succeed for none', () => {
    const limit = new FailureLimit({ burst: 3, refillMs: 1000 }, () => 0);
    const attempts = Array.from({ length: 5 }, () => limit.attempt('192.0.2.1'));
    expect(attempts.map((attempt) => attempt.exceeded)).toEqual([false, false, false, true, true]);
    for (const attempt of [...attempts, ...attempts]) attempt.succeeded();
    expect(Array.from({ length: 4 }, () => exceeded(limit, '192.0.2.1'))).toEqual([false, false, false, true]);
  });

  it('remembers a bounded number of networks, those that failed last', () => {
    const limit = new FailureLimit({ burst: 1, refillMs: 1000, maxNetworks: 100 }, () => 0);
    for (let i = 0; i < 1000; i++) limit.attempt(`10.0.${i >> 8}.${i & 255}`);
    expect(exceeded(limit, '10.0.3.231')).toBe(true);
    expect(exceeded(limit, '10.0.0.0')).toBe(false);
  });
});
