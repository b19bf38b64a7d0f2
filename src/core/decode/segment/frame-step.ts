/**
 * How long a frame lasts: the mean where frames come evenly (timestamps are often rounded to milliseconds), the median where they do not.
 * @param sorted times in ascending order
 * @param evenWithin steps that differ by no more than this are even; as the times, and the step, in whatever unit the caller has
 * @returns undefined for fewer than two
 */
export function frameStep(sorted: Float64Array, evenWithin: number): number | undefined {
  if (sorted.length < 2) return undefined;
  const steps = Float64Array.from({ length: sorted.length - 1 }, (_, i) => sorted[i + 1]! - sorted[i]!).sort();
  const median = steps[steps.length >> 1]!;
  const isEven = median - steps[0]! <= evenWithin && steps.at(-1)! - median <= evenWithin;
  return Math.round(isEven ? (sorted.at(-1)! - sorted[0]!) / steps.length : median);
}
