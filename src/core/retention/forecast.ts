import { DAY_MS } from '../plugin-api/index.js';

export interface UseFacts {
  readonly usedBytes: number;
  /** What it may grow to; null: until the disk is full. */
  readonly maxBytes: number | null;
  readonly freeBytes: number | null;
  readonly floorBytes: number;
  /** What comes in, before anything is deleted; null: not known yet. */
  readonly bytesPerDay: number | null;
  /** What is older goes anyway; null: nothing. */
  readonly maxAgeMs: number | null;
}

export interface Forecast {
  readonly bytesPerDay: number | null;
  /** What fits before something has to go for want of room; null: not known. */
  readonly capacityBytes: number | null;
  /** Until there is no more room; 0: now; null: not known, or never, since what is too old goes before. */
  readonly fullInDays: number | null;
  /** How far back it reaches once it is full, or once what is too old goes; null: not known, or for ever. */
  readonly keepsDays: number | null;
}

/** How long a place lasts. */
export function forecast({ usedBytes, maxBytes, freeBytes, floorBytes, bytesPerDay, maxAgeMs }: UseFacts): Forecast {
  const byDisk = freeBytes === null ? null : Math.max(0, usedBytes + freeBytes - floorBytes);
  const capacityBytes = maxBytes === null ? byDisk : byDisk === null ? maxBytes : Math.min(maxBytes, byDisk);
  const ageDays = maxAgeMs === null ? null : maxAgeMs / DAY_MS;
  if (capacityBytes === null || bytesPerDay === null || bytesPerDay <= 0) {
    return { bytesPerDay, capacityBytes, fullInDays: null, keepsDays: bytesPerDay === null ? null : ageDays };
  }
  const holdsDays = capacityBytes / bytesPerDay;
  const isAgeFirst = ageDays !== null && ageDays <= holdsDays;
  return {
    bytesPerDay,
    capacityBytes,
    fullInDays: isAgeFirst ? null : Math.max(0, capacityBytes - usedBytes) / bytesPerDay,
    keepsDays: isAgeFirst ? ageDays : holdsDays,
  };
}

/**
 * What comes into the database in a day: what it grew by, and what was deleted meanwhile.
 * @param samples of its size, the oldest first
 * @returns null where they span less than an hour
 */
export function growthPerDay(
  samples: readonly { readonly atMs: number; readonly usedBytes: number }[],
  purgedBytes: number,
): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.atMs - first.atMs < 3_600_000) return null;
  return (Math.max(0, last.usedBytes - first.usedBytes + purgedBytes) / (last.atMs - first.atMs)) * DAY_MS;
}
