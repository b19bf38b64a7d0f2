import { describe, expect, it } from 'vitest';
import { TakeOverWatch } from './ownership-timeout.js';

describe(TakeOverWatch.name, () => {
  it('takes a publisher that moves for no contest, two that fight for one, and reports it once until it is quiet', () => {
    let nowMs = 1_000;
    const watch = new TakeOverWatch(() => nowMs);
    expect(watch.took('a')).toBe('none');
    nowMs += 5_000;
    expect(watch.took('b')).toBe('none');
    expect(watch.took('a')).toBe('new');
    nowMs += 5_000;
    expect(watch.took('a')).toBe('known');
    nowMs += 60_001;
    expect(watch.took('a')).toBe('none');
  });
});
