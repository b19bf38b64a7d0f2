import { Inject, Injectable } from '@nestjs/common';
import { deflateRawSync } from 'node:zlib';
import { queueError } from '../../errors/queue.errors.js';
import type { SegmentDifference } from '../../agreement/segment-difference.js';
import type { AnalysisResult, Checkpoint, JsonObject, JsonValue } from '../../plugin-api/index.js';
import { Database, type Query, queryOf } from '../database.js';
import { segmentFacts } from '../ledger/lane-claim.js';
import { claimedSegment, type SegmentFacts } from '../ledger/lane-row.js';
import { RUN_LEDGER_OPTIONS, type RunLedgerOptions } from '../ledger/pg-run-ledger.js';
import type { ClaimedSegment, Settlement } from '../ledger/run-ledger.js';
import { settlementRow } from '../ledger/settlement-row.js';
import { printable } from '../postgres-text.js';
import { BackfillApplier, type FoundRun } from './backfill-applier.js';
import { FINISH, NEXT_PHASE } from './backfill-phases.js';
import { resultsFrom } from './found-results.js';

/** The part of a backfill that is in one stream, held under a fenced lease. */
export interface HeldBackfill {
  readonly backfillId: string;
  readonly streamId: string;
  readonly fence: string;
  readonly phase: 'analysing' | 'comparing' | 'applying';
  readonly analyzerId: string;
  /** As written; null: the one in force. */
  readonly config: JsonObject | null;
  readonly fills: boolean;
}

/** A run of a backfill, with what was found. */
export interface ComparedRun {
  readonly runId: string;
  readonly epochId: string;
  readonly atUs: number;
  readonly ptsStartUs: number;
  readonly ptsEndUs: number;
  readonly results: readonly AnalysisResult[];
}

interface NextRow extends SegmentFacts {
  readonly run_id: string;
  readonly segment_id: string;
  readonly attempt: number;
  readonly deferrals: number;
  readonly was_left: boolean;
  readonly segment_state: string;
  readonly checkpoint: Checkpoint | null;
}

/** Runs that are compared or taken over in one step: some ten minutes of media. */
const STEP_RUNS = 200;

/** What a worker does for backfills. Every write is fenced by the lease of (backfill, stream), so that nothing is done twice. */
@Injectable()
export class BackfillWork {
  constructor(
    private readonly database: Database,
    private readonly applier: BackfillApplier,
    @Inject(RUN_LEDGER_OPTIONS) private readonly options: RunLedgerOptions,
  ) {}

  /** Takes the oldest that has work and nobody at it. @param analyzers that this worker has */
  async claim(owner: string, analyzers: readonly string[]): Promise<HeldBackfill | null> {
    const query: Query = (sql, params) => this.database.query(sql, params);
    const [held] = await query<HeldBackfill>(CLAIM, [owner, analyzers, this.options.leaseMs]);
    if (held === undefined) return null;
    if (held.fills || held.phase === 'applying') await this.applier.prepare(query, held.backfillId, held.streamId);
    return held;
  }

  /** @returns false where it is another's by now, or was paused or cancelled */
  async renew(owner: string, held: HeldBackfill): Promise<boolean> {
    const { backfillId, streamId, fence } = held;
    return (await this.database.query(RENEW, [backfillId, streamId, owner, fence, this.options.leaseMs])).length > 0;
  }

  async leave(owner: string, { backfillId, streamId, fence }: HeldBackfill): Promise<void> {
    await this.database.query(LEAVE, [backfillId, streamId, owner, fence]);
  }

  /** The next segment, claimed for an attempt; what cannot be analysed any more ends on the way. Null: nothing is due. */
  async next(
    owner: string,
    held: HeldBackfill,
    analyzer: { readonly version: string; readonly configHash: string },
  ): Promise<ClaimedSegment | null> {
    const { backfillId, streamId, fence, analyzerId } = held;
    for (;;) {
      const [row] = await this.database.query<NextRow>(NEXT, [backfillId, streamId, owner, fence]);
      if (row === undefined) return null;
      const { run_id: runId, attempt, deferrals, was_left: wasLeft, checkpoint } = row;
      const end = this.endOf(row);
      if (end !== undefined) {
        if (!(await this.settle(owner, held, end))) return null;
        continue;
      }
      const isOfEpoch = checkpoint !== null && checkpoint.epochId === row.epoch_id && checkpoint.sequence < row.sequence;
      return claimedSegment(streamId, row, row.segment_id, [
        {
          ...{ runId: `b${runId}`, attempt, deferrals, wasLeft, analyzerId, analyzerVersion: analyzer.version },
          ...{ configHash: analyzer.configHash, checkpoint: isOfEpoch ? checkpoint : null },
        },
      ]);
    }
  }

