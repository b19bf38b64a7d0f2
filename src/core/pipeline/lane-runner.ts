import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { queueError } from '../errors/queue.errors.js';
import {
  type ClaimedRun,
  type ClaimedSegment,
  type HeldLane,
  type LaneKey,
  type LaneTurn,
  placeOf,
  type PoisonedRun,
  RunLedger,
  type Settlement,
} from '../persistence/ledger/run-ledger.js';
import { loggerOf } from '../observability/component-logger.js';
import { InstanceHeartbeat } from '../persistence/instance-heartbeat.js';
import { isConnectionLoss, sqlState } from '../persistence/sql-errors.js';
import { errorText, type Logger } from '../plugin-api/index.js';
import { QueueBell } from '../queue/queue-bell.js';
import { QueueWorkers } from '../queue/queue-workers.js';
import { MONOTONIC_CLOCK, type MonotonicClock } from '../runtime/clocks.js';
import { ThumbnailKeeper } from './thumbnail-keeper.js';
import { LaneLeases } from './lane-leases.js';
import { Quarantine } from './quarantine.js';
import { discardQuietly } from './routing/strategy-directory.js';
import { type ProcessedSegment, SegmentProcessor } from './segment-processor.js';
import { ShadowRunner } from './shadow/shadow-runner.js';

/**
 * A lane is worked for so long before others get their turn: a stream with a backlog must not keep all others waiting. While this worker
 * has
 * room for more, nobody waits.
 */
const TURN_MS = 1_000;
/** How long the results of a segment are kept while the database is away; then they are dropped and made again. */
const SETTLE_PATIENCE_MS = 60_000;
const SETTLE_RETRY_MS = 200;

interface Visit {
  readonly queue: string;
  /** Background work: asked before each further segment, and rung for by nobody, since who does it looks for lanes itself. */
  readonly goesOn: (() => boolean) | undefined;
  /** Another job of this lane came by meanwhile. */
  rung: boolean;
}

/**
 * Works a lane: takes it, takes its segments in order through the processor, lets it go. Only one visit per lane is under way
 * in this process (others ring it here, in memory) and in the world (others ring it in the ledger).
 */
@Injectable()
export class LaneRunner {
  private readonly visits = new Map<string, Visit>();
  private draining = false;
  /** Whose lanes and runs they are, in the ledger. */
  private readonly owner: string;

  constructor(
    private readonly ledger: RunLedger,
    @Inject(InstanceHeartbeat) { instanceId }: Pick<InstanceHeartbeat, 'instanceId'>,
    private readonly processor: SegmentProcessor,
    private readonly quarantine: Quarantine,
    private readonly leases: LaneLeases,
    private readonly bell: QueueBell,
    @Inject(ShadowRunner) private readonly shadows: Pick<ShadowRunner, 'consider'>,
    @Inject(ThumbnailKeeper) private readonly thumbnails: Pick<ThumbnailKeeper, 'keep'>,
    @Inject(QueueWorkers) private readonly workers: Pick<QueueWorkers, 'concurrencyOf'>,
    @Inject(MONOTONIC_CLOCK) private readonly nowMs: MonotonicClock,
    @Inject(loggerOf('pipeline')) private readonly logger: Logger,
  ) {
    this.owner = instanceId;
  }

  /** From now on no lane is entered and no segment is begun. */
  drain(): void {
    this.draining = true;
  }

  /** Lanes of live streams that are being worked here. */
  get liveVisits(): number {
    return [...this.visits.values()].filter(({ goesOn }) => goesOn === undefined).length;
  }

  isVisiting({ streamId, queue }: LaneKey): boolean {
    return this.visits.has(`${streamId} ${queue}`);
  }

  /**
   * Does what a job for this lane asks for.
   * @param goesOn for background work: whether a further segment may be begun
   * @returns the runs that failed for good meanwhile, for the job to report
   * @throws when the ledger cannot be asked: the queue tries the job again
   */
  async visit(key: LaneKey, goesOn?: () => boolean): Promise<string[]> {
    if (this.draining) return [];
    const name = `${key.streamId} ${key.queue}`;
    const underWay = this.visits.get(name);
    if (underWay !== undefined) {
      underWay.rung = true;
      return [];
    }
    const visit: Visit = { queue: key.queue, goesOn, rung: false };
    this.visits.set(name, visit);
    const failures: string[] = [];
    try {
      do {
        visit.rung = false;
        await this.work(key, failures, goesOn);
        // No await between here and the end of the loop: a ring cannot fall between the look and the leaving.
      } while (visit.rung && !this.draining && goesOn === undefined);
    } finally {
      this.visits.delete(name);
    }
    return failures;
  }

