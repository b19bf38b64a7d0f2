import { describe, expect, it } from 'vitest';
import { cellByCell, correlationAt, SLANTS, type Kernel } from './kernel-bank.js';

const kernel = (rows: number, columns: number, value = 1): Kernel => ({
  slant: SLANTS[0]!,
  data: new Float32Array(2 * rows * columns).fill(value),
  depth: 2,
  rows,
  columns,
  centreColumn: columns / 2,
  centreRow: rows / 2,
  scale: 1,
});

describe(correlationAt.name, () => {
  const features = cellByCell(
    Float32Array.from({ length: 2 * 6 * 6 }, (_, i) => i % 36),
    2,
  );

  it('is the sum of products over channels and cells', () => {
    expect(correlationAt(features, 6, 6, kernel(2, 2), 1, 1)).toBe(2 * (7 + 8 + 13 + 14));
  });

  it('takes cells beyond the picture for nothing', () => {
    expect(correlationAt(features, 6, 6, kernel(2, 2), -1, -1)).toBe(0);
    expect(correlationAt(features, 6, 6, kernel(2, 2), 5, 5)).toBe(2 * 35);
    expect(correlationAt(features, 6, 6, kernel(2, 2), 60, -60)).toBe(0);
  });
});
