import type { Query } from '../database.js';
import { INSTANT, SqlWhere } from '../read/sql-where.js';
import { HOUR_US, type Resolution } from './hour-sums.js';
import type { Stretch } from './sum-table.js';

/** An hour of a stream that is to be added up anew. */
export interface StaleHour {
  readonly streamId: string;
  readonly atUs: number;
}

interface HourRow {
  readonly stream_id: string;
  readonly at_us: number;
}

const usOf = (column: string): string => `(extract(epoch FROM ${column}) * 1000000)::float8`;

/** Hours that touch a stretch of which something has changed since they were added up, in order: µs since 1970. */
export async function staleHours(query: Query, streamId: string, { fromUs, toUs }: Stretch): Promise<number[]> {
  const where = new SqlWhere()
    .add('m.stream_id = ?', streamId)
    .add(`m.hour > ${INSTANT}`, fromUs - HOUR_US)
    .add(`m.hour < ${INSTANT}`, toUs);
  const rows = await query<{ at_us: number }>(
    `SELECT DISTINCT ${usOf('m.hour')} AS at_us FROM timeline_stale m WHERE ${where} ORDER BY 1`,
    where.params,
  );
  return rows.map((row) => row.at_us);
}

export interface KeptHour {
  readonly at_us: number;
  /** Null where so much was told apart that sums are not kept. */
  readonly data: Buffer | null;
}

/** Hours that touch a stretch as they were last added up; one with nothing in it is absent. */
export function keptHours(query: Query, streamId: string, { fromUs, toUs }: Stretch, resolution: Resolution): Promise<KeptHour[]> {
  const where = new SqlWhere()
    .add('h.stream_id = ?', streamId)
    .add(`h.at > ${INSTANT}`, fromUs - HOUR_US)
    .add(`h.at < ${INSTANT}`, toUs);
  return query<KeptHour>(`SELECT ${usOf('h.at')} AS at_us, h.${resolution} AS data FROM timeline_hours h WHERE ${where}`, where.params);
}

/** Of an hour, from its beginning: by then what was recorded in it has mostly been looked at. */
const OVER = `interval '65 minutes'`;
/** Held for the moment in which marks are taken. The letters VDTL. */
const TAKING_LOCK = 0x5644544c;
/** Whoever takes marks and dies is followed after so long. */
const FORGOTTEN = `interval '5 minutes'`;

/**
 * Takes marks of hours that are over, the latest hours first.
 * @param token whoever takes them
 * @param restMs how long a mark is left, so that what changes an hour again and again has it added up once
 */
export async function takeStale(query: Query, token: string, most: number, restMs: number): Promise<StaleHour[]> {
  await query('SELECT pg_advisory_xact_lock($1)', [TAKING_LOCK]);
  const rows = await query<HourRow>(
    `WITH due AS (
       SELECT stream_id, hour FROM timeline_stale
       WHERE hour < now() - ${OVER} AND since <= now() - $3::float8 * interval '1 millisecond'
       GROUP BY stream_id, hour
       -- One at a time: two would only be in each other's way.
       HAVING COALESCE(max(taken_at), '-infinity') < now() - ${FORGOTTEN}
       ORDER BY hour DESC, stream_id LIMIT $2
     ), taken AS (
       UPDATE timeline_stale m SET taken_by = $1, taken_at = now() FROM due WHERE m.stream_id = due.stream_id AND m.hour = due.hour
     )
     SELECT stream_id, ${usOf('hour')} AS at_us FROM due ORDER BY hour DESC, stream_id`,
    [token, most, restMs],
  );
  return rows.map((row) => ({ streamId: row.stream_id, atUs: row.at_us }));
}

/** What was taken and not added up is for others, at once. */
export async function giveBack(query: Query, token: string): Promise<void> {
  await query(`UPDATE timeline_stale SET taken_at = '-infinity' WHERE taken_by = $1`, [token]);
}