  /**
   * Ends an attempt: what was found is kept, or fills what was missing, with the run's end in one transaction.
   * @returns false where it was another's, and nothing was written
   */
  async settle(owner: string, held: HeldBackfill, settlement: Settlement, configHash?: string): Promise<boolean> {
    const { backfillId, streamId, fence, fills } = held;
    const runId = settlement.runId.replace(/^b/, '');
    const row = settlementRow(settlement) as { readonly state: string; readonly retry_in_ms?: number; readonly is_deferred?: boolean };
    const results = 'results' in settlement ? settlement.results : undefined;
    return this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      const found = results === undefined || fills ? null : deflateRawSync(JSON.stringify(results));
      const [ended] = await query<FoundRun>(SETTLE_RUN, [
        ...[backfillId, streamId, owner, fence, runId, settlement.attempt],
        ...[row.state, JSON.stringify(row), row.retry_in_ms ?? null, row.is_deferred === true, found],
        ...[reasonOf(settlement), codeOf(settlement)],
      ]);
      if (ended === undefined) return false;
      const keeps = 'checkpoint' in settlement && settlement.checkpoint !== undefined;
      if (keeps) await this.remember(query, held, ended, settlement.checkpoint as JsonValue);
      else if ('dropsState' in settlement && settlement.dropsState === true) await this.remember(query, held, ended, null);
      if (fills && results !== undefined && configHash !== undefined) {
        await this.applier.apply(query, { backfillId, analyzerId: held.analyzerId, configHash }, [{ ...ended, settlement: row, results }]);
        await query('UPDATE backfill_runs SET applied = true WHERE id = $1', [runId]);
      }
      if (row.state !== 'queued') await this.advance(query, backfillId);
      return true;
    });
  }

  /** Runs that are to be compared with what is known, by time; all within some minutes. */
  async uncompared({ backfillId, streamId }: HeldBackfill): Promise<ComparedRun[]> {
    const rows = await this.database.query<Omit<ComparedRun, 'results'> & { results: Buffer | null }>(UNCOMPARED, [
      backfillId,
      streamId,
      STEP_RUNS,
    ]);
    return rows.map((row) => ({ ...row, results: resultsFrom(row.results) }));
  }

  async compared(owner: string, held: HeldBackfill, differences: ReadonlyMap<string, SegmentDifference>): Promise<void> {
    const { backfillId, streamId, fence } = held;
    await this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      const of = [...differences].map(([id, difference]) => ({ id, difference }));
      await query(KEEP_EVENTS, [backfillId, streamId, owner, fence]);
      await query(KEEP_DIFFERENCES, [backfillId, streamId, owner, fence, JSON.stringify(of)]);
      await this.advance(query, backfillId);
    });
  }

  /** Takes over what was found in some minutes more. @returns how many runs */
  async applySome(owner: string, held: HeldBackfill, configHash: string): Promise<number> {
    const { backfillId, streamId, fence, analyzerId } = held;
    return this.database.transaction(async (manager) => {
      const query = queryOf(manager);
      const [mine] = await query<{ cleared: boolean }>(
        `SELECT cleared FROM backfill_streams WHERE backfill_id = $1 AND stream_id = $2 AND owner = $3 AND fence = $4 FOR UPDATE`,
        [backfillId, streamId, owner, fence],
      );
      if (mine === undefined) return 0;
      if (!mine.cleared) await this.applier.clearEvents(query, { backfillId, streamId, analyzerId });
      const rows = await query<FoundRun & { ended: FoundRun['settlement']; results: Buffer | null }>(UNAPPLIED, [
        backfillId,
        streamId,
        STEP_RUNS,
      ]);
      const found = rows.map(({ ended, ...run }) => ({ ...run, settlement: ended, results: resultsFrom(run.results as Buffer | null) }));
      await this.applier.apply(query, { backfillId, analyzerId, configHash }, found);
      await query('UPDATE backfill_runs SET applied = true, results = NULL WHERE id = ANY ($1::bigint[])', [rows.map((run) => run.runId)]);
      await this.advance(query, backfillId);
      return rows.length;
    });
  }

  /** It cannot go on: says why. */
  async fail(backfillId: string, code: string, message: string): Promise<void> {
    await this.database.query(
      `UPDATE backfills SET state = 'failed', error_code = $2, detail = $3, finished_at = now()
       WHERE id = $1 AND state IN ('queued', 'running')`,
      [backfillId, code, printable(message)],
    );
  }

  /** What needs no attempt. */
  private endOf({ run_id: runId, attempt, deferrals, was_left, segment_state }: NextRow): Settlement | undefined {
    const run = { runId, attempt };
    if (segment_state === 'deleted') return { ...run, state: 'skipped', reason: 'retention' };
    if (segment_state !== 'ready') return { ...run, state: 'skipped', reason: segment_state };
    const died = attempt - deferrals - 1;
    if (!was_left || died < this.options.attempts) return undefined;
    const { code, message } = queueError('VD_PIPELINE_POISON', `Its worker died ${died} times while this segment was being analysed`);
    return { ...run, state: 'failed', code, message };
  }

  private async remember(query: Query, { backfillId, streamId }: HeldBackfill, run: FoundRun, data: JsonValue): Promise<void> {
    const checkpoint = data === null ? null : JSON.stringify({ epochId: run.epochId, sequence: run.sequence, data });
    await query('UPDATE backfill_streams SET checkpoint = $3::jsonb WHERE backfill_id = $1 AND stream_id = $2', [
      backfillId,
      streamId,
      checkpoint,
    ]);
  }

  /** On to the next phase, or done, once nothing is left of this one. */
  private async advance(query: Query, backfillId: string): Promise<void> {
    // Whoever ends the last of one stream and whoever ends the last of another must see each other.
    await query('SELECT 1 FROM backfills WHERE id = $1 FOR UPDATE', [backfillId]);
    await query(NEXT_PHASE, [backfillId]);
    await query(NEXT_PHASE, [backfillId]); // where there is nothing to compare
    const [finished] = await query<{ id: string }>(FINISH, [backfillId]);
    if (finished !== undefined) await this.applier.endEvents(query, backfillId);
  }
}

