import { Inject, Injectable } from '@nestjs/common';
import { analysisError } from '../../errors/analysis.errors.js';
import { flawOfJson, flawOfResults, type JsonValue, RESULT_LIMITS, resultSpan } from '../../plugin-api/index.js';
import { FeedBell } from '../notify/feed-bell.js';
import { dayOf, PartitionKeeper } from '../partition-keeper.js';
import { printable } from '../postgres-text.js';
import { Database } from '../database.js';
import { sqlState } from '../sql-errors.js';
import { EpochEvents } from './epoch-events.js';
import { ADVANCE_LANE, ENTER_LANE, IDLE_LANES, LEAVE_LANE, RENEW_LANES, SKIP_OVERDUE, SKIP_UNKNOWN } from './lane-statements.js';
import { ResultColumns } from './result-columns.js';
import {
  type ClaimedRun,
  type ClaimedSegment,
  type HeldLane,
  type IdleLane,
  type LaneKey,
  type LaneTurn,
  placeOf,
  type PoisonedRun,
  RunLedger,
  type Settlement,
} from './run-ledger.js';
import { SETTLE } from './settle-statement.js';

/** SQLSTATE of a row for which no partition exists (and of any other violated check). */
const CHECK_VIOLATION = '23514';

export const RUN_LEDGER_OPTIONS = Symbol('vedette.run-ledger-options');

export interface RunLedgerOptions {
  readonly leaseMs: number;
  /** Attempts a run is given before it fails for good. */
  readonly attempts: number;
  /** How long a segment waits for the one before it when that one is missing. */
  readonly gapAfterMs: number;
}

interface TurnRow {
  fence: string;
  held?: boolean;
  again?: boolean | null;
  segment_id: string | null;
  stream_name: string;
  is_private: boolean;
  node_id: string;
  waited_ms: number;
  epoch_id: string;
  sequence: number;
  path: string;
  size_bytes: string;
  pts_start_us: string;
  pts_end_us: string;
  frame_count: number;
  keyframe_count: number;
  started_at_ms: number;
  pts_origin_us: string | null;
  epoch_closed: boolean;
  width_px: number | null;
  height_px: number | null;
  video_codec: string | null;
  last_of_epoch: boolean;
  runs: (Omit<ClaimedRun, 'checkpoint'> & { checkpoint: ClaimedRun['checkpoint'] | null })[] | null;
  poisoned: Omit<PoisonedRun, 'segmentId' | 'sequence' | 'streamName'>[] | null;
  /** Runs that this look ended without a claim. */
  ended: number;
  due_in_ms: number | null;
}

interface SettledRow {
  id: string;
  epoch_closed: boolean;
}

/** {@link RunLedger} in PostgreSQL. Each method is one statement, hence one transaction and one round trip; where it ends a closed epoch's last run, another follows. */
@Injectable()
export class PgRunLedger extends RunLedger {
  constructor(
    private readonly sql: Database,
    private readonly bell: FeedBell,
    private readonly partitions: PartitionKeeper,
    private readonly events: EpochEvents,
    @Inject(RUN_LEDGER_OPTIONS) private readonly options: RunLedgerOptions,
  ) {
    super();
  }

  async enter(lane: LaneKey, owner: string): Promise<LaneTurn> {
    const [row] = await this.sql.rows<TurnRow>(ENTER_LANE, this.claimValues(lane, owner));
    if (row === undefined || row.held === true) return { kind: 'held' };
    return this.turn({ ...lane, fence: row.fence }, { ...row, again: true });
  }

  async advance(lane: HeldLane, owner: string): Promise<LaneTurn> {
    const [row] = await this.sql.rows<TurnRow>(ADVANCE_LANE, [...this.claimValues(lane, owner), lane.fence]);
    return row === undefined ? { kind: 'lost' } : this.turn(lane, row);
  }

  async leave(lane: HeldLane, owner: string): Promise<void> {
    await this.sql.rows(LEAVE_LANE, [lane.streamId, lane.queue, owner, lane.fence]);
  }

