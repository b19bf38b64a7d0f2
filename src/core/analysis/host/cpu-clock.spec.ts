import { describe, expect, it } from 'vitest';
import { cpuClockMs, CpuShares } from './cpu-clock.js';

describe(CpuShares.name, () => {
  it('gives one job all that was used while it was under way, and several the same', () => {
    let nowMs = 100;
    const shares = new CpuShares(() => nowMs);
    const first = shares.begin();
    nowMs += 10;
    const second = shares.begin();
    nowMs += 6;
    expect([first.usedMs, second.usedMs]).toEqual([13, 3]);
    second.end();
    nowMs += 5;
    expect([first.usedMs, second.usedMs]).toEqual([18, 3]);
    first.end();
    nowMs += 50;
    const third = shares.begin();
    nowMs += 1;
    expect([first.usedMs, second.usedMs, third.usedMs]).toEqual([18, 3, 1]);
  });

  it("reads the process's clock", () => {
    const beforeMs = cpuClockMs();
    const share = new CpuShares().begin();
    while (cpuClockMs() < beforeMs + 5);
    expect(share.usedMs).toBeGreaterThan(0);
    expect(share.usedMs).toBeLessThanOrEqual(cpuClockMs() - beforeMs);
  });
});
