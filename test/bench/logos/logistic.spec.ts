import { describe, expect, it } from 'vitest';
import { fitted, probability } from './logistic.js';

/** The same numbers on every run. */
const series = (count: number, seed: number): number[] =>
  Array.from({ length: count }, (_, i) => ((Math.sin((i + 1) * seed) * 43758.5453) % 1) * 2);

describe(fitted.name, () => {
  it('finds the weights that the examples were made with', () => {
    const [a, b, dice] = [series(4000, 12.9898), series(4000, 78.233), series(4000, 39.425)];
    const truth = [-0.5, 1.5, -1];
    const examples = a.map((value, i) => {
      const values = [value, b[i]!];
      return { values, right: Math.abs(dice[i]! / 2) < probability(truth, values) };
    });
    const weights = fitted(examples);
    truth.forEach((weight, i) => expect(Math.abs(weights[i]! - weight)).toBeLessThan(0.25));
  });

  it('stays finite where one value tells all', () => {
    const weights = fitted([-2, -1, 1, 2].map((value) => ({ values: [value], right: value > 0 })));
    expect(weights.every(Number.isFinite)).toBe(true);
    expect(probability(weights, [2])).toBeGreaterThan(0.95);
    expect(probability(weights, [-2])).toBeLessThan(0.05);
  });
});
