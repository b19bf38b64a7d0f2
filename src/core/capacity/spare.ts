import { loadOf, TIGHT } from './load.js';
import { averageStream, type Demand, type Plan } from './plan.js';

const MAX_SPARE = 100_000;

/**
 * How many more streams like the average one there is room for, peaks included; null where that is not known.
 * @param like the demands that the average is of
 */
export function spareStreams(plan: Plan, like: readonly Demand[]): number | null {
  const one = averageStream(like, 1);
  if (one.length === 0 || one.some(({ average }) => average === null)) return null;
  const fits = (count: number): boolean => {
    const { utilisation, lanes } = loadOf({ ...plan, demands: [...plan.demands, ...averageStream(like, count)] });
    return utilisation <= TIGHT && (lanes[0]?.load ?? 0) <= TIGHT;
  };
  if (!fits(0)) return 0;
  if (fits(MAX_SPARE)) return null;
  let [low, high] = [0, MAX_SPARE];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}
