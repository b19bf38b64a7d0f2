import type { EncodedFrame, PtsUs, PushedAudioTrack, PushedVideoTrack } from '../../plugin-api/index.js';
import type { SegmentContainer } from '../segment-name.js';

/** The tracks of one epoch; at least one. */
export interface MuxedTracks {
  readonly video?: PushedVideoTrack;
  readonly audio?: PushedAudioTrack;
}

/**
 * Writes one epoch's frames as segments of one container. Keeps no more than one part in memory, and does no I/O: whoever drives it takes
 * the bytes and writes them.
 */
export interface SegmentMuxer {
  readonly container: SegmentContainer;
  /**
   * What stands before every segment in a file of its own (fMP4: `ftyp`, `moov`); undefined where each segment has it (MPEG-TS). Known
   * from the first {@link take} on that gives bytes: some codecs say their picture size in their frames only.
   */
  readonly initialization: Uint8Array | undefined;
  /** The next frame begins a segment: it can be decoded without the one before. All bytes of the segment before have been taken. */
  beginSegment(): void;
  /** @throws VD_MEDIA_FRAME_DAMAGED for a frame that is not what its codec has; nothing of it is in the output then */
  add(frame: EncodedFrame): void;
  /**
   * What came of the frames since the last call, to be appended to the segment's file. The bytes are the caller's until the next `add` or
   * `beginSegment`.
   * @param endUs where the last picture's time of decoding ends (the last frame's, for sound alone), if known: the dts of the next one
   */
  take(endUs?: PtsUs): Uint8Array;
}