  renew(owner: string, lanes: readonly HeldLane[]): Promise<HeldLane[]> {
    const columns = [lanes.map((lane) => lane.streamId), lanes.map((lane) => lane.queue), lanes.map((lane) => lane.fence)];
    return this.sql.rows<HeldLane>(RENEW_LANES, [owner, this.options.leaseMs, ...columns]);
  }

  async settle(
    owner: string,
    work: Pick<ClaimedSegment, 'epoch' | 'segment' | 'runs'>,
    settlements: readonly Settlement[],
  ): Promise<ReadonlyMap<string, Settlement>> {
    if (settlements.length === 0) return new Map();
    const checked = settlements.map((settlement) => refuseBadResults(settlement, work));
    const columns = new ResultColumns();
    for (const settlement of checked) if ('results' in settlement) columns.add(settlement.runId, settlement.results);
    const epochUs = work.epoch.startedAtMs * 1_000 - work.epoch.ptsOriginUs;
    const days = new Set(columns.partitionedPts.map((ptsUs) => dayOf(epochUs + ptsUs)));
    await this.partitions.ensure(days);
    const values = [owner, JSON.stringify(checked.map(settlementRow)), ...columns.values()];
    const rows = await this.sql.rows<SettledRow>(SETTLE, values).catch(async (error: unknown) => {
      if (sqlState(error) !== CHECK_VIOLATION) throw error;
      // Retention may have dropped a partition that was seen before.
      this.partitions.forget();
      await this.partitions.ensure(days);
      return this.sql.rows<SettledRow>(SETTLE, values);
    });
    this.bell.ring();
    // Where others follow in a closed epoch, it is not over yet.
    if (rows.some((row) => row.epoch_closed) && work.segment.lastOfEpoch !== false) await this.endEvents(work.segment.epochId);
    const settled = new Set(rows.map((row) => row.id));
    return new Map(checked.filter(({ runId }) => settled.has(runId)).map((settlement) => [settlement.runId, settlement]));
  }

  idleLanes(queues: readonly string[] | null): Promise<IdleLane[]> {
    return this.sql.rows<IdleLane>(IDLE_LANES, [queues, this.options.gapAfterMs]);
  }

  async skipOverdue(maxLagMs: number): Promise<number> {
    const [row] = await this.sql.rows<{ count: number }>(SKIP_OVERDUE, [maxLagMs]);
    return this.skipped(row);
  }

  async skipUnknown(known: readonly { readonly analyzerId: string; readonly configHash: string }[]): Promise<number> {
    const [row] = await this.sql.rows<{ count: number }>(SKIP_UNKNOWN, [known.map((k) => k.analyzerId), known.map((k) => k.configHash)]);
    return this.skipped(row);
  }

  private claimValues(lane: LaneKey, owner: string): unknown[] {
    const { leaseMs, attempts, gapAfterMs } = this.options;
    return [lane.streamId, lane.queue, owner, leaseMs, attempts, gapAfterMs];
  }

  private skipped(row: { count: number } | undefined): number {
    if (row !== undefined && row.count > 0) this.bell.ring();
    return row?.count ?? 0;
  }

  /** What has been committed stays so whatever comes of this: a reconciler looks again. */
  private async endEvents(epochId: string): Promise<void> {
    await this.events.endLeftOpen(epochId).catch(() => undefined);
  }

  private async turn(lane: HeldLane, row: TurnRow): Promise<LaneTurn> {
    if (row.ended > 0) {
      this.bell.ring();
      if (row.epoch_closed) await this.endEvents(row.epoch_id);
    }
    const segmentId = row.segment_id ?? '';
    const of = { segmentId, sequence: row.sequence, streamName: row.stream_name };
    const poisoned = row.poisoned === null ? {} : { poisoned: row.poisoned.map((run) => ({ ...run, ...of })) };
    if (row.segment_id !== null && row.runs !== null)
      return { kind: 'claimed', lane, work: claimedSegment(lane.streamId, row, row.segment_id, row.runs), ...poisoned };
    if (row.again === true || row.ended > 0) return { kind: 'again', lane, ...poisoned };
    return { kind: 'released', dueInMs: row.due_in_ms };
  }
}

