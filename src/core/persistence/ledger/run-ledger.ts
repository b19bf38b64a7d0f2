import type { AnalysisResult, Checkpoint, JsonValue, PtsUs, SegmentInfo, StreamInfo } from '../../plugin-api/index.js';

/** The unit of order: one queue of one stream. */
export interface LaneKey {
  readonly streamId: string;
  readonly queue: string;
}

/** A lane this process holds. The fence grows with every holder: what an earlier one still does comes to nothing. */
export interface HeldLane extends LaneKey {
  readonly fence: string;
}

/** One run claimed for this attempt. */
export interface ClaimedRun {
  readonly runId: string;
  readonly attempt: number;
  /** How many of the attempts before were given back untried. */
  readonly deferrals: number;
  /** It was under way when whoever had its lane died, or stayed away for longer than its lease. */
  readonly wasLeft: boolean;
  readonly analyzerId: string;
  readonly analyzerVersion: string;
  readonly configHash: string;
  /** What the analyzer left after an earlier segment of the same epoch. */
  readonly checkpoint?: Checkpoint;
}

/** The claimable runs of a lane's next segment, with all a job needs to know. */
export interface ClaimedSegment {
  readonly segmentId: string;
  readonly stream: StreamInfo;
  readonly segment: SegmentInfo & {
    readonly path: string;
    /** The ingest node whose media folder has it. */
    readonly nodeId: string;
    readonly sizeBytes: number;
    readonly frameCount: number;
    readonly keyframeCount: number;
  };
  readonly epoch: { readonly startedAtMs: number; readonly ptsOriginUs: PtsUs; readonly closed: boolean };
  /** Since the segment was written into the ledger, by the database's clock. */
  readonly waitedMs: number;
  readonly runs: readonly ClaimedRun[];
}

/** A run that the ledger itself ended as failed, because its worker died each time it was tried. */
export interface PoisonedRun {
  readonly runId: string;
  readonly attempt: number;
  readonly analyzerId: string;
  readonly code: string;
  readonly message: string;
  readonly segmentId: string;
  readonly sequence: number;
  readonly streamName: string;
}

/** What a lane has to offer just now. */
export type LaneTurn =
  /** The next segment's runs are ours. */
  | { readonly kind: 'claimed'; readonly lane: HeldLane; readonly work: ClaimedSegment; readonly poisoned?: readonly PoisonedRun[] }
  /** Nothing claimable, but somebody rang meanwhile: ask again. */
  | { readonly kind: 'again'; readonly lane: HeldLane; readonly poisoned?: readonly PoisonedRun[] }
  /** Nothing claimable: the lane was released. `dueInMs` when its next run waits for a retry or for a missing segment. */
  | { readonly kind: 'released'; readonly dueInMs: number | null }
  /** Another worker holds it; it has been rung and will look again. */
  | { readonly kind: 'held' }
  /** It was ours and is not any more. */
  | { readonly kind: 'lost' };

interface SettlementBase {
  readonly runId: string;
  readonly attempt: number;
  readonly strategy?: string;
  /** Why that strategy, for a person. */
  readonly strategyReason?: string;
  readonly executedBy?: string;
  readonly wallMs?: number;
  /** CPU of the decode, this run's even share of it. */
  readonly decodeCpuMs?: number;
  /** What the attempt cost, this run's even share of it. */
  readonly cost?: number;
}

/** Where and at what cost an attempt was made, without how it ended. */
export function placeOf({
  runId,
  attempt,
  strategy,
  strategyReason,
  executedBy,
  wallMs,
  decodeCpuMs,
  cost,
}: SettlementBase): SettlementBase {
  return { runId, attempt, strategy, strategyReason, executedBy, wallMs, decodeCpuMs, cost };
}

/** How an attempt ended. */
export type Settlement = SettlementBase &
  (
    | {
        readonly state: 'done' | 'partial';
        readonly reason?: string;
        readonly framesSeen: number;
        readonly framesExpected: number;
        readonly cpuMs: number;
        readonly results: readonly AnalysisResult[];
        readonly checkpoint?: JsonValue;
      }
    | { readonly state: 'skipped'; readonly reason: string }
    /** Ends the run, unless `retryInMs` says when to try again. */
    | {
        readonly state: 'failed';
        readonly code: string;
        readonly message: string;
        readonly reason?: string;
        readonly retryInMs?: number;
        /** The state it went on from may be to blame: no other run is to go on from it. */
        readonly dropsState?: boolean;
      }
    /**
     * Not tried to the end (this worker is going away, or no strategy can take it now): free for another, at once or in a while. Not
     * counted as an attempt.
     */
    | { readonly state: 'returned'; readonly retryInMs?: number }
  );

/** A lane that has claimable work and nobody at it. */
export interface IdleLane extends LaneKey {
  readonly segmentId: string;
}

/** Lanes of live streams, or those of background work: of the streams of these adapters. */
export interface LanesOf {
  readonly backgroundAdapters: readonly string[];
  readonly isBackground: boolean;
}

/**
 * What the analysis side does to the ledger. Every write is fenced: by the lane's fence when runs are claimed, by owner and
 * attempt when they are settled. An abstract class so that it is its own Nest token.
 */
export abstract class RunLedger {
  /**
   * Takes the lane when it is free and claims its next segment, in one statement. Rings it when it is held. A segment whose
   * predecessor is missing waits for it for a while; one that its analyzer's checkpoint is past ends as `skipped(late)`.
   */
  abstract enter(lane: LaneKey, owner: string): Promise<LaneTurn>;
  /** Claims the next segment of a held lane, or lets the lane go, in one statement. */
  abstract advance(lane: HeldLane, owner: string): Promise<LaneTurn>;
  /**
   * Lets the lane go although it has work, because this worker ends or gives others a turn.
   * @param rings whether the caller rings for it now, so that nobody else need
   */
  abstract leave(lane: HeldLane, owner: string, rings: boolean): Promise<void>;
  /** Extends the leases of lanes that are being worked. @returns those still held; a lane that is missing was lost */
  abstract renew(owner: string, lanes: readonly HeldLane[]): Promise<HeldLane[]>;
  /**
   * Ends attempts, with all they produced, in one transaction. Attempts that are no longer the owner's are left alone; one whose
   * results cannot be kept ends as failed. After the last of a closed epoch, ends the events it leaves open.
   * @returns the runs that were settled, each as it was; a run that is missing was fenced out and its results were dropped
   */
  abstract settle(
    owner: string,
    work: Pick<ClaimedSegment, 'epoch' | 'segment' | 'runs'>,
    settlements: readonly Settlement[],
  ): Promise<ReadonlyMap<string, Settlement>>;
  /**
   * Lanes with claimable work and no living holder.
   * @param of absent: of all streams
   */
  abstract idleLanes(queues: readonly string[] | null, of?: LanesOf): Promise<IdleLane[]>;
  /**
   * Live streams that lag more than `maxLagMs` skip their oldest waiting runs, recorded as `skipped(overload)`.
   * @param backgroundAdapters whose streams are never late
   * @returns how many runs were skipped
   */
  abstract skipOverdue(maxLagMs: number, backgroundAdapters?: readonly string[]): Promise<number>;
  /** Of these streams, those of these adapters. */
  abstract streamsOf(streamIds: readonly string[], adapters: readonly string[]): Promise<string[]>;
  /** Waiting runs of analyzers (with config) that are not loaded any more become `skipped(disabled)`. */
  abstract skipUnknown(known: readonly { readonly analyzerId: string; readonly configHash: string }[]): Promise<number>;
}
