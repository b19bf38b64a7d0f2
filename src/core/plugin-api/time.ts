/**
 * Media time. Every frame, result and segment boundary is addressed by its presentation timestamp (pts) in
 * **integer microseconds of the epoch's own media clock**, exactly as stored in the segment (MPEG-TS ticks of 1/90000 s,
 * unwrapped past 2^33, rounded to the microsecond, which keeps every tick distinct).
 * A pts means something only together with its epoch; it is never a wall-clock time.
 */
export type PtsUs = number;

/** One tick of the MPEG 90 kHz clock, in microseconds. */
export const MPEG_TICK_US = 1_000_000 / 90_000;

/** Converts unwrapped 90 kHz ticks to integer microseconds. @example ticksToPtsUs(90_000) === 1_000_000 */
export function ticksToPtsUs(ticks90k: number): PtsUs {
  return Math.round(ticks90k * MPEG_TICK_US);
}

/** Converts microseconds back to 90 kHz ticks; exact inverse of {@link ticksToPtsUs}. */
export function ptsUsToTicks(ptsUs: PtsUs): number {
  return Math.round(ptsUs / MPEG_TICK_US);
}
