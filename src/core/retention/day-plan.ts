import { DAY_MS } from '../plugin-api/index.js';
import type { ResultDay } from '../persistence/retention/result-days.js';

export interface DayFacts {
  readonly nowMs: number;
  /** Oldest first. */
  readonly days: readonly ResultDay[];
  /** Null: for ever. */
  readonly maxAgeMs: number | null;
  /** The whole database's, and its limit; null: none. */
  readonly databaseBytes: number;
  readonly maxBytes: number | null;
  /** What has to become free on the database's disk. */
  readonly shortBytes: number;
}

export interface PlannedDay {
  readonly day: ResultDay;
  readonly why: 'age' | 'size' | 'disk';
}

/** Today and the two days before it, which `PartitionKeeper.keepAhead` makes: they are written and watched, and stay whatever happens. */
const NEWEST_DAYS = 3;

/** Which days of results go now, oldest first: what is too old, then as many as it takes to make room. Nothing of it is held. */
export function planDays(facts: DayFacts): PlannedDay[] {
  const { nowMs, maxAgeMs, maxBytes, shortBytes } = facts;
  const planned: PlannedDay[] = [];
  const newestMs = (Math.floor(nowMs / DAY_MS) - NEWEST_DAYS + 1) * DAY_MS;
  let freed = 0;
  for (const day of facts.days) {
    if (day.isHeld || day.endMs > newestMs) continue;
    const why =
      maxAgeMs !== null && day.endMs < nowMs - maxAgeMs
        ? 'age'
        : maxBytes !== null && facts.databaseBytes - freed > maxBytes
          ? 'size'
          : freed < shortBytes
            ? 'disk'
            : null;
    if (why === null) continue;
    planned.push({ day, why });
    freed += day.bytes;
  }
  return planned;
}
