import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** Rates and times are of so long. */
export const REPORT_WINDOW_MS = 5 * 60_000;
/** The newest failures that are looked at; beyond them nobody reads a number. */
const MOST_FAILURES = 10_000;

/** Half of all took no longer than the first, all but one in twenty no longer than the second. */
export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
}

/** Runs that failed with one code since somebody last looked. */
export interface FailureGroup {
  readonly code: string;
  readonly count: number;
  readonly streams: number;
  readonly analyzerIds: readonly string[];
  /** Of the newest one. */
  readonly message: string;
  readonly lastAt: Date;
}

/** Runs that were skipped within the window, by what is said before the first colon. */
export interface SkipGroup {
  readonly reason: string;
  readonly count: number;
}

/** One queue as the ledger has it. */
export interface QueueReport {
  readonly queue: string;
  /** Runs that wait for their turn or for another attempt, and those under way. */
  readonly waiting: number;
  readonly running: number;
  /** Age of the oldest of them; null: there is none. */
  readonly oldestMs: number | null;
  /** Runs that were asked for within the window. */
  readonly arrived: number;
  readonly ended: { readonly done: number; readonly partial: number; readonly skipped: number; readonly failed: number };
  /** From being asked for to being begun, and from there to the end, of runs that were analysed; null: none was. */
  readonly waitMs: Percentiles | null;
  readonly runMs: Percentiles | null;
  readonly skips: readonly SkipGroup[];
  readonly failures: readonly FailureGroup[];
  /** The newest run that failed and was not seen; up to it failures can be marked as seen. Null: none. */
  readonly newestFailedRunId: string | null;
  /** Failures before that were marked as seen, and by whom. */
  readonly seen: { readonly by: string; readonly at: Date } | null;
}

interface ReportRow extends Omit<QueueReport, 'ended' | 'waitMs' | 'runMs' | 'failures' | 'seen'> {
  done: number;
  partial: number;
  skipped: number;
  failed: number;
  wait_ms: [number, number] | null;
  run_ms: [number, number] | null;
  seen_by: string | null;
  seen_at: Date | null;
  failures: (Omit<FailureGroup, 'lastAt'> & { lastAt: string })[];
}

const PAIR = 'ARRAY[0.5, 0.95]';
const WITHIN = `now() - $1::float8 * interval '1 millisecond'`;

