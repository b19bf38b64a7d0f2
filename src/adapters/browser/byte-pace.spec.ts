import { describe, expect, it } from 'vitest';
import { BytePace } from './byte-pace.js';

describe('BytePace', () => {
  it('lets a burst through, then no more than its rate', () => {
    let nowMs = 0;
    const pace = new BytePace(1000, () => nowMs);
    expect(pace.take(8000)).toBe(0);
    expect(pace.take(500)).toBe(500);
    nowMs += 500;
    expect(pace.take(1000)).toBe(1000);
    nowMs += 60_000;
    expect(pace.take(8000)).toBe(0);
    expect(pace.take(1)).toBe(1);
  });

  it('holds nobody who has left', async () => {
    const pace = new BytePace(10);
    await pace.pass(1_000_000, AbortSignal.abort());
  });
});
