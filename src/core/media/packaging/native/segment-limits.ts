/** When a segment ends. */
export interface SegmentLimits {
  /** It ends with the first keyframe from here on, see {@link earlyUs}. */
  readonly durationUs: number;
  /** A keyframe may come a little early against the clock (timestamps are rounded, cameras jitter) and must still end the segment. */
  readonly earlyUs: number;
  /** Without a keyframe it ends here: what comes then needs the segment before to be decoded. */
  readonly longestUs: number;
  readonly largestBytes: number;
  /** Sound that goes on so long after the last picture makes segments of its own. */
  readonly pictureAwaitedUs: number;
}

const EARLY_US = 100_000;
/** Encoders left alone send a keyframe every 8 to 10 s, slow cameras every 25 s. */
const LONGEST_US = 30_000_000;
const LONGEST_SEGMENTS = 5;
const LARGEST_BYTES = 64 * 1024 ** 2;
const PICTURE_AWAITED_US = 3_000_000;

export function segmentLimits(segmentDurationMs: number): SegmentLimits {
  const durationUs = segmentDurationMs * 1000;
  return {
    durationUs,
    earlyUs: Math.min(EARLY_US, durationUs / 10),
    longestUs: Math.max(LONGEST_US, LONGEST_SEGMENTS * durationUs),
    largestBytes: LARGEST_BYTES,
    pictureAwaitedUs: Math.max(PICTURE_AWAITED_US, 2 * durationUs),
  };
}
