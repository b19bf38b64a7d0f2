import type { TimeSpan } from './timeline-window';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Distances that people count in. */
const DISTANCES_MS = [
  ...[1_000, 2_000, 5_000, 10_000, 15_000, 30_000],
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14].map((n) => n * DAY),
];

export interface Tick {
  readonly atMs: number;
  readonly kind: 'seconds' | 'minutes' | 'day';
}

/**
 * Round times of the viewer's clock within a span, so far apart that their labels have room.
 * @param offsetMs of the viewer's zone from UTC then: local midnight is round, not that of Greenwich
 */
export function ticksOf({ fromMs, toMs }: TimeSpan, widthPx: number, leastPx: number, offsetMs: number): Tick[] {
  if (widthPx <= 0) return [];
  const wanted = ((toMs - fromMs) / widthPx) * leastPx;
  const distance = DISTANCES_MS.find((one) => one >= wanted) ?? DISTANCES_MS.at(-1)!;
  const ticks: Tick[] = [];
  for (let local = Math.ceil((fromMs + offsetMs) / distance) * distance; local - offsetMs <= toMs; local += distance) {
    ticks.push({ atMs: local - offsetMs, kind: local % DAY === 0 ? 'day' : distance < MINUTE ? 'seconds' : 'minutes' });
  }
  return ticks;
}
