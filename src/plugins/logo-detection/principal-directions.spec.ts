import { describe, expect, it } from 'vitest';
import { principalDirections, sharesOf } from './principal-directions.js';

describe(principalDirections.name, () => {
  it('finds the plane that rows lie in, the stronger direction first', () => {
    const rows = Float32Array.from({ length: 30 }, (_, i) => {
      const n = Math.floor(i / 3);
      return [5 * Math.cos(n), Math.sin(n * 2), 0][i % 3]!;
    });
    const directions = principalDirections(rows, 3, 2);
    expect(Math.abs(directions[0]!)).toBeGreaterThan(0.99);
    expect(Math.abs(directions[4]!)).toBeGreaterThan(0.99);
    expect(directions[2]).toBeCloseTo(0, 5);
  });

  it('gives orthonormal directions, so that shares make the rows up again', () => {
    const rows = Float32Array.from({ length: 6 * 4 }, (_, i) => Math.sin(i * i));
    const directions = principalDirections(rows, 4, 4);
    const shares = sharesOf(rows, directions, 4);
    const again = rows.map((_, i) => {
      const [row, column] = [Math.floor(i / 4), i % 4];
      return [0, 1, 2, 3].reduce((sum, d) => sum + shares[row * 4 + d]! * directions[d * 4 + column]!, 0);
    });
    again.forEach((value, i) => expect(value).toBeCloseTo(rows[i]!, 4));
  });

  it('stays finite where there is less to find than asked for', () => {
    const directions = principalDirections(Float32Array.from([1, 0, 1, 0, 2, 0]), 2, 2);
    expect([...directions].every(Number.isFinite)).toBe(true);
    expect(Math.abs(directions[0]!)).toBeCloseTo(1, 5);
    expect(principalDirections(new Float32Array(8), 4, 3).every((value) => value === 0)).toBe(true);
  });
});