const REPORT = `
WITH open AS (
  SELECT queue, count(*) FILTER (WHERE state = 'queued')::int AS waiting, count(*) FILTER (WHERE state = 'running')::int AS running,
    GREATEST(0, extract(epoch FROM clock_timestamp() - min(created_at))::float8 * 1000) AS oldest_ms,
    count(*) FILTER (WHERE created_at > ${WITHIN})::int AS arrived
  FROM analysis_runs WHERE state IN ('queued', 'running') GROUP BY queue
), recent AS MATERIALIZED (
  SELECT queue, state, created_at, started_at, finished_at, wall_ms, split_part(COALESCE(reason, ''), ':', 1) AS reason
  FROM analysis_runs WHERE finished_at > ${WITHIN}
), ended AS (
  SELECT queue, count(*) FILTER (WHERE state = 'done')::int AS done, count(*) FILTER (WHERE state = 'partial')::int AS partial,
    count(*) FILTER (WHERE state = 'skipped')::int AS skipped, count(*) FILTER (WHERE state = 'failed')::int AS failed,
    count(*) FILTER (WHERE created_at > ${WITHIN})::int AS arrived,
    percentile_cont(${PAIR}) WITHIN GROUP (ORDER BY GREATEST(0, extract(epoch FROM started_at - created_at))::float8 * 1000)
      FILTER (WHERE state IN ('done', 'partial') AND started_at IS NOT NULL) AS wait_ms,
    percentile_cont(${PAIR}) WITHIN GROUP (ORDER BY COALESCE(wall_ms::float8, extract(epoch FROM finished_at - started_at)::float8 * 1000))
      FILTER (WHERE state IN ('done', 'partial') AND started_at IS NOT NULL) AS run_ms
  FROM recent GROUP BY queue
), skips AS (
  SELECT queue, jsonb_agg(jsonb_build_object('reason', reason, 'count', count) ORDER BY count DESC, reason) AS skips
  FROM (SELECT queue, reason, count(*)::int AS count, row_number() OVER (PARTITION BY queue ORDER BY count(*) DESC) AS place
    FROM recent WHERE state = 'skipped' GROUP BY queue, reason) grouped WHERE place <= 20 GROUP BY queue
), names AS (
  SELECT unnest($2::text[]) AS queue UNION SELECT queue FROM open UNION SELECT queue FROM ended
), failures AS (
  SELECT queue, jsonb_agg(to_jsonb(grouped) - 'queue' - 'newest' ORDER BY count DESC, code) AS failures, max(newest)::text AS newest
  FROM (
    SELECT n.queue, COALESCE(f.error_code, 'unknown') AS code, count(*)::int AS count, count(DISTINCT f.stream_id)::int AS streams,
      array_agg(DISTINCT f.analyzer_id) AS "analyzerIds", max(f.id) AS newest, max(f.finished_at) AS "lastAt",
      COALESCE((array_agg(f.error_message ORDER BY f.id DESC))[1], '') AS message
    FROM names n CROSS JOIN LATERAL (
      SELECT r.* FROM analysis_runs r WHERE r.queue = n.queue AND r.state = 'failed'
        AND r.id > COALESCE((SELECT s.up_to_run_id FROM queue_failures_seen s WHERE s.queue = n.queue), 0)
      ORDER BY r.id DESC LIMIT ${MOST_FAILURES}
    ) f GROUP BY n.queue, 2
  ) grouped GROUP BY queue
)
SELECT n.queue, COALESCE(o.waiting, 0) AS waiting, COALESCE(o.running, 0) AS running, o.oldest_ms AS "oldestMs",
  COALESCE(o.arrived, 0) + COALESCE(e.arrived, 0) AS arrived, COALESCE(e.done, 0) AS done, COALESCE(e.partial, 0) AS partial,
  COALESCE(e.skipped, 0) AS skipped, COALESCE(e.failed, 0) AS failed, e.wait_ms, e.run_ms, COALESCE(k.skips, '[]') AS skips,
  COALESCE(f.failures, '[]') AS failures, f.newest AS "newestFailedRunId", s.seen_by, s.seen_at
FROM names n LEFT JOIN open o USING (queue) LEFT JOIN ended e USING (queue) LEFT JOIN skips k USING (queue)
  LEFT JOIN failures f USING (queue) LEFT JOIN queue_failures_seen s USING (queue) ORDER BY n.queue`;

/** How each queue does: what waits, how fast it goes, what fails. */
@Injectable()
export class QueueReportReads {
  constructor(private readonly database: Database) {}

  /** @param queues those that are there even where nothing waits; others are told while the ledger has recent runs of theirs */
  async report(queues: readonly string[]): Promise<QueueReport[]> {
    const rows = await this.database.bounded<ReportRow>(REPORT, [REPORT_WINDOW_MS, queues]);
    return rows.map(({ done, partial, skipped, failed, wait_ms, run_ms, seen_by, seen_at, failures, ...row }) => ({
      ...row,
      ended: { done, partial, skipped, failed },
      waitMs: percentiles(wait_ms),
      runMs: percentiles(run_ms),
      failures: failures.map((group) => ({ ...group, lastAt: new Date(group.lastAt) })),
      seen: seen_by === null || seen_at === null ? null : { by: seen_by, at: seen_at },
    }));
  }
}

const percentiles = (pair: [number, number] | null): Percentiles | null => (pair === null ? null : { p50: pair[0], p95: pair[1] });
