import type { AnalysisJob } from '../../plugin-api/index.js';

/** A segment is seconds of video; above this it is not one. */
export const MAX_SEGMENT_BYTES = 512 * 1024 * 1024;

export type StoredSegment = Pick<AnalysisJob['segment'], 'path' | 'nodeId' | 'url' | 'urlBefore' | 'urlInitialization' | 'sizeBytes'>;

/** A segment as a file of this machine, for as long as it is needed. */
export interface HeldSegment {
  /** Folder below which it stands at the segment's `path`. */
  readonly root: string;
  /** From now on the file may go. */
  release(): void;
}

/** Brings segments to this machine, wherever they were written. An abstract class so that it is its own Nest token. */
export abstract class SegmentFiles {
  /** Whether the segment is known to be gone for good. Costs no network: what stands elsewhere is not known to be. */
  abstract isGone(segment: StoredSegment): Promise<boolean>;
  /**
   * The segment as a local file.
   * @param isAlone true where the segment before it is not needed, which else stands below the same root if it can be had
   * @throws VD_MEDIA_SEGMENT_GONE, VD_MEDIA_FETCH_FAILED
   */
  abstract obtain(segment: StoredSegment, signal: AbortSignal, isAlone?: boolean): Promise<HeldSegment>;
}
