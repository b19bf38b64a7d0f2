import type { EncodedFrame, PtsUs } from '../../plugin-api/index.js';

export type SegmentContainer = 'mpegts' | 'fmp4';

/**
 * Writes one epoch's frames as segments of one container. Keeps no more than one part in memory, and does no I/O: whoever drives it takes
 * the bytes and writes them.
 */
export interface SegmentMuxer {
  readonly container: SegmentContainer;
  /** What stands before every segment in a file of its own (fMP4: `ftyp`, `moov`); undefined where each segment has it (MPEG-TS). */
  readonly initialization: Uint8Array | undefined;
  /** The next frame begins a segment: it can be decoded without the one before. */
  beginSegment(): void;
  /** @throws VD_MEDIA_FRAME_DAMAGED for a frame that is not what its codec has; nothing of it is in the output then */
  add(frame: EncodedFrame): void;
  /**
   * What came of the frames since the last call, to be appended to the segment's file. The bytes are the caller's until the next `add`.
   * @param endUs where the track's last frame ends, if known: the dts of the next one
   */
  take(endUs?: PtsUs): Uint8Array;
}
