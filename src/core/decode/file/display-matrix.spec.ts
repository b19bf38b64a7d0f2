import { describe, expect, it } from 'vitest';
import { isTransposed, uprightFilters } from './display-matrix.js';

const ONE = 65_536;
function matrix(a: number, b: number, c: number, d: number): Buffer {
  const bytes = Buffer.alloc(36);
  for (const [at, value] of [a, b, 0, c, d, 0, 0, 0, 2 ** 14].entries()) bytes.writeInt32LE(value * ONE, 4 * at);
  return bytes;
}
const of = (...values: [number, number, number, number]): string => uprightFilters(matrix(...values)).join(' ');

describe(uprightFilters, () => {
  it.each([
    ['nothing', [1, 0, 0, 1], ''],
    ['a quarter turn', [0, 1, -1, 0], 'transpose,clock'],
    ['a quarter turn the other way', [0, -1, 1, 0], 'transpose,cclock'],
    ['half a turn', [-1, 0, 0, -1], 'hflip, vflip,'],
    ['a mirror', [-1, 0, 0, 1], 'hflip,'],
    ['a mirror upside down', [1, 0, 0, -1], 'vflip,'],
    ['a mirror, a quarter turned', [0, 1, 1, 0], 'transpose,cclock_flip'],
    ['no sense at all', [0, 0, 0, 0], ''],
  ] as const)('undoes %s', (_, values, filters) => {
    expect(of(...(values as unknown as [number, number, number, number]))).toBe(filters);
  });

  it('takes a track without a matrix, or with a piece of one, as upright', () => {
    expect(uprightFilters(null)).toEqual([]);
    expect(uprightFilters(Buffer.alloc(8))).toEqual([]);
  });

  it('turns by other angles as well', () => {
    const angle = Math.PI / 6;
    expect(of(Math.cos(angle), Math.sin(angle), -Math.sin(angle), Math.cos(angle))).toMatch(/^rotate,30\.00\d\*PI/);
  });

  it('tells which of them change width for height', () => {
    expect(isTransposed(uprightFilters(matrix(0, 1, -1, 0)))).toBe(true);
    expect(isTransposed(uprightFilters(matrix(-1, 0, 0, -1)))).toBe(false);
  });
});
