/** MPEG-TS timestamps are 33 bits of a 90 kHz clock: they wrap every 26.5 hours. */
export const TICKS_MODULUS = 2 ** 33;

/**
 * The value congruent to `raw` modulo 2^33 that lies nearest to `referenceTicks`, so that a clock which wraps keeps
 * counting within an epoch.
 * @param referenceTicks unwrapped ticks of a nearby unit of the same epoch
 * @example unwrapTicks(5, 2 ** 33 - 10) === 2 ** 33 + 5
 */
export function unwrapTicks(raw: number, referenceTicks: number): number {
  return raw + Math.round((referenceTicks - raw) / TICKS_MODULUS) * TICKS_MODULUS;
}
