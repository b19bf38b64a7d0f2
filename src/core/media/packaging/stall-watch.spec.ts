import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StallWatch } from './stall-watch.js';

let stalls: number[];
let watch: StallWatch;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  stalls = [];
  watch = new StallWatch({ timeoutMs: 2000, startTimeoutMs: 5000, onStall: (idleMs) => stalls.push(idleMs) });
});
afterEach(() => {
  watch.stop();
  vi.useRealTimers();
});

describe('StallWatch', () => {
  it('tells once of what goes nowhere, and is patient until the first progress', () => {
    vi.advanceTimersByTime(4500);
    expect(stalls).toEqual([]);
    watch.progress();
    vi.advanceTimersByTime(20_000);
    expect(stalls).toEqual([2500]);
  });

  it('does not hold a pause of its own process against the other', () => {
    watch.progress();
    vi.advanceTimersByTime(500);
    vi.spyOn(performance, 'now').mockReturnValueOnce(performance.now() + 3_600_000);
    vi.advanceTimersByTime(500);
    expect(stalls).toEqual([]);
  });
});
