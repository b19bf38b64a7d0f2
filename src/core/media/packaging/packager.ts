import type { PictureFormat } from '../../decode/codec/index.js';
import type { PartsListener } from '../../persistence/notify/parts-announcer.js';
import type {
  EncodedFrame,
  FrameLoss,
  FrameLossReason,
  PackagerInput,
  PtsUs,
  SegmentAnswer,
  SegmentOffer,
} from '../../plugin-api/index.js';
import type { FoundSegment } from '../watcher/segment-reader.js';
import type { TakenJournal } from './segments/taken-journal.js';

export interface PackagerRequest {
  /** Absolute folder of the epoch; exists and is empty. Gets `000000.ts` … */
  readonly directory: string;
  readonly input: PackagerInput;
  /** Of an epoch that goes on: its first segment's number; what comes before is there. Absent: it begins. */
  readonly firstSequence?: number | undefined;
  /** Hears of each step forward, about twice a second. */
  readonly progress?: (progress: PackagerProgress) => void;
  /** Gets each segment when its file is complete, from packagings that {@link Packaging.handsOver}; in order. */
  readonly closed?: (segment: PackagedSegment) => void;
  /** Gets what is lost, from packagings that {@link Packaging.handsOver}: each time the sum so far of one reason after one segment. */
  readonly lost?: (loss: PackagedLoss) => void;
  /** Hears of what is written of a segment before it is complete, from packagings that {@link Packaging.handsOver}. */
  readonly parts?: PartsListener | undefined;
  /** What a packaging of existing segments needs. */
  readonly segments?: SegmentsRequest | undefined;
}

export interface SegmentsRequest {
  /** What was taken of the stream's files, of which each is taken once. */
  readonly taken: TakenJournal;
  /** Wall clock of the epoch's first media. */
  readonly startedAtMs: number;
  /** Gets each segment that lies in the epoch's folder, as it was read; in order. */
  readonly found: (segment: FoundSegment, durationUs: number | undefined) => void;
}

/** How far a packager has come. What it cannot know is absent, not 0. */
export interface PackagerProgress {
  /** Pictures taken in so far; 0 without video. */
  readonly videoFrames: number;
  /** The latest time in what was written, of whichever track. */
  readonly positionUs: PtsUs;
  readonly audioFrames?: number;
  readonly videoPositionUs?: PtsUs;
  readonly audioPositionUs?: PtsUs;
  /** Of encoded media, taken in so far. */
  readonly bytes?: number;
  /** How much further the media's clock went since the epoch's first frame than the wall clock did; negative: less far. */
  readonly driftUs?: number;
  /** Frames lost so far, of both tracks together. */
  readonly lostFrames?: Readonly<Partial<Record<FrameLossReason, number>>>;
  /** Why nothing can be written at the moment. */
  readonly writeFault?: Error;
}

/** A segment whose file is complete, as the packager that wrote it knows it. */
export interface PackagedSegment {
  readonly sequence: number;
  /** In the epoch's folder. */
  readonly fileName: string;
  readonly sizeBytes: number;
  readonly ptsStartUs: PtsUs;
  /** Where the next segment begins, if there is one and nothing is lost between. */
  readonly ptsEndUs: PtsUs;
  readonly frameCount: number;
  readonly audioFrameCount: number;
  /** Of pictures that a decoder shows whole at once, ascending. */
  readonly keyframePtsUs: readonly PtsUs[];
  /** Of its file: see `checksumOf`. */
  readonly checksum?: string;
  /** Pictures that are missing in it. */
  readonly missingFrames: number;
  readonly media: PackagedMedia;
}

export interface PackagedMedia {
  /** Null without video. */
  readonly videoFormat?: PictureFormat | null;
  readonly videoCodec: string | null;
  readonly audioCodec: string | null;
  readonly widthPx: number | null;
  readonly heightPx: number | null;
}

/** Frames that are in no segment: the sum so far of one reason after one segment. */
export interface PackagedLoss extends FrameLoss {
  /** The last segment that was complete when they were lost; -1: none. */
  readonly afterSequence: number;
}

/** How a packager came to its end. Segments that are complete stay, whatever it was. */
export interface PackagerExit {
  /** `ended`: it was asked to; `input-ended`: its input was over; `packager-failed`: see `error`. */
  readonly reason: 'ended' | 'input-ended' | 'packager-failed';
  readonly error?: Error;
}

/** One epoch being packaged. */
export interface Packaging {
  /** It tells of its segments and losses itself. False: its folder is to be watched, and what was lost is not known. */
  readonly handsOver: boolean;
  /** See `EpochHandle.write`. */
  write(chunk: Uint8Array): boolean;
  /** See `EpochHandle.put`. */
  put(frame: EncodedFrame): boolean;
  /** See `EpochHandle.take`; absent where the input has no segments. */
  takeSegment?(offer: SegmentOffer): Promise<SegmentAnswer>;
  /** See `EpochHandle.lost`. */
  lost(loss: FrameLoss): void;
  drained(): Promise<void>;
  /** Closes the input, waits for the tail segment. Idempotent; never rejects. */
  end(): Promise<void>;
  /** Settles when media first came out; never rejects, and never settles if none did. */
  readonly flowing: Promise<void>;
  /** Of the packager's own process once started, for tests and diagnosis; undefined where it has none. */
  readonly pid: number | undefined;
  readonly done: Promise<PackagerExit>;
}

/**
 * Turns an input into segments that appear under their final name only when complete. An abstract class so that it is its own Nest token.
 */
export abstract class Packager {
  /** Whether the packagings of this input tell of their segments themselves: see {@link Packaging.handsOver}. */
  abstract handsOver(input: PackagerInput): boolean;
  /** Starts at once; failures, a missing program included, come by {@link Packaging.done}. */
  abstract start(request: PackagerRequest): Packaging;
}
