import type { PushedAudioCodec, PushedVideoCodec } from '../../plugin-api/index.js';
import type { AccessUnit } from './demuxed-unit.js';

export type VideoCodec = PushedVideoCodec;
export type AudioCodec = PushedAudioCodec;

/** What one segment holds, whichever container it came in. */
export interface DemuxedSegment {
  /** Units in decode order, one per coded picture: H.264 and HEVC in Annex B form, with parameter sets where one can start. */
  readonly video: { readonly codec: VideoCodec; readonly units: readonly AccessUnit[] } | null;
  /** Units in order: AAC as ADTS frames, MP3 as frames, one or more in each; Opus as one packet. */
  readonly audio: { readonly codec: AudioCodec; readonly units: readonly AccessUnit[] } | null;
  /**
   * Places where something is missing or damaged. MPEG-TS: breaks of a continuity counter, packets marked in error, lost sync, a last
   * packet cut off; fMP4: fragments missing or cut off. 0 in a sound file.
   */
  readonly continuityErrors: number;
}

export type SegmentVideo = NonNullable<DemuxedSegment['video']>;
