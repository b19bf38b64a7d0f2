import { Injectable } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import type { AuditAction } from '../../audit/actions.js';
import { recordIn } from '../access/audit-log.js';
import { Database, queryOf } from '../database.js';
import { FeedBell } from '../notify/feed-bell.js';
import { SqlWhere } from '../read/sql-where.js';
import { runColumns, type RunRow } from '../read/wire-rows.js';
import { IS_LATE } from './lane-claim.js';
import type { LaneKey } from './run-ledger.js';

/** Which runs of the ledger are meant: those that are rows yet, hence of the last hours. */
export interface RunChoice {
  readonly queue: string;
  readonly state: 'failed' | 'skipped' | 'queued';
  /** By itself; what else is asked for must hold too. */
  readonly runId?: string;
  readonly analyzerId?: string;
  readonly streamId?: string;
  /** Error code of failed ones, or what a reason begins with of skipped ones. */
  readonly why?: string;
}

/** Runs that cannot be taken up in their lane: their media can be analysed again beside it. */
export interface BehindRuns {
  readonly analyzerId: string;
  /** `late`: the analyzer has been past them, and sees time in one direction; `changed`: they were asked for with another config. */
  readonly why: 'late' | 'changed';
  readonly runs: number;
  readonly streamIds: readonly string[];
  /** The range of their media. */
  readonly from: Date;
  readonly to: Date;
}

export interface RetriedRuns {
  readonly retried: number;
  /** The media is not there any more. */
  readonly gone: number;
  readonly behind: readonly BehindRuns[];
  /** Lanes that have work now. */
  readonly lanes: readonly LaneKey[];
  /** The last run that was looked at, where there are more. */
  readonly after: string | null;
}

/** Runs that one call looks at. */
export const MOST_RUNS = 1_000;

interface JudgedRow {
  fate: 'retried' | 'gone' | 'late' | 'changed';
  analyzer_id: string;
  runs: number;
  streams: string[];
  from_at: Date | null;
  to_at: Date | null;
  lanes: LaneKey[] | null;
  seen: number;
  last_id: string | null;
}

/** A run that came to nothing, with the stream's name. */
export type ListedRunRow = RunRow & { readonly stream_name: string; readonly started_at: Date };

/** What people do to runs: take up again what failed, call off what waits. The ledger stays the truth: states change, rows stay. */
@Injectable()
export class RunOperations {
  constructor(
    private readonly database: Database,
    private readonly bell: FeedBell,
  ) {}

  /** One more than `limit`, the newest first. @param before id of a run */
  list(choice: RunChoice, limit: number, before?: string): Promise<ListedRunRow[]> {
    const where = chosen(choice);
    if (before !== undefined) where.add('r.id < ?::bigint', before);
    return this.database.bounded<ListedRunRow>(
      `SELECT ${runColumns}, t.name AS stream_name, s.at AS started_at
       FROM analysis_runs r JOIN streams t ON t.id = r.stream_id JOIN segments s ON s.id = r.segment_id
       WHERE ${where} ORDER BY r.id DESC LIMIT ${where.param(limit + 1)}`,
      where.params,
    );
  }

  /** Null: not a row any more, or never one. */
  async choiceOf(runId: string): Promise<{ readonly queue: string; readonly state: string } | null> {
    const [row] = await this.database.query<{ queue: string; state: string }>(
      'SELECT queue, state FROM analysis_runs WHERE id = $1::bigint',
      [runId],
    );
    return row ?? null;
  }

