import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** Position in the feed. `xid` and `id` are decimal, compared as numbers. */
export interface FeedPosition {
  readonly xid: string;
  readonly id: string;
}
export interface FeedRow extends FeedPosition {
  readonly kind: string;
  readonly streamId: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
}
export interface FeedBatch {
  readonly rows: readonly FeedRow[];
  /** Newer rows exist that may not be read yet: an older write transaction is still open. */
  readonly held: boolean;
}

const columns = 'f.xid::text AS xid, f.id::text AS id, f.kind, f.stream_id AS "streamId", f.payload';

/**
 * Reads the feed in commit order. Rows at or above `pg_snapshot_xmin` are left for later: a transaction with a smaller xid may
 * still commit, and a cursor that had jumped over its row would have lost it.
 */
@Injectable()
export class FeedReads {
  constructor(private readonly database: Database) {}

  async after(position: FeedPosition, limit: number): Promise<FeedBatch> {
    const rows = await this.database.query<FeedRow & { visible: boolean }>(
      `SELECT ${columns}, f.xid < pg_snapshot_xmin(pg_current_snapshot()) AS visible
       FROM feed f WHERE (f.xid, f.id) > ($1::text::xid8, $2::bigint) ORDER BY f.xid, f.id LIMIT $3`,
      [position.xid, position.id, limit],
    );
    const visible = rows.filter((row) => row.visible);
    return { rows: visible.map(({ visible: _, ...row }) => row), held: visible.length < rows.length };
  }

  /** Where a reader that wants only what comes from now on begins. */
  async head(): Promise<FeedPosition> {
    const rows = await this.database.query<FeedPosition>(
      `SELECT f.xid::text AS xid, f.id::text AS id FROM feed f WHERE f.xid < pg_snapshot_xmin(pg_current_snapshot())
       ORDER BY f.xid DESC, f.id DESC LIMIT 1`,
    );
    if (rows[0] !== undefined) return rows[0];
    // Empty: everything still to come has a transaction id at or above the present horizon.
    const horizon = await this.database.query<{ xid: string }>(
      `SELECT (pg_snapshot_xmin(pg_current_snapshot())::text::numeric - 1)::text AS xid`,
    );
    return { xid: horizon[0]?.xid ?? '0', id: '0' };
  }

  /**
   * Whether everything after `position` can still be read. Retention takes the feed's oldest rows, so a position below the
   * oldest row left is not to be trusted, unless that row is the first ever.
   */
  async covers(position: FeedPosition): Promise<'yes' | 'too-old' | 'unknown'> {
    const rows = await this.database.query<{ future: boolean; first: FeedPosition | null; reached: boolean | null }>(
      `SELECT $1::text::xid8 >= pg_snapshot_xmax(pg_current_snapshot()) AS future,
        (SELECT jsonb_build_object('xid', f.xid::text, 'id', f.id::text) FROM feed f ORDER BY f.xid, f.id LIMIT 1) AS first,
        (SELECT (f.xid, f.id) <= ($1::text::xid8, $2::bigint) FROM feed f ORDER BY f.xid, f.id LIMIT 1) AS reached`,
      [position.xid, position.id],
    );
    const row = rows[0];
    if (row === undefined || row.future) return 'unknown';
    if (row.first === null || row.reached === true || row.first.id === '1') return 'yes';
    return 'too-old';
  }
}

/** Negative when `a` comes before `b`. */
export function comparePositions(a: FeedPosition, b: FeedPosition): number {
  return compareDecimals(a.xid, b.xid) || compareDecimals(a.id, b.id);
}

function compareDecimals(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