function claimedSegment(streamId: string, row: TurnRow, segmentId: string, runs: NonNullable<TurnRow['runs']>): ClaimedSegment {
  return {
    segmentId,
    stream: {
      streamId,
      streamName: row.stream_name,
      isPrivate: row.is_private,
      epochId: row.epoch_id,
      widthPx: row.width_px ?? 0,
      heightPx: row.height_px ?? 0,
      codec: row.video_codec ?? 'unknown',
    },
    segment: {
      streamId,
      epochId: row.epoch_id,
      sequence: row.sequence,
      ptsStartUs: Number(row.pts_start_us),
      ptsEndUs: Number(row.pts_end_us),
      path: row.path,
      nodeId: row.node_id,
      sizeBytes: Number(row.size_bytes),
      frameCount: row.frame_count,
      keyframeCount: row.keyframe_count,
      // Unknown while the epoch is open: later segments may come.
      ...(row.epoch_closed ? { lastOfEpoch: row.last_of_epoch } : {}),
    },
    epoch: { startedAtMs: row.started_at_ms, ptsOriginUs: Number(row.pts_origin_us ?? 0), closed: row.epoch_closed },
    waitedMs: row.waited_ms,
    runs: runs.map(({ checkpoint, ...run }) => (checkpoint === null ? run : { ...run, checkpoint })),
  };
}

/** The last look before the tables: also at what core itself has added to an analyzer's results. */
function refuseBadResults(
  settlement: Settlement,
  { epoch, segment, runs }: Pick<ClaimedSegment, 'epoch' | 'segment' | 'runs'>,
): Settlement {
  if (!('results' in settlement)) return settlement;
  const { results, checkpoint } = settlement;
  const from = runs.find(({ runId }) => runId === settlement.runId)?.checkpoint;
  const flaw = flawOfResults(results, resultSpan(segment, from, epoch.ptsOriginUs)) ?? flawOfState(checkpoint);
  if (flaw === undefined) return settlement;
  const { code, message } = analysisError('VD_ANALYZER_BAD_RESULT', flaw);
  return { ...placeOf(settlement), state: 'failed', code, message, dropsState: true };
}

function flawOfState(checkpoint: JsonValue | undefined): string | undefined {
  const flaw = checkpoint === undefined ? undefined : flawOfJson(checkpoint, RESULT_LIMITS.runStateBytes);
  return flaw === undefined ? undefined : `The checkpoint ${flaw}`;
}

function settlementRow(settlement: Settlement): Record<string, unknown> {
  const { runId, attempt, strategy, strategyReason, executedBy, wallMs, decodeCpuMs, cost } = settlement;
  const row = {
    id: runId,
    attempt,
    strategy,
    strategy_reason: text(strategyReason),
    executed_by: text(executedBy),
    wall_ms: wallMs,
    decode_cpu_ms: decodeCpuMs,
    cost,
  };
  switch (settlement.state) {
    case 'done':
    case 'partial':
      return {
        ...row,
        state: settlement.state,
        reason: text(settlement.reason),
        frames_seen: settlement.framesSeen,
        frames_expected: settlement.framesExpected,
        result_count: settlement.results.length,
        cpu_ms: settlement.cpuMs,
        checkpoint: settlement.checkpoint,
      };
    case 'skipped':
      return { ...row, state: 'skipped', reason: settlement.reason };
    case 'failed':
      return {
        ...row,
        state: settlement.retryInMs === undefined ? 'failed' : 'queued',
        reason: text(settlement.reason),
        code: settlement.code,
        message: printable(settlement.message),
        retry_in_ms: settlement.retryInMs,
        drops_state: settlement.dropsState,
      };
    case 'returned':
      return { ...row, state: 'queued', retry_in_ms: settlement.retryInMs ?? 0, is_deferred: true };
  }
}

const text = (said: string | undefined): string | undefined => (said === undefined ? undefined : printable(said));