const reasonOf = (settlement: Settlement): string | null => ('reason' in settlement ? (settlement.reason ?? null) : null);
const codeOf = (settlement: Settlement): string | null => (settlement.state === 'failed' ? settlement.code : null);

const LEASE = (ms: string): string => `clock_timestamp() + ${ms}::float8 * interval '1 millisecond'`;
const MINE = `SELECT 1 FROM backfill_streams s JOIN backfills b ON b.id = s.backfill_id
  WHERE s.backfill_id = $1 AND s.stream_id = $2 AND s.owner = $3 AND s.fence = $4`;
const GOES_ON = `b.state IN ('queued', 'running')`;

const CLAIM = `
WITH candidate AS MATERIALIZED (
  SELECT s.backfill_id, s.stream_id FROM backfills b JOIN backfill_streams s ON s.backfill_id = b.id
  WHERE ${GOES_ON} AND b.analyzer_id = ANY ($2::text[]) AND (s.owner IS NULL OR s.lease_until < clock_timestamp())
    AND CASE b.phase
      WHEN 'analysing' THEN EXISTS (SELECT 1 FROM backfill_runs r WHERE r.backfill_id = b.id AND r.stream_id = s.stream_id
        AND r.state IN ('queued', 'running') AND (r.not_before IS NULL OR r.not_before <= clock_timestamp()))
      WHEN 'comparing' THEN EXISTS (SELECT 1 FROM backfill_runs r WHERE r.backfill_id = b.id AND r.stream_id = s.stream_id
        AND r.state IN ('done', 'partial') AND r.difference IS NULL)
      ELSE EXISTS (SELECT 1 FROM backfill_runs r WHERE r.backfill_id = b.id AND r.stream_id = s.stream_id
        AND r.state IN ('done', 'partial') AND NOT r.applied) END
  ORDER BY b.created_at, b.id, s.stream_id LIMIT 1 FOR UPDATE OF s SKIP LOCKED
), begun AS (
  UPDATE backfills b SET state = 'running', started_at = COALESCE(started_at, now()) FROM candidate c
  WHERE b.id = c.backfill_id AND ${GOES_ON} RETURNING b.*
), taken AS (
  UPDATE backfill_streams s SET owner = $1, fence = s.fence + 1, lease_until = ${LEASE('$3')}
FROM candidate c JOIN begun b ON b.id = c.backfill_id WHERE s.backfill_id = c.backfill_id AND s.stream_id = c.stream_id
RETURNING s.backfill_id AS "backfillId", s.stream_id AS "streamId", s.fence::text AS fence, b.phase,
  b.analyzer_id AS "analyzerId", b.config,
  b.fills
)
SELECT * FROM taken`;

const RENEW = `
WITH renewed AS (
  UPDATE backfill_streams s SET lease_until = ${LEASE('$5')} FROM backfills b
WHERE b.id = s.backfill_id AND s.backfill_id = $1 AND s.stream_id = $2 AND s.owner = $3 AND s.fence = $4 AND ${GOES_ON} RETURNING 1
)
SELECT * FROM renewed`;

const LEAVE = `
UPDATE backfill_streams SET owner = NULL, lease_until = NULL WHERE backfill_id = $1 AND stream_id = $2 AND owner = $3 AND fence = $4`;

