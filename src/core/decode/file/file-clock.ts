import { type PtsUs, ptsUsToTicks, ticksToPtsUs } from '../../plugin-api/index.js';

export interface TimeBase {
  readonly num: number;
  readonly den: number;
}

/** Ticks of a clock in microseconds, to the nearest. */
export function rescaledUs(ticks: bigint, { num, den }: TimeBase): PtsUs {
  const scaled = ticks * BigInt(num) * 1_000_000n;
  const [whole, half] = [BigInt(den), BigInt(den) / 2n];
  return Number(scaled >= 0n ? (scaled + half) / whole : -((-scaled + half) / whole));
}

/** A time as segments have it: to the tick of their clock. What is cut there, and read again from there, is cut at the same frame. */
export const asStored = (us: PtsUs): PtsUs => ticksToPtsUs(ptsUsToTicks(us));