  private async work(key: LaneKey, failures: string[], goesOn: Visit['goesOn']): Promise<void> {
    const { ledger, owner, leases } = this;
    let turn = await ledger.enter(key, owner);
    if (turn.kind === 'held') return;
    if (!('lane' in turn)) return;
    const { lane } = turn;
    const abort = new AbortController();
    const letGo = leases.hold(lane, abort);
    try {
      turn = await this.takeTurns(turn, abort.signal, failures, goesOn);
    } catch (error) {
      // Where this fails too, the lease lapses, or our own next visit takes the lane again.
      await ledger.leave(lane, owner, false).catch(() => undefined);
      throw error;
    } finally {
      letGo();
    }
    // The lane is free; its next run waits for its retry, or for a segment that is missing. Whoever comes by then must find it.
    if (turn.kind === 'released' && turn.dueInMs !== null && goesOn === undefined)
      await this.bell.ringLanes([lane], `f${lane.fence}`, turn.dueInMs);
  }

  private async takeTurns(first: LaneTurn, signal: AbortSignal, failures: string[], goesOn: Visit['goesOn']): Promise<LaneTurn> {
    const { ledger, owner, bell } = this;
    let turn = first;
    for (const endMs = this.nowMs() + TURN_MS; turn.kind === 'claimed' || turn.kind === 'again';) {
      const { lane } = turn;
      this.reportPoison(turn, failures);
      if (turn.kind === 'claimed') await this.workOn(lane, turn.work, signal, failures);
      const isOver = goesOn === undefined ? this.nowMs() >= endMs && this.isFull(lane) : !goesOn();
      if (this.draining || isOver) {
        await ledger.leave(lane, owner, goesOn === undefined);
        if (goesOn === undefined) await bell.ringLanes([lane], `f${lane.fence}`);
        return { kind: 'released', dueInMs: null };
      }
      turn = await ledger.advance(lane, owner);
    }
    return turn;
  }

  private isFull({ queue }: LaneKey): boolean {
    const taken = [...this.visits.values()].filter((visit) => visit.queue === queue && visit.goesOn === undefined).length;
    return taken >= this.workers.concurrencyOf(queue);
  }

  /**
   * Runs that were under way when their worker died may have ended it, or only have been in the same process. They are made alone in
   * this process, one by one, so that whatever ends a worker is known, and no other run fails for it. Where several are of one segment the
   * order changes from attempt to attempt: what comes before the guilty one ends well.
   */
  private async workOn(lane: HeldLane, work: ClaimedSegment, signal: AbortSignal, failures: string[]): Promise<void> {
    const suspects = work.runs.filter(({ wasLeft }) => wasLeft);
    const others = work.runs.filter(({ wasLeft }) => !wasLeft);
    const make = (runs: readonly ClaimedRun[]) => (): Promise<void> => this.processClaimed(lane, { ...work, runs }, signal, failures);
    if (others.length > 0) await this.quarantine.beside(make(others));
    if (suspects.length === 0) return;
    const { segmentId, segment, stream } = work;
    const facts = { streamId: lane.streamId, stream: stream.streamName, queue: lane.queue, segmentId, sequence: segment.sequence };
    this.logger.info('Its worker died while this segment was being analysed: it is analysed alone', { ...facts, runs: suspects.length });
    const inTurn = suspects[0]!.attempt % 2 === 0 ? suspects : suspects.toReversed();
    for (const run of inTurn) await this.quarantine.alone(make([run]));
  }

