import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PacedFlow, ReadPace } from './read-pace.js';

let reads: string[];
let pace: ReadPace;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  reads = [];
  pace = new ReadPace();
});
afterEach(() => vi.useRealTimers());
const flowOf = (name: string) =>
  new PacedFlow({ pause: () => reads.push(`${name} rests`), resume: () => reads.push(`${name} is read`) }, pace);

describe(PacedFlow, () => {
  it('rests after a read, and is read again together with all others', () => {
    const [a, b] = [flowOf('a'), flowOf('b')];
    a.rest();
    vi.advanceTimersByTime(30);
    b.rest();
    a.rest();
    expect(reads).toEqual(['a rests', 'b rests']);
    vi.advanceTimersByTime(10);
    expect(reads.slice(2)).toEqual(['a is read', 'b is read']);
    vi.advanceTimersByTime(1000);
    expect(reads).toHaveLength(4);
  });

  it('is not read while somebody holds it, however long it has rested', () => {
    const a = flowOf('a');
    a.rest();
    a.pause();
    vi.advanceTimersByTime(100);
    expect(reads).toEqual(['a rests']);
    a.resume();
    expect(reads).toEqual(['a rests', 'a is read']);
    a.pause();
    a.rest();
    a.resume();
    vi.advanceTimersByTime(100);
    expect(reads.at(-1)).toBe('a is read');
  });
});
