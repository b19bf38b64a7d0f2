import type { ChromaFormat } from '../decode/codec/index.js';
import type { SourceState } from '../plugin-api/index.js';

/** What of an epoch that goes on only its ingest process knows: it says so every two seconds. Null is not known. */
export interface LiveMeasures {
  /** How long no picture has come while sound did; null while pictures come as they usually do. */
  readonly noPictureMs: number | null;
  /** How long no keyframe has come while pictures did; null while they come as they usually do. */
  readonly noKeyframeMs: number | null;
  /** Why what comes cannot be written at the moment. */
  readonly writeFault: string | null;
  /** That the source declares apart from its pictures. */
  readonly declaredFrameRateFps: number | null;
  /** Frames that came and were not stored in this epoch, by cause. */
  readonly framesLostByCause: Readonly<Record<string, number>> | null;
}

export interface EpochMeasures {
  readonly isOpen: boolean;
  readonly startedAtMs: number;
  readonly videoCodec: string | null;
  readonly audioCodec: string | null;
  readonly widthPx: number | null;
  readonly heightPx: number | null;
  readonly profileIdc: number | null;
  readonly chroma: ChromaFormat | null;
  readonly bitDepth: number | null;
  readonly declaredFrameRateFps: number | null;
}

/** What the newest segments of an epoch show; null is not known. */
export interface MediaMeasures {
  /** When the oldest of them began; the epoch's start where they are all there are. */
  readonly sinceMs: number;
  /** Wall clock at the end of the newest, by its own media time. */
  readonly endsAtMs: number;
  /** When the ledger got to know the newest. */
  readonly registeredAtMs: number;
  readonly longestSegmentMs: number;
  readonly bitrateBps: number | null;
  readonly frameRateFps: number | null;
  readonly keyframeIntervalMs: number | null;
  readonly shortestKeyframeIntervalMs: number | null;
  readonly longestKeyframeIntervalMs: number | null;
  readonly hasSound: boolean | null;
  /** Since when there is none though there was before. */
  readonly soundGoneSinceMs: number | null;
  /** Since when segments hold sound alone though there were pictures before. */
  readonly pictureGoneSinceMs: number | null;
  /** Since when pictures come without keyframes. */
  readonly keyframesGoneSinceMs: number | null;
  readonly unreadable: { readonly sequence: number; readonly error: string; readonly atMs: number; readonly isNewest: boolean } | null;
  /** How much later media comes now than when the epoch began, by its own clock: media time against wall time. */
  readonly driftMs: number | null;
  /** How much later than the promptest of them nine in ten segments come at most, by their own clock. */
  readonly jitterMs: number | null;
}

export interface GapMeasures {
  readonly reason: string;
  readonly lastHour: number;
  readonly last10Minutes: number;
  readonly since10MinutesMs: number | null;
  /** Of those within 10 minutes; null where the length of one is not known. */
  readonly lost10MinutesMs: number | null;
}

/** Runs that ended in one way within two minutes. */
export interface RunEndings {
  readonly analyzerId: string;
  readonly state: 'done' | 'partial' | 'skipped' | 'failed';
  /** Why it was skipped, or the error's code. */
  readonly reason: string | null;
  readonly count: number;
  readonly firstAtMs: number;
}

export interface AnalysisMeasures {
  /** All media up to here has been analysed, or was given up. */
  readonly upToMs: number | null;
  /** When the oldest segment that is not analysed yet was registered; null: none waits. */
  readonly waitingSinceMs: number | null;
  readonly endings: readonly RunEndings[];
}

/** Everything that a stream is judged by, at one moment. */
export interface StreamMeasures {
  readonly atMs: number;
  /** Null in the past, of which only the media is known. */
  readonly source: {
    readonly isEnabled: boolean;
    readonly state: SourceState;
    readonly stateAtMs: number;
    /** When the lease of the node that has it lapsed; null: it has not, or nobody has the stream. */
    readonly silentSinceMs: number | null;
  } | null;
  readonly epoch: EpochMeasures | null;
  readonly media: MediaMeasures | null;
  readonly live: { readonly measures: LiveMeasures; readonly atMs: number } | null;
  readonly gaps: readonly GapMeasures[];
  readonly reconnectsLastHour: number;
  /** Null: nothing analyses it. */
  readonly analysis: AnalysisMeasures | null;
}
