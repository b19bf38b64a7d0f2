import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../plugin-api/index.js';
import { apiError } from '../../errors/api.errors.js';

const SECOND_MS = 1_000;
export const MOST_BUCKETS = 2_000;
/** About this many points make a chart. */
const CHART_BUCKETS = 240;
/** Of these one is taken where none is asked for, so that buckets begin at round times. */
const CHART_STEPS_MS = [MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS, 6 * HOUR_MS, 12 * HOUR_MS, DAY_MS];

/** How long a range may be for steps that are not whole multiples of these: the finer, the more is read for each bucket. */
const FINER_THAN: readonly (readonly [unitMs: number, longestMs: number])[] = [
  [MINUTE_MS, 2 * HOUR_MS],
  [10 * MINUTE_MS, 2 * DAY_MS],
  [HOUR_MS, 14 * DAY_MS],
];
const ROUND_STEPS_MS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND_MS),
  ...[1, 2, 5, 10, 20, 30].map((minutes) => minutes * MINUTE_MS),
  ...[1, 2, 3, 6, 12, 24].map((hours) => hours * HOUR_MS),
];

/**
 * The width of a timeline's buckets.
 * @param askedMs absent: what makes a chart
 * @throws VD_API_INVALID for a width that no bucket has, VD_API_STEP_TOO_SMALL with the smallest one for the range
 */
export function timelineStepMs(rangeMs: number, askedMs: number | undefined): number {
  if (askedMs === undefined) return CHART_STEPS_MS.find((step) => rangeMs / step <= CHART_BUCKETS) ?? DAY_MS;
  const unitMs = askedMs < MINUTE_MS ? SECOND_MS : MINUTE_MS;
  if (askedMs < SECOND_MS || askedMs > DAY_MS || askedMs % unitMs !== 0) {
    throw apiError('VD_API_INVALID', 'step: between 1s and 1d, in whole seconds, and from a minute on in whole minutes');
  }
  if (!isFine(rangeMs, askedMs)) {
    const smallest = ROUND_STEPS_MS.find((step) => isFine(rangeMs, step)) ?? DAY_MS;
    throw apiError(
      'VD_API_STEP_TOO_SMALL',
      `A range of ${textOf(rangeMs)} takes steps of ${textOf(smallest)} or more, not ${textOf(askedMs)}.`,
    );
  }
  return askedMs;
}

const isFine = (rangeMs: number, stepMs: number): boolean =>
  rangeMs / stepMs <= MOST_BUCKETS && FINER_THAN.every(([unitMs, longestMs]) => stepMs % unitMs === 0 || rangeMs <= longestMs);

const UNITS: readonly (readonly [unitMs: number, name: string])[] = [
  [DAY_MS, 'd'],
  [HOUR_MS, 'h'],
  [MINUTE_MS, 'm'],
];

/** In the largest unit that says it whole; a range of odd length to the second. */
function textOf(ms: number): string {
  const [unit, name] = UNITS.find(([unitMs]) => ms % unitMs === 0) ?? [SECOND_MS, 's'];
  return `${Math.ceil(ms / unit)}${name}`;
}
