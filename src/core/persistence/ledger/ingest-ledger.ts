import type { StreamAssignment } from '../../plugin-host/stream-assignments.js';
import type { PictureFormat } from '../../decode/codec/index.js';
import type { FrameLoss, PtsUs } from '../../plugin-api/index.js';

export interface OpenedEpoch {
  readonly epochId: string;
  readonly streamId: string;
  /** 0-based number of the epoch within its stream. */
  readonly ordinal: number;
  readonly startedAtMs: number;
}

/** A finished segment as the watcher probed it. */
export interface ProbedSegment {
  readonly sequence: number;
  /** Path below the media folder with forward slashes: `<streamId>/<epochId>/000000.ts`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly state: 'ready' | 'unreadable';
  /** Coded reason when unreadable. */
  readonly error?: string;
  readonly ptsStartUs: PtsUs;
  readonly ptsEndUs: PtsUs;
  readonly frameCount: number;
  readonly keyframePtsUs: readonly PtsUs[];
  /** Frames of sound; absent where nobody counted them. */
  readonly audioFrameCount?: number;
  /** Of its bytes, as `<algorithm>:<hex>` (see `checksumOf`): what the scan of the media folder compares the file with. */
  readonly checksum?: string;
  /** Whether there is sound in it; absent: nobody looked. */
  readonly hasSound?: boolean;
}

/** Facts of an epoch's media, taken once from its sequence header or first segment. */
export interface EpochMedia {
  readonly videoCodec: string | null;
  readonly audioCodec: string | null;
  readonly widthPx: number | null;
  readonly heightPx: number | null;
  /** As the pictures' own parameter set tells it; absent: nobody looked. */
  readonly videoFormat?: PictureFormat | null;
  readonly ptsOriginUs: PtsUs;
}

/** Media of an epoch that is in no segment. */
export interface EpochGap {
  readonly epochId: string;
  readonly afterSequence: number;
  readonly missingSequences: number;
  readonly fromPtsUs: PtsUs | null;
  /** Never before `fromPtsUs`. */
  readonly toPtsUs: PtsUs | null;
  readonly reason: string;
  /** Absent or null: nobody can say. */
  readonly videoFrames?: number | null;
  readonly audioFrames?: number | null;
}

/** A lane with work, and the segment that it was rung for. */
export interface PendingJob {
  readonly streamId: string;
  readonly epochId: string;
  readonly segmentId: string;
  readonly sequence: number;
  readonly queue: string;
}

/** An epoch the ledger believes open, with what it knows so far; what a restarted ingest role reconciles from. */
export interface EpochRecord extends OpenedEpoch {
  readonly state: 'open' | 'closed';
  readonly ingestId: string;
  readonly ptsOriginUs: PtsUs | null;
  /** Highest registered sequence and its end; -1 and null when none. */
  readonly lastSequence: number;
  readonly lastPtsEndUs: PtsUs | null;
}

/**
 * What the ingest side writes to the ledger. Every method is idempotent: calling it twice changes nothing.
 * An abstract class so that it is its own Nest token; the PostgreSQL implementation lives beside it.
 */
export abstract class IngestLedger {
  /** An epoch of a stream that another living node has by now is written down as closed (`ingest-lost`): it was. */
  abstract openEpoch(input: { streamId: string; epochId: string; startedAtMs: number; ingestId: string }): Promise<OpenedEpoch>;
  abstract setEpochMedia(epochId: string, media: EpochMedia): Promise<void>;
  /**
   * Closes the epoch; open events of its stateful analyzers are closed by the pipeline after its last segment.
   * `endedAtMs` is the wall clock of the last media when known.
   */
  abstract closeEpoch(epochId: string, reason: string, endedAtMs?: number): Promise<void>;
  /**
   * Registers finished segments with one run row per route in **one transaction**, then tells the feed.
   * Segments already known are left alone. An unreadable segment's runs are written as `failed(unreadable)` at once.
   * A jump in sequence numbers is recorded as a gap (`reason: 'missing-segment'`) by {@link recordGap}'s caller, not here.
   * @returns the jobs to ring for: one, of its first new segment, for each lane that nobody is at and nobody was rung for yet. Whoever
   * is at
   *   a lane, or is on the way there, finds the rest.
   */
  abstract registerSegments(
    epochId: string,
    segments: readonly ProbedSegment[],
    assignments: readonly StreamAssignment[],
  ): Promise<PendingJob[]>;
  /** The end of a segment that was reckoned when it was registered, and is known now by the segment after it. */
  abstract moveSegmentEnd(epochId: string, sequence: number, ptsEndUs: PtsUs): Promise<void>;
  /**
   * Records what is missing. An epoch has one gap of a reason after a segment: it is told of anew, with the sum so far, when more is
   * missing for the same reason.
   */
  abstract recordGap(gap: EpochGap): Promise<void>;
  /**
   * Adds frames that were lost behind the last segment of an epoch, or of the stream's last epoch, to what is missing there for the same
   * reason. Called twice, it adds twice.
   * @returns false when there is no such epoch
   */
  abstract addLoss(of: { readonly streamId: string; readonly epochId?: string }, loss: FrameLoss): Promise<boolean>;
  /** Sequences of an epoch already registered, ascending. */
  abstract registeredSequences(epochId: string): Promise<number[]>;
  abstract epoch(epochId: string): Promise<EpochRecord | null>;
  /** Open epochs, of one ingest instance or of all. */
  abstract openEpochs(ingestId?: string): Promise<EpochRecord[]>;
  /**
   * Closes, as `ingest-lost`, what ingest nodes left open whose lease has lapsed. Such a node may come back: what it then
   * registers of these epochs is taken, and moves their end.
   * @param ingestId the caller, whose own are left alone
   * @returns the epochs closed by this call
   */
  abstract closeLost(ingestId: string): Promise<string[]>;
}

/** Rings for work that is in the ledger. Losing a ring loses nothing: the reconciler rings again. */
export abstract class JobBell {
  /** Enqueues at once, one job per (segment, queue), with a deterministic id; ringing twice is one job. */
  abstract ring(jobs: readonly PendingJob[]): Promise<void>;
}
