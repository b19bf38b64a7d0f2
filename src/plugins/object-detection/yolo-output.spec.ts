import { describe, expect, it } from 'vitest';
import type { Tensor } from 'vedette/plugin';
import { layoutOf, readDetections, suppressOverlaps, type RawDetection } from './yolo-output.js';

const tensor = (dims: number[], data: number[]): Tensor => ({ type: 'float32', dims, data: Float32Array.from(data) });
const box = (x0: number, y0: number, x1: number, y1: number, score: number, classIndex = 0): RawDetection => ({
  x0,
  y0,
  x1,
  y1,
  score,
  classIndex,
});

describe(layoutOf.name, () => {
  it.each([
    [[1, 84, 8400], 80, 'rows'],
    [[8, 7, 3], 3, 'rows'],
    [[1, 6, 8400], 2, 'rows'],
    [[1, 84, 8400], 0, 'rows'],
    [[1, 300, 6], 80, 'final'],
    [[1, 300, 6], 0, 'final'],
    [[1, 6, 6], 2, 'rows'],
    [[1, 6, 6], 80, 'final'],
  ] as const)('takes %j with %i names for %s', (dims, names, layout) => {
    expect(layoutOf(dims, names)).toBe(layout);
  });

  it.each([
    [[1, 85, 25200], 80],
    [[1, 25200, 85], 80],
    [[1, 84], 80],
    [[1, 3, 640, 640], 0],
  ])('refuses %j with %i names', (dims, names) => {
    expect(() => layoutOf(dims, names)).toThrow(expect.objectContaining({ code: 'VD_DETECTION_UNFIT_MODEL' }));
  });
});

describe(readDetections.name, () => {
  it('reads centre, size and the best class of each box, picture by picture', () => {
    // Two pictures, two boxes, two classes.
    const output = tensor(
      [2, 6, 2],
      [
        ...[10, 50],
        ...[20, 60],
        ...[4, 8],
        ...[6, 10],
        ...[0.9, 0.1],
        ...[0.2, 0.7],
        ...[1, 2],
        ...[1, 2],
        ...[1, 2],
        ...[1, 2],
        ...[0, 0],
        ...[0, 0.5],
      ],
    );
    expect(readDetections(output, 0, 'rows', 0.3)).toEqual([
      { ...box(8, 17, 12, 23, 0.9), score: expect.closeTo(0.9, 5) },
      { ...box(46, 55, 54, 65, 0.7, 1), score: expect.closeTo(0.7, 5) },
    ]);
    expect(readDetections(output, 1, 'rows', 0.3)).toEqual([box(1, 1, 3, 3, 0.5, 1)]);
  });

  it('reads corners, score and class of end-to-end models', () => {
    const output = tensor([1, 2, 6], [1, 2, 3, 4, 0.75, 5, 0, 0, 0, 0, 0, 0]);
    expect(readDetections(output, 0, 'final', 0)).toEqual([box(1, 2, 3, 4, 0.75, 5)]);
  });

  it('passes over numbers that are none', () => {
    expect(readDetections(tensor([1, 5, 1], [NaN, 1, 1, 1, 0.9]), 0, 'rows', 0.1)).toEqual([]);
    expect(readDetections(tensor([1, 5, 1], [1, 1, 1, 1, NaN]), 0, 'rows', 0.1)).toEqual([]);
    expect(readDetections(tensor([1, 1, 6], [1, 1, 1, Infinity, 0.9, 0]), 0, 'final', 0.1)).toEqual([]);
  });
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