  private async processClaimed(lane: HeldLane, work: ClaimedSegment, signal: AbortSignal, failures: string[]): Promise<void> {
    const processed = await this.processor.process(work, lane.queue, signal);
    const settled = await this.settle(work, processed.settlements, signal);
    // As the ledger has it, which may have refused what the analyzer was done with.
    const kept = new Set([...settled.values()].filter(({ state }) => state !== 'failed').map(({ runId }) => runId));
    this.discardUnsettled(processed, kept);
    this.shadows.consider(processed.executed, kept);
    this.thumbnails.keep(work, processed.executed);
    this.reportUntaken(lane, work, processed.settlements, settled);
    for (const settlement of settled.values()) if (settlement.state === 'failed') this.report(work, settlement, failures);
  }

  private async settle(
    work: ClaimedSegment,
    settlements: readonly Settlement[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Settlement>> {
    const { ledger, owner, logger } = this;
    for (const deadline = performance.now() + SETTLE_PATIENCE_MS; ;) {
      try {
        return await ledger.settle(owner, work, settlements);
      } catch (error) {
        if (isConnectionLoss(error)) {
          if (performance.now() > deadline || (signal.aborted && !this.draining)) throw error;
          // Committed or not, we cannot know. Asking again is safe: attempts that have ended are left alone.
          await delay(SETTLE_RETRY_MS);
          continue;
        }
        if (sqlState(error) === undefined) throw error;
        logger.error('The database refused results', { error, segmentId: work.segmentId });
        if (settlements.length === 1) return ledger.settle(owner, work, [refused(settlements[0]!, error)]);
        // One of them is what it refuses: the others are not to be lost with it.
        const each = new Map<string, Settlement>();
        for (const settlement of settlements) for (const [id, ended] of await this.settle(work, [settlement], signal)) each.set(id, ended);
        return each;
      }
    }
  }

  private discardUnsettled({ executed }: ProcessedSegment, kept: ReadonlySet<string>): void {
    for (const { job, place } of executed) {
      const tasks = job.tasks.filter(({ runId }) => !kept.has(runId));
      if (tasks.length > 0) discardQuietly(place, { ...job, tasks });
    }
  }

  /** A worker that the network kept from its lease learns here that others did its work; nothing of what it found is kept. */
  private reportUntaken(
    lane: HeldLane,
    work: ClaimedSegment,
    settlements: readonly Settlement[],
    settled: ReadonlyMap<string, Settlement>,
  ): void {
    const untaken = settlements.filter(({ runId }) => !settled.has(runId));
    if (untaken.length === 0) return;
    const facts = { streamId: lane.streamId, queue: lane.queue, sequence: work.segment.sequence, runs: untaken.length };
    this.logger.info('Results were dropped: their runs had ended, or were taken over by another worker', facts);
  }

  private report(work: ClaimedSegment, settlement: Extract<Settlement, { state: 'failed' }>, failures: string[]): void {
    const run = work.runs.find(({ runId }) => runId === settlement.runId);
    const what = said({
      ...settlement,
      analyzerId: run?.analyzerId ?? '',
      sequence: work.segment.sequence,
      streamName: work.stream.streamName,
    });
    const fields = { runId: settlement.runId, segmentId: work.segmentId, code: settlement.code, attempt: settlement.attempt };
    if (settlement.retryInMs !== undefined) {
      this.logger.info(`${what}; tried again in ${settlement.retryInMs} ms`, fields);
      return;
    }
    this.logger.warn(what, fields);
    failures.push(what);
  }

  private reportPoison({ poisoned = [] }: { readonly poisoned?: readonly PoisonedRun[] }, failures: string[]): void {
    for (const run of poisoned) {
      const { runId, segmentId, code, attempt } = run;
      this.logger.warn(said(run), { runId, segmentId, code, attempt });
      failures.push(said(run));
    }
  }
}

const said = ({ analyzerId, sequence, streamName, code, message }: Omit<PoisonedRun, 'runId' | 'attempt' | 'segmentId'>): string =>
  `${analyzerId} on segment ${sequence} of ${streamName}: ${code}: ${message}`;

function refused(settlement: Settlement, error: unknown): Settlement {
  if (!('results' in settlement)) return settlement;
  const { code, message } = queueError('VD_PIPELINE_COMMIT_REFUSED', errorText(error), {
    cause: error,
  });
  return { ...placeOf(settlement), state: 'failed', code, message, dropsState: true };
}
