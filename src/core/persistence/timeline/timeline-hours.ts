import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { MINUTE_MS } from '../../plugin-api/index.js';
import { Database, type Query, queryOf } from '../database.js';
import { MINUTE_US } from '../archive/packed-block.js';
import { addDirectly } from './direct-sums.js';
import { HOUR_US, packHour } from './hour-sums.js';
import { sqlState } from '../sql-errors.js';
import { giveBack, type StaleHour, takeStale } from './stale-hours.js';
import { SumTable, TIMELINE_PARTS } from './sum-table.js';

const SERIALIZATION_FAILURE = '40001';
const HOURS_AT_ONCE = 64;
const PATIENCE_MS = MINUTE_MS;
const OTHERS_MS = 10_000;
const LOOK_MS = 20;
const ALL_PARTS = new Set(TIMELINE_PARTS);

/**
 * Keeps what the hours of each stream add up to, so that a question about a month reads hours and not what is in them. Whatever changes
 * an hour marks it, in its own transaction; marked hours are read directly until they are added up anew here.
 *
 * Marks are taken first. Whoever saw a mark that was not taken yet, and so set none, is waited for; then the hour is added up as of one
 * moment, and what was taken is cleared with it. Whoever comes later sets a mark of its own.
 */
@Injectable()
export class TimelineHours {
  constructor(private readonly database: Database) {}

  /**
   * Adds up what is due, half of the time being left to others. Any number of processes may.
   * @param signal ends it between two hours
   * @param restMs see {@link takeStale}
   * @returns how many hours
   */
  async refresh(signal?: AbortSignal, restMs = MINUTE_MS): Promise<number> {
    let done = 0;
    for (;;) {
      const token = randomUUID();
      const hours = await this.database.transaction((manager) => takeStale(queryOf(manager), token, HOURS_AT_ONCE, restMs));
      if (hours.length === 0) return done;
      try {
        if (!(await this.othersEnded(signal))) return done;
        for (const hour of hours) {
          if (signal?.aborted === true) return done;
          const beganMs = performance.now();
          if (await this.addUp(hour, token)) done++;
          await delay(performance.now() - beganMs, undefined, { signal }).catch(() => undefined); // stopping is no error
        }
      } finally {
        await this.database.transaction((manager) => giveBack(queryOf(manager), token));
      }
    }
  }

  /** @returns false where some transaction goes on for so long that its marks are left for the next time */
  private async othersEnded(signal?: AbortSignal): Promise<boolean> {
    const [now] = await this.database.query<{ next: string }>('SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next');
    const deadlineMs = performance.now() + OTHERS_MS;
    for (;;) {
      const [look] = await this.database.query<{ ended: boolean }>(
        'SELECT pg_snapshot_xmin(pg_current_snapshot()) >= $1::text::xid8 AS ended',
        [now!.next],
      );
      if (look?.ended === true) return true;
      if (signal?.aborted === true || performance.now() > deadlineMs) return false;
      await delay(LOOK_MS);
    }
  }

  /** @returns false where somebody was in the way, such as retention: the mark is given back */
  private async addUp(hour: StaleHour, token: string): Promise<boolean> {
    const adding = this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      await query('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ');
      // Whatever a server that dies forgets of this has not happened: the marks are where they were.
      await query('SET LOCAL synchronous_commit = off');
      await query('SET LOCAL plan_cache_mode = force_custom_plan');
      const { streamId, atUs } = hour;
      const sums = new SumTable(MINUTE_US);
      await addDirectly(query, streamId, { fromUs: atUs, toUs: atUs + HOUR_US }, ALL_PARTS, sums, PATIENCE_MS);
      await keep(query, hour, sums);
      await query('DELETE FROM timeline_stale WHERE stream_id = $1 AND hour = to_timestamp($2::float8 / 1000000) AND taken_by = $3', [
        streamId,
        atUs,
        token,
      ]);
      return true;
    });
    return adding.catch((error: unknown) => {
      if (sqlState(error) === SERIALIZATION_FAILURE) return false;
      throw error;
    });
  }
}

async function keep(query: Query, { streamId, atUs }: StaleHour, sums: SumTable): Promise<void> {
  const packed = packHour(sums);
  if (packed === null) {
    await query('DELETE FROM timeline_hours WHERE stream_id = $1 AND at = to_timestamp($2::float8 / 1000000)', [streamId, atUs]);
    return;
  }
  const { hour, tens, minutes } = packed === 'too-much' ? { hour: null, tens: null, minutes: null } : packed;
  await query(
    `INSERT INTO timeline_hours (stream_id, at, hour, tens, minutes) VALUES ($1, to_timestamp($2::float8 / 1000000), $3, $4, $5)
     ON CONFLICT (stream_id, at) DO UPDATE SET hour = EXCLUDED.hour, tens = EXCLUDED.tens, minutes = EXCLUDED.minutes`,
    [streamId, atUs, hour, tens, minutes],
  );
}
