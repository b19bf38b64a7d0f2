import type { AccessUnit } from './access-unit.js';

export type VideoCodec = 'h264' | 'hevc';
export type AudioCodec = 'aac';

/** What one MPEG-TS segment holds. */
export interface DemuxedSegment {
  /** Units in decode order, one per coded picture, Annex B. */
  readonly video: { readonly codec: VideoCodec; readonly units: readonly AccessUnit[] } | null;
  /** Units in order, each one PES packet of ADTS frames. */
  readonly audio: { readonly codec: AudioCodec; readonly units: readonly AccessUnit[] } | null;
  /**
   * Transport packets missing or damaged: breaks of a continuity counter, packets marked in error, lost sync, a
   * last packet cut off. 0 in a sound file.
   */
  readonly continuityErrors: number;
}

export type SegmentVideo = NonNullable<DemuxedSegment['video']>;
