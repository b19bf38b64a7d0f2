import { Inject, Injectable } from '@nestjs/common';
import { analysisError } from '../../errors/analysis.errors.js';
import { flawOfJson, flawOfResults, type JsonValue, RESULT_LIMITS, resultSpan } from '../../plugin-api/index.js';
import { arrayLiteral } from '../array-literal.js';
import { Coalescer } from '../coalescer.js';
import { FeedBell } from '../notify/feed-bell.js';
import { dayOf, PartitionKeeper } from '../partition-keeper.js';
import { Database } from '../database.js';
import { sqlState } from '../sql-errors.js';
import { EpochEvents } from './epoch-events.js';
import { ADVANCE_LANES, ENTER_LANES, IDLE_LANES, LEAVE_LANE, RENEW_LANES, SKIP_OVERDUE, SKIP_UNKNOWN } from './lane-statements.js';
import { claimedSegment, isOf, type LaneRow } from './lane-row.js';
import { ResultColumns } from './result-columns.js';
import {
  type ClaimedSegment,
  type HeldLane,
  type IdleLane,
  type LaneKey,
  type LanesOf,
  type LaneTurn,
  placeOf,
  RunLedger,
  type Settlement,
} from './run-ledger.js';
import { SETTLE } from './settle-statement.js';
import { settlementRow } from './settlement-row.js';

/** Lanes that are entered, whose runs are settled, or that go on to their next segment, in one statement. */
const MOST_AT_ONCE = 64;
/** Results that are committed at once: enough that a commit's fixed cost is nothing, few enough that a small segment does not wait long. */
const MOST_RESULTS_AT_ONCE = 5_000;

/** SQLSTATE of a row for which no partition exists (and of any other violated check). */
const CHECK_VIOLATION = '23514';

/** None is background work. */
const ALL_LANES: LanesOf = { backgroundAdapters: [], isBackground: false };

const STREAMS_OF = {
  name: 'streams_of_adapters',
  text: 'SELECT id FROM streams WHERE id = ANY ($1::uuid[]) AND adapter_id = ANY ($2::text[])',
};

export const RUN_LEDGER_OPTIONS = Symbol('vedette.run-ledger-options');

export interface RunLedgerOptions {
  readonly leaseMs: number;
  /** Attempts a run is given before it fails for good. */
  readonly attempts: number;
  /** How long a segment waits for the one before it when that one is missing. */
  readonly gapAfterMs: number;
}

interface Entry {
  readonly lane: LaneKey;
  readonly owner: string;
}

interface Advance {
  readonly lane: HeldLane;
  readonly owner: string;
}

interface Settling {
  readonly owner: string;
  readonly work: Pick<ClaimedSegment, 'epoch' | 'segment' | 'runs'>;
  readonly settlements: readonly Settlement[];
}

interface SettledRow {
  id: string;
  epoch_closed: boolean;
}

/**
 * {@link RunLedger} in PostgreSQL. Each method is one statement, hence one transaction and one round trip; where it ends a closed
 * epoch's last
 * run, another follows. Lanes that are entered, settle or go on at the same time share a statement.
 */
@Injectable()
export class PgRunLedger extends RunLedger {
  private readonly entries = new Coalescer((batch: readonly Entry[]) => this.enterAll(batch), {
    most: MOST_AT_ONCE,
    key: ({ lane: { streamId, queue } }) => `${streamId} ${queue}`,
  });
  private readonly advances = new Coalescer((batch: readonly Advance[]) => this.advanceAll(batch), { most: MOST_AT_ONCE });
  private readonly settles = new Coalescer((batch: readonly Settling[]) => this.settleAll(batch), {
    most: MOST_AT_ONCE,
    weight: MOST_RESULTS_AT_ONCE,
    weigh: ({ settlements }) => settlements.reduce((sum, settlement) => sum + ('results' in settlement ? settlement.results.length : 0), 0),
  });

  constructor(
    private readonly sql: Database,
    private readonly bell: FeedBell,
    private readonly partitions: PartitionKeeper,
    private readonly events: EpochEvents,
    @Inject(RUN_LEDGER_OPTIONS) private readonly options: RunLedgerOptions,
  ) {
    super();
  }

  enter(lane: LaneKey, owner: string): Promise<LaneTurn> {
    return this.entries.do({ lane, owner });
  }

  advance(lane: HeldLane, owner: string): Promise<LaneTurn> {
    return this.advances.do({ lane, owner });
  }

  async leave(lane: HeldLane, owner: string, rings: boolean): Promise<void> {
    await this.sql.rows(LEAVE_LANE, [lane.streamId, lane.queue, owner, lane.fence, rings]);
  }

  renew(owner: string, lanes: readonly HeldLane[]): Promise<HeldLane[]> {
    const columns = [lanes.map((lane) => lane.streamId), lanes.map((lane) => lane.queue), lanes.map((lane) => lane.fence)];
    return this.sql.rows<HeldLane>(RENEW_LANES, [owner, this.options.leaseMs, ...columns]);
  }