/** The first that is open, if its time has come: those behind it wait with it, since they come in order. */
const NEXT = `
WITH head AS MATERIALIZED (
  SELECT r.id, r.state, r.not_before FROM backfill_runs r
  WHERE r.backfill_id = $1 AND r.stream_id = $2 AND r.state IN ('queued', 'running')
    AND EXISTS (${MINE} AND ${GOES_ON} AND b.phase = 'analysing')
  ORDER BY r.epoch_ordinal, r.sequence LIMIT 1
), run AS (
  UPDATE backfill_runs r SET state = 'running', attempt = r.attempt + 1, not_before = NULL FROM head
  WHERE r.id = head.id AND (head.not_before IS NULL OR head.not_before <= clock_timestamp())
  RETURNING r.id, r.segment_id, r.attempt, r.deferrals, head.state = 'running' AS was_left
)
SELECT run.id::text AS run_id, run.segment_id::text AS segment_id, run.attempt, run.deferrals, run.was_left, s.state AS segment_state,
  (SELECT b.checkpoint FROM backfill_streams b WHERE b.backfill_id = $1 AND b.stream_id = $2) AS checkpoint, w.*
FROM run JOIN segments s ON s.id = run.segment_id CROSS JOIN LATERAL (${segmentFacts('run.segment_id')}) w`;

const SETTLE_RUN = `
WITH ended AS (
  UPDATE backfill_runs r SET state = $7, ended = $8::jsonb, deferrals = r.deferrals + CASE WHEN $10::boolean THEN 1 ELSE 0 END,
  not_before = CASE WHEN $7 = 'queued' THEN clock_timestamp() + COALESCE($9::float8, 0) * interval '1 millisecond' END,
  finished_at = CASE WHEN $7 <> 'queued' THEN clock_timestamp() END, results = $11, reason = $12, error_code = $13
WHERE r.id = $5::bigint AND r.attempt = $6 AND r.state = 'running' AND EXISTS (${MINE} FOR UPDATE OF s)
RETURNING r.id::text AS "runId", r.segment_id::text AS "segmentId", r.stream_id AS "streamId", r.epoch_id AS "epochId", r.sequence
)
SELECT * FROM ended`;

const UNCOMPARED = `
WITH step AS (
  SELECT r.*, min(r.at) OVER () AS first_at FROM (
    SELECT * FROM backfill_runs WHERE backfill_id = $1 AND stream_id = $2 AND state IN ('done', 'partial') AND difference IS NULL
    ORDER BY epoch_ordinal, sequence LIMIT $3) r
)
SELECT step.id::text AS "runId", step.epoch_id AS "epochId", (extract(epoch FROM step.at) * 1000000)::float8 AS "atUs",
  s.pts_start_us::float8 AS "ptsStartUs", s.pts_end_us::float8 AS "ptsEndUs", step.results
FROM step JOIN segments s ON s.id = step.segment_id
WHERE step.at < step.first_at + interval '10 minutes' ORDER BY step.epoch_ordinal, step.sequence`;

const KEEP_DIFFERENCES = `
UPDATE backfill_runs r SET difference = i.difference FROM jsonb_to_recordset($5::jsonb) AS i(id bigint, difference jsonb)
WHERE r.id = i.id AND r.backfill_id = $1 AND EXISTS (${MINE} FOR UPDATE OF s)`;

/** As many as are looked at in a difference. */
const MOST_EVENTS = 5_000;
const KEEP_EVENTS = `
UPDATE backfill_streams t SET known_events = COALESCE((
  SELECT jsonb_agg(jsonb_build_array(v.epoch_id, v.name, v.start_pts_us, v.end_pts_us) ORDER BY v.start_at) FROM (
    SELECT v.* FROM events v JOIN backfills b ON b.id = $1 WHERE v.stream_id = $2 AND v.analyzer_id = b.analyzer_id
      AND v.start_at < b.to_at AND (v.end_at IS NULL OR v.end_at >= b.from_at) ORDER BY v.start_at LIMIT ${MOST_EVENTS}) v), '[]')
WHERE t.backfill_id = $1 AND t.stream_id = $2 AND t.known_events IS NULL AND t.owner = $3 AND t.fence = $4`;

const UNAPPLIED = `
SELECT r.id::text AS "runId", r.segment_id::text AS "segmentId", r.stream_id AS "streamId", r.epoch_id AS "epochId", r.sequence,
  r.ended, r.results
FROM backfill_runs r WHERE r.backfill_id = $1 AND r.stream_id = $2 AND r.state IN ('done', 'partial') AND NOT r.applied
ORDER BY r.epoch_ordinal, r.sequence LIMIT $3`;
