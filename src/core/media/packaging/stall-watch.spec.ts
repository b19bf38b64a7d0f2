import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StallWatch } from './stall-watch.js';

let stalls: number[];
let busy: boolean;
let watch: StallWatch;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  stalls = [];
  busy = false;
  watch = new StallWatch({ timeoutMs: 2000, startTimeoutMs: 5000, busy: () => busy, onStall: (idleMs) => stalls.push(idleMs) });
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

describe('StallWatch', () => {
  it('tells once of work that goes nowhere, and is patient until the first progress', () => {
    busy = true;
    vi.advanceTimersByTime(4500);
    expect(stalls).toEqual([]);
    watch.progress();
    vi.advanceTimersByTime(20_000);
    expect(stalls).toEqual([2500]);
  });

  it('asks for no progress of who has nothing to do', () => {
    vi.advanceTimersByTime(60_000);
    expect(stalls).toEqual([]);
  });

  it('counts the time in which something was given to do', () => {
    for (let looks = 0; looks < 20; looks++) {
      watch.work();
      vi.advanceTimersByTime(500);
    }
    expect(stalls).toHaveLength(1);
  });

  it('does not hold a pause of its own process against the other', () => {
    busy = true;
    watch.progress();
    vi.advanceTimersByTime(500);
    vi.spyOn(performance, 'now').mockReturnValueOnce(performance.now() + 3_600_000);
    vi.advanceTimersByTime(500);
    expect(stalls).toEqual([]);
  });
});
