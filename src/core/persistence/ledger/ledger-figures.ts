import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** One queue as the ledger sees it. */
export interface LedgerQueueFigures {
  readonly queue: string;
  readonly runsQueued: number;
  readonly runsRunning: number;
  /** Age of the oldest segment not yet analysed, 0 when none. */
  readonly lagMs: number;
  /** Runs that ended in the last minute, by state. */
  readonly lastMinute: { readonly done: number; readonly partial: number; readonly skipped: number; readonly failed: number };
  /** Why runs of the last minute were skipped, the most frequent reason first. */
  readonly skipReasons: readonly { readonly reason: string; readonly count: number }[];
}

/** Counts for dashboards; cheap enough to be asked for every second. */
@Injectable()
export class LedgerFigures {
  constructor(private readonly sql: Database) {}

  /** Queues without any work or recent end are absent. */
  queues(): Promise<LedgerQueueFigures[]> {
    return this.sql.rows<LedgerQueueFigures>({
      name: 'queue_figures',
      text: `
WITH waiting AS (
  SELECT queue, count(*) FILTER (WHERE state = 'queued')::int AS queued, count(*) FILTER (WHERE state = 'running')::int AS running,
    extract(epoch FROM clock_timestamp() - min(created_at))::float8 * 1000 AS lag_ms
  FROM analysis_runs WHERE state IN ('queued', 'running') GROUP BY queue
), endings AS (
  SELECT queue, state, CASE state WHEN 'skipped' THEN COALESCE(reason, 'unknown') END AS reason, count(*)::int AS count
  FROM analysis_runs WHERE finished_at > now() - interval '1 minute' GROUP BY queue, state, 3
), ended AS (
  SELECT queue, sum(count) FILTER (WHERE state = 'done')::int AS done, sum(count) FILTER (WHERE state = 'partial')::int AS partial,
    sum(count) FILTER (WHERE state = 'skipped')::int AS skipped, sum(count) FILTER (WHERE state = 'failed')::int AS failed,
    COALESCE(json_agg(json_build_object('reason', reason, 'count', count) ORDER BY count DESC, reason) FILTER (WHERE reason IS NOT NULL),
      '[]') AS skip_reasons
  FROM endings GROUP BY queue
)
SELECT queue, COALESCE(w.queued, 0) AS "runsQueued", COALESCE(w.running, 0) AS "runsRunning", GREATEST(COALESCE(w.lag_ms, 0), 0) AS "lagMs",
  json_build_object('done', COALESCE(e.done, 0), 'partial', COALESCE(e.partial, 0), 'skipped', COALESCE(e.skipped, 0),
    'failed', COALESCE(e.failed, 0)) AS "lastMinute", COALESCE(e.skip_reasons, '[]') AS "skipReasons"
FROM waiting w FULL JOIN ended e USING (queue) ORDER BY queue`,
    });
  }
}
