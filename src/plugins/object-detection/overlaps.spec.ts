import { describe, expect, it } from 'vitest';
import type { RawDetection } from './layouts/layout.js';
import { suppressOverlaps } from './overlaps.js';

const box = (x0: number, y0: number, x1: number, y1: number, score: number, classIndex = 0): RawDetection => ({
  x0,
  y0,
  x1,
  y1,
  score,
  classIndex,
});

describe(suppressOverlaps.name, () => {
  it('keeps the best of what overlaps, within a class', () => {
    const [best, worse, other] = [box(0, 0, 10, 10, 0.9), box(1, 1, 11, 11, 0.8), box(1, 1, 11, 11, 0.7, 1)];
    expect(suppressOverlaps([worse, other, best], 0.45, 10)).toEqual([best, other]);
  });

  it('keeps what overlaps less than the limit', () => {
    const pair = [box(0, 0, 10, 10, 0.9), box(6, 0, 16, 10, 0.8)];
    expect(suppressOverlaps(pair, 0.45, 10)).toHaveLength(2);
    expect(suppressOverlaps(pair, 0.2, 10)).toHaveLength(1);
  });

  it('keeps everything at a limit of 1, and no more than it may', () => {
    const same = [box(0, 0, 1, 1, 0.9), box(0, 0, 1, 1, 0.8), box(0, 0, 1, 1, 0.7)];
    expect(suppressOverlaps(same, 1, 10)).toHaveLength(3);
    expect(suppressOverlaps(same, 1, 2)).toEqual(same.slice(0, 2));
  });
});
