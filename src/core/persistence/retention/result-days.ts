import { Injectable } from '@nestjs/common';
import { DAY_MS } from '../../plugin-api/index.js';
import { Database } from '../database.js';
import { PartitionKeeper, RESULT_TABLES } from '../partition-keeper.js';
import { sqlState } from '../sql-errors.js';

/** Results of one UTC day, in all their tables. */
export interface ResultDay {
  /** `2026-11-28` */
  readonly day: string;
  readonly endMs: number;
  /** Indexes included. */
  readonly bytes: number;
  /** Somebody holds a part of it. */
  readonly isHeld: boolean;
  readonly tables: readonly string[];
}

interface PartitionRow {
  name: string;
  bounds: string;
  bytes: string;
}

const LOCK_NOT_AVAILABLE = '55P03';
/** Dropping a partition needs its table for itself for a moment: nobody waits longer for that. */
const LOCK_TIMEOUT_MS = 2_000;
const UPPER_BOUND = / TO \('(\d{4}-\d{2}-\d{2}) 00:00:00\+00'\)$/;
const TABLE_NAME = /^[a-z_0-9]{1,63}$/;

/** The days of results, oldest first: they go whole, by dropping their partitions. */
@Injectable()
export class ResultDays {
  constructor(
    private readonly sql: Database,
    private readonly partitions: PartitionKeeper,
  ) {}

  async list(): Promise<ResultDay[]> {
    const rows = await this.sql.rows<PartitionRow>(PARTITIONS, [[...RESULT_TABLES]]);
    const held = await this.sql.rows<{ from_ms: number; to_ms: number }>(HELD_RANGES);
    const byEnd = new Map<number, PartitionRow[]>();
    for (const row of rows) {
      const end = UPPER_BOUND.exec(row.bounds)?.[1];
      // What is not a day is nobody's business here.
      if (end === undefined || !TABLE_NAME.test(row.name)) continue;
      const endMs = Date.parse(`${end}T00:00:00Z`);
      byEnd.set(endMs, [...(byEnd.get(endMs) ?? []), row]);
    }
    return [...byEnd]
      .sort(([a], [b]) => a - b)
      .map(([endMs, tables]) => ({
        day: new Date(endMs - DAY_MS).toISOString().slice(0, 10),
        endMs,
        bytes: tables.reduce((sum, { bytes }) => sum + Number(bytes), 0),
        isHeld: held.some(({ from_ms, to_ms }) => from_ms < endMs && to_ms > endMs - DAY_MS),
        tables: tables.map(({ name }) => name),
      }));
  }

  /**
   * Drops a day, one table at a time, so that no two are locked at once while results are written to both.
   * @returns false where somebody reads or writes it for so long that it has to wait for the next time
   */
  async drop(keeper: string, why: string, { day, endMs, tables, bytes }: ResultDay): Promise<boolean> {
    try {
      for (const table of tables) {
        await this.sql.script(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}; DROP TABLE IF EXISTS "${table}"; ${forgetSums(endMs)}`);
      }
    } catch (error) {
      if (sqlState(error) === LOCK_NOT_AVAILABLE) return false;
      throw error;
    } finally {
      this.partitions.forget();
    }
    await this.sql.rows(RECORD_DAY, [keeper, why, day, tables.length, bytes]);
    return true;
  }

  /** Of the whole database, on its server's disk. */
  async databaseBytes(): Promise<number> {
    const [row] = await this.sql.rows<{ bytes: string }>({
      name: 'retention_database_bytes',
      text: 'SELECT pg_database_size(current_database())::text AS bytes',
    });
    return Number(row?.bytes ?? 0);
  }
}

/** What the day's hours added up to is not so any more: what is left of them is added up anew. */
const forgetSums = (endMs: number): string => `
WITH gone AS (
  DELETE FROM timeline_hours WHERE at >= to_timestamp(${(endMs - DAY_MS) / 1000}) AND at < to_timestamp(${endMs / 1000})
  RETURNING stream_id, at
)
INSERT INTO timeline_stale (stream_id, hour) SELECT stream_id, at FROM gone`;

const PARTITIONS = {
  name: 'retention_partitions',
  text: `
SELECT c.relname AS name, pg_get_expr(c.relpartbound, c.oid) AS bounds, pg_total_relation_size(c.oid)::text AS bytes
FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
WHERE p.relname = ANY ($1::text[]) AND p.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'`,
};

const HELD_RANGES = {
  name: 'retention_held_ranges',
  text: `SELECT (extract(epoch FROM from_at) * 1000)::float8 AS from_ms, (extract(epoch FROM to_at) * 1000)::float8 AS to_ms FROM holds
    WHERE released_at IS NULL AND kind = 'hold'`,
};

const RECORD_DAY = {
  name: 'retention_record_day',
  text: `
INSERT INTO purged AS p (hour, keeper, what, why, scope, items, bytes)
VALUES (date_trunc('hour', now()), $1, 'results', $2, $3, $4, $5)
ON CONFLICT (hour, keeper, what, why, scope) DO UPDATE SET items = p.items + EXCLUDED.items, bytes = p.bytes + EXCLUDED.bytes`,
};
