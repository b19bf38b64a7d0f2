import type { SegmentInfo } from './segment.js';
import type { Frame, FrameSpec } from './frame.js';
import type { PtsUs } from './time.js';

/** A coded picture as it lies in the segment, before any decoding. In display order. */
export interface CodedPicture {
  readonly ptsUs: PtsUs;
  readonly sizeBytes: number;
  readonly keyframe: boolean;
}

/** Facts about a segment that cost next to nothing. */
export interface SegmentGlance {
  readonly segment: SegmentInfo;
  readonly pictures: readonly CodedPicture[];
  /**
   * Decodes the segment's keyframes only, in the given shape; called twice, decodes once.
   * Returns undamaged pictures only: none for an unreadable segment.
   */
  keyframes(spec: FrameSpec): Promise<readonly Frame[]>;
}

/** A gate's decision on a segment. When in doubt, `open`: a gate may cost work, never results. */
export type GateVerdict =
  | { readonly gate: 'open' }
  /** Analyzers that asked for this gate skip the segment, recorded as `skipped(<reason>)`, e.g. `no-motion`. */
  | { readonly gate: 'closed'; readonly reason: string };
