import type { PtsUs } from './time.js';

/** What an analyzer knows of the stream whose frames it gets. */
export interface StreamInfo {
  readonly streamId: string;
  readonly streamName: string;
  /** True: an operator marked the stream private. Its media does not leave the operator's own machines. */
  readonly isPrivate?: boolean;
  readonly epochId: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly codec: string;
}

/** One finished segment: a file closed by the packager. */
export interface SegmentInfo {
  readonly streamId: string;
  readonly epochId: string;
  /** 0-based position within the epoch. */
  readonly sequence: number;
  readonly ptsStartUs: PtsUs;
  /** Exclusive: the pts at which the next segment begins. */
  readonly ptsEndUs: PtsUs;
  /** True for the last segment of its epoch, where that is known. */
  readonly lastOfEpoch?: boolean;
}