  /**
   * Runs wait for their turn again, with all their attempts before them. Those that their analyzer is past are left as they are.
   * @param known analyzers as they are loaded
   * @param after id of a run: those beyond it
   */
  retry(
    choice: RunChoice & { readonly state: 'failed' | 'skipped' },
    known: readonly { readonly analyzerId: string; readonly configHash: string }[],
    by: Actor,
    after?: string,
  ): Promise<RetriedRuns> {
    const where = chosen(choice);
    if (after !== undefined) where.add('r.id > ?::bigint', after);
    const [ids, hashes] = [where.param(known.map(({ analyzerId }) => analyzerId)), where.param(known.map(({ configHash }) => configHash))];
    const text = `
WITH known AS (
  SELECT * FROM unnest(${ids}::text[], ${hashes}::text[]) AS k(analyzer_id, config_hash)
), wanted AS MATERIALIZED (
  SELECT r.* FROM analysis_runs r WHERE ${where} ORDER BY r.id LIMIT ${MOST_RUNS}
), judged AS MATERIALIZED (
  SELECT r.id, r.stream_id, r.queue, r.analyzer_id, r.state, r.attempt, s.at,
    s.at + (s.pts_end_us - s.pts_start_us) * interval '1 microsecond' AS end_at,
    CASE WHEN s.state IS DISTINCT FROM 'ready' OR t.deleted_at IS NOT NULL THEN 'gone'
      WHEN NOT EXISTS (SELECT FROM known k WHERE k.analyzer_id = r.analyzer_id AND k.config_hash = r.config_hash) THEN 'changed'
      WHEN ${IS_LATE} THEN 'late' ELSE 'retried' END AS fate
  FROM wanted r LEFT JOIN segments s ON s.id = r.segment_id LEFT JOIN streams t ON t.id = r.stream_id
), retried AS (
  -- The attempts that were made no longer count, and its age is counted from now: else a live stream would be too late for it at once.
  UPDATE analysis_runs r SET state = 'queued', deferrals = r.attempt, created_at = clock_timestamp(), owner = NULL, not_before = NULL,
    reason = NULL, error_code = NULL, error_message = NULL, strategy = NULL, strategy_reason = NULL, executed_by = NULL, started_at = NULL,
    finished_at = NULL
  FROM judged j WHERE j.fate = 'retried' AND r.id = j.id AND r.state = j.state AND r.attempt = j.attempt
  RETURNING r.id, r.stream_id, r.queue
)
SELECT j.fate, j.analyzer_id, count(*) FILTER (WHERE j.fate <> 'retried' OR r.id IS NOT NULL)::int AS runs,
  array_agg(DISTINCT j.stream_id) AS streams, min(j.at) AS from_at, max(j.end_at) AS to_at,
  jsonb_agg(DISTINCT jsonb_build_object('streamId', r.stream_id, 'queue', r.queue)) FILTER (WHERE r.id IS NOT NULL) AS lanes,
  (SELECT count(*)::int FROM wanted) AS seen, (SELECT max(id)::text FROM wanted) AS last_id
FROM judged j LEFT JOIN retried r ON r.id = j.id GROUP BY j.fate, j.analyzer_id ORDER BY j.fate, j.analyzer_id`;
    return this.database.transaction(async (manager) => {
      const rows = await queryOf(manager)<JudgedRow>(text, where.params);
      const result = retriedOf(rows);
      if (result.retried > 0) await recordIn(manager, entry('run.retry', choice, result.retried, by));
      return result;
    });
  }

  /** Runs that wait end as `skipped(cancelled)`; those under way go on. @returns how many, at most {@link MOST_RUNS} at once */
  async cancel(choice: RunChoice & { readonly state: 'queued' }, by: Actor): Promise<number> {
    const where = chosen(choice);
    const cancelled = await this.database.transaction(async (manager) => {
      const [row] = await queryOf(manager)<{ count: number }>(
        `WITH wanted AS MATERIALIZED (
           SELECT r.id, r.attempt FROM analysis_runs r WHERE ${where} ORDER BY r.id LIMIT ${MOST_RUNS}
         ), skipped AS (
           UPDATE analysis_runs r SET state = 'skipped', reason = 'cancelled', finished_at = clock_timestamp(), not_before = NULL
           FROM wanted w WHERE r.id = w.id AND r.state = 'queued' AND r.attempt = w.attempt RETURNING r.id, r.stream_id
         ), told AS (
           INSERT INTO feed (kind, stream_id, payload)
             SELECT 'run.finished', stream_id, jsonb_build_object('runId', id::text) FROM skipped ORDER BY id
         )
         SELECT count(*)::int AS count FROM skipped`,
        where.params,
      );
      const count = row?.count ?? 0;
      if (count > 0) await recordIn(manager, entry('run.cancel', choice, count, by));
      return count;
    });
    if (cancelled > 0) this.bell.ring();
    return cancelled;
  }
}

function chosen({ queue, state, runId, analyzerId, streamId, why }: RunChoice): SqlWhere {
  // The state in so many words: by them the planner finds the indexes of open runs and of those that came to nothing.
  const where = new SqlWhere().add(`r.queue = ? AND r.state = '${state}'`, queue);
  if (runId !== undefined) where.add('r.id = ?::bigint', runId);
  if (analyzerId !== undefined) where.add('r.analyzer_id = ?', analyzerId);
  if (streamId !== undefined) where.add('r.stream_id = ?::uuid', streamId);
  if (why !== undefined && state === 'failed') where.add("COALESCE(r.error_code, 'unknown') = ?", why);
  if (why !== undefined && state === 'skipped') where.add("split_part(COALESCE(r.reason, ''), ':', 1) = ?", why);
  return where;
}

function entry(action: AuditAction, { runId, queue, ...choice }: RunChoice, runs: number, by: Actor) {
  return { by, action, target: runId ?? queue, detail: { ...choice, queue, runs } };
}

function retriedOf(rows: readonly JudgedRow[]): RetriedRuns {
  const sum = (fate: JudgedRow['fate']): number => rows.filter((row) => row.fate === fate).reduce((all, { runs }) => all + runs, 0);
  const first = rows[0];
  return {
    retried: sum('retried'),
    gone: sum('gone'),
    behind: rows.flatMap(({ fate, analyzer_id, runs, streams, from_at, to_at }) =>
      (fate === 'late' || fate === 'changed') && from_at !== null && to_at !== null
        ? [{ analyzerId: analyzer_id, why: fate, runs, streamIds: streams, from: from_at, to: to_at }]
        : [],
    ),
    lanes: rows.flatMap(({ lanes }) => lanes ?? []),
    after: first !== undefined && first.seen === MOST_RUNS ? first.last_id : null,
  };
}