  async settle(owner: string, work: Settling['work'], settlements: readonly Settlement[]): Promise<ReadonlyMap<string, Settlement>> {
    if (settlements.length === 0) return new Map();
    const checked = settlements.map((settlement) => refuseBadResults(settlement, work));
    const rows = await this.settles.do({ owner, work, settlements: checked });
    // Where others follow in a closed epoch, it is not over yet.
    if (rows.some((row) => row.epoch_closed) && work.segment.lastOfEpoch !== false) await this.endEvents(work.segment.epochId);
    const settled = new Set(rows.map((row) => row.id));
    return new Map(checked.filter(({ runId }) => settled.has(runId)).map((settlement) => [settlement.runId, settlement]));
  }

  idleLanes(queues: readonly string[] | null, { backgroundAdapters, isBackground }: LanesOf = ALL_LANES): Promise<IdleLane[]> {
    return this.sql.rows<IdleLane>(IDLE_LANES, [queues, this.options.gapAfterMs, backgroundAdapters, isBackground]);
  }

  async skipOverdue(maxLagMs: number, backgroundAdapters: readonly string[] = []): Promise<number> {
    const [row] = await this.sql.rows<{ count: number }>(SKIP_OVERDUE, [maxLagMs, backgroundAdapters]);
    return this.skipped(row);
  }

  async streamsOf(streamIds: readonly string[], adapters: readonly string[]): Promise<string[]> {
    const rows = await this.sql.rows<{ id: string }>(STREAMS_OF, [streamIds, adapters]);
    return rows.map(({ id }) => id);
  }

  async skipUnknown(known: readonly { readonly analyzerId: string; readonly configHash: string }[]): Promise<number> {
    const [row] = await this.sql.rows<{ count: number }>(SKIP_UNKNOWN, [known.map((k) => k.analyzerId), known.map((k) => k.configHash)]);
    return this.skipped(row);
  }

  private async enterAll(batch: readonly Entry[]): Promise<LaneTurn[]> {
    const { leaseMs, attempts, gapAfterMs } = this.options;
    const lanes = batch.map(({ lane }) => lane);
    const columns = [lanes.map(({ streamId }) => streamId), lanes.map(({ queue }) => queue)];
    const rows = await this.sql.rows<LaneRow>(ENTER_LANES, [...columns, ownerOf(batch), leaseMs, attempts, gapAfterMs]);
    return Promise.all(
      lanes.map((lane) => {
        const row = rows.find((one) => isOf(lane, one));
        if (row === undefined || row.held === true) return { kind: 'held' as const };
        return this.turn({ ...lane, fence: row.fence }, { ...row, again: true });
      }),
    );
  }

  private async advanceAll(batch: readonly Advance[]): Promise<LaneTurn[]> {
    const { leaseMs, attempts, gapAfterMs } = this.options;
    const lanes = batch.map(({ lane }) => lane);
    const rows = await this.sql.rows<LaneRow>(ADVANCE_LANES, [
      lanes.map(({ streamId }) => streamId),
      lanes.map(({ queue }) => queue),
      lanes.map(({ fence }) => fence),
      ownerOf(batch),
      leaseMs,
      attempts,
      gapAfterMs,
    ]);
    return Promise.all(
      lanes.map((lane) => {
        const row = rows.find((one) => isOf(lane, one) && one.fence === lane.fence);
        return row === undefined ? { kind: 'lost' as const } : this.turn(lane, row);
      }),
    );
  }

  private async settleAll(batch: readonly Settling[]): Promise<SettledRow[][]> {
    const columns = new ResultColumns();
    const days = new Set<number>();
    for (const { work, settlements } of batch) {
      const epochUs = work.epoch.startedAtMs * 1_000 - work.epoch.ptsOriginUs;
      for (const settlement of settlements) {
        if (!('results' in settlement)) continue;
        for (const ptsUs of columns.add(settlement.runId, settlement.results)) days.add(dayOf(epochUs + ptsUs));
      }
    }
    await this.partitions.ensure(days);
    const all = batch.flatMap(({ settlements }) => settlements);
    const written = columns.values().map((column) => (typeof column === 'string' ? column : arrayLiteral(column)));
    const values = [ownerOf(batch), JSON.stringify(all.map(settlementRow)), ...written];
    const rows = await this.sql.rows<SettledRow>(SETTLE, values).catch(async (error: unknown) => {
      if (sqlState(error) !== CHECK_VIOLATION) throw error;
      // Retention may have dropped a partition that was seen before.
      this.partitions.forget();
      await this.partitions.ensure(days);
      return this.sql.rows<SettledRow>(SETTLE, values);
    });
    this.bell.ring();
    const settled = new Map(rows.map((row) => [row.id, row]));
    return batch.map(({ settlements }) => settlements.flatMap(({ runId }) => settled.get(runId) ?? []));
  }

  private skipped(row: { count: number } | undefined): number {
    if (row !== undefined && row.count > 0) this.bell.ring();
    return row?.count ?? 0;
  }

  /** What has been committed stays so whatever comes of this: a reconciler looks again. */
  private async endEvents(epochId: string): Promise<void> {
    await this.events.endLeftOpen(epochId).catch(() => undefined);
  }

  private async turn(lane: HeldLane, row: LaneRow): Promise<LaneTurn> {
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

/** A process has one name, and one ledger. */
function ownerOf(batch: readonly { readonly owner: string }[]): string {
  const owners = new Set(batch.map(({ owner }) => owner));
  const [owner] = owners;
  if (owner === undefined || owners.size > 1) throw new Error(`Owners of one batch: ${[...owners].join(', ')}`);
  return owner;
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
