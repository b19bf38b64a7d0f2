/**
 * How detections are linked into tracks, after ByteTrack (Zhang et al., ECCV 2022): boxes of high score are matched first,
 * boxes of low score may continue a track but never begin one.
 */
export interface TrackingSpec {
  /** A track begins with a detection of at least this score, 0..1. */
  readonly startScore: number;
  /** A detection of at least this score may continue a track, 0..1. */
  readonly continueScore: number;
  /** Least overlap (IoU, 0..1) of a detection with where the track is expected. */
  readonly minIou: number;
  /** A track not seen for this long is over, in milliseconds of media. */
  readonly maxGapMs: number;
  /** Detections it takes until a track counts. */
  readonly minHits: number;
}
