import { Injectable } from '@nestjs/common';
import { DAY_MS } from '../plugin-api/index.js';
import { Database } from './database.js';

/** Tables of results, by day: as they came, and packed. */
export const RESULT_TABLES = ['detections', 'metrics', 'observations', 'ledger_archive'] as const;
const DAY_US = DAY_MS * 1000;
/** Serialises creation across processes. The letters VDPT. */
const PARTITION_LOCK = 0x56445054;
const MAX_REMEMBERED_DAYS = 10_000;

/** Number of a UTC day since 1970, from microseconds since 1970. */
export function dayOf(atUs: number): number {
  return Math.floor(atUs / DAY_US);
}

/**
 * Makes the daily partitions of the result tables, ahead of time for the days around today and on demand for results of
 * any other day (files of last year, a clock that is off). There is no default partition: a row in it would keep its day's
 * own partition from being made later.
 */
@Injectable()
export class PartitionKeeper {
  private readonly known = new Set<number>();
  private readonly inMaking = new Map<number, Promise<void>>();

  constructor(private readonly sql: Database) {}

  /** The two days before today to the two after it, by the server's clock. */
  async keepAhead(): Promise<void> {
    const [row] = await this.sql.rows<{ today: number }>({
      name: 'partition_today',
      text: `SELECT floor(extract(epoch FROM now()) / 86400)::int AS today`,
    });
    const today = row?.today ?? 0;
    await this.ensure([today - 2, today - 1, today, today + 1, today + 2]);
  }

  /** Makes what is missing of the given days. Free of charge for days seen before. */
  async ensure(days: Iterable<number>): Promise<void> {
    for (const day of new Set(days)) {
      if (this.known.has(day)) continue;
      let making = this.inMaking.get(day);
      if (making === undefined) {
        making = this.make(day).finally(() => this.inMaking.delete(day));
        this.inMaking.set(day, making);
      }
      await making;
    }
  }

  /** Retention dropped a day's partitions, or a commit found none: look again next time. */
  forget(): void {
    this.known.clear();
  }

  /** One transaction per table, so that no two tables are locked at once while results are being written to both. */
  private async make(day: number): Promise<void> {
    const from = new Date(day * DAY_MS).toISOString().slice(0, 10);
    const to = new Date((day + 1) * DAY_MS).toISOString().slice(0, 10);
    const suffix = from.replaceAll('-', '_').replace(/[^0-9_]/g, '');
    for (const table of RESULT_TABLES) {
      await this.sql.script(`
        SELECT pg_advisory_xact_lock(${PARTITION_LOCK});
        CREATE TABLE IF NOT EXISTS ${table}_${suffix} PARTITION OF ${table}
          FOR VALUES FROM ('${from} 00:00:00+00') TO ('${to} 00:00:00+00');`);
    }
    if (this.known.size >= MAX_REMEMBERED_DAYS) this.known.clear();
    this.known.add(day);
  }
}
