/** A row of evidence and whether it was right. */
export interface Example {
  readonly values: readonly number[];
  readonly right: boolean;
}

/** Keeps weights finite where classes are separable. */
const RIDGE = 0.02;
const ROUNDS = 40;

export const probability = (weights: readonly number[], values: readonly number[]): number =>
  1 / (1 + Math.exp(-values.reduce((sum, value, i) => sum + value * weights[i + 1]!, weights[0]!)));

/** Logistic regression by Newton's method. @returns the bias, then a weight per value */
export function fitted(examples: readonly Example[]): number[] {
  const size = (examples[0]?.values.length ?? 0) + 1;
  const weights = new Array<number>(size).fill(0);
  for (let round = 0; round < ROUNDS; round++) {
    const gradient = weights.map((weight, i) => (i === 0 ? 0 : -RIDGE * weight));
    const curvature = weights.map((_, i) => weights.map((__, j) => (i === j ? RIDGE : 0)));
    for (const { values, right } of examples) {
      const row = [1, ...values];
      const believed = probability(weights, values);
      row.forEach((value, i) => {
        gradient[i]! += ((right ? 1 : 0) - believed) * value;
        row.forEach((other, j) => (curvature[i]![j]! += believed * (1 - believed) * value * other));
      });
    }
    const step = solved(curvature, gradient);
    step.forEach((value, i) => (weights[i]! += Math.max(-4, Math.min(4, value))));
    if (Math.max(...step.map(Math.abs)) < 1e-6) break;
  }
  return weights;
}

/** Gauss, with pivots. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let i = 0; i < rows.length; i++) {
    const pivot = rows.slice(i).reduce((best, row, k) => (Math.abs(row[i]!) > Math.abs(rows[best]![i]!) ? i + k : best), i);
    [rows[i], rows[pivot]] = [rows[pivot]!, rows[i]!];
    for (let k = 0; k < rows.length; k++) {
      if (k === i) continue;
      const factor = rows[k]![i]! / rows[i]![i]!;
      for (let j = i; j <= rows.length; j++) rows[k]![j]! -= factor * rows[i]![j]!;
    }
  }
  return rows.map((row, i) => row[rows.length]! / row[i]!);
}
