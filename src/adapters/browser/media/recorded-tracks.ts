/** Codecs that browsers record. */
export type RecordedVideoCodec = 'h264' | 'vp8' | 'vp9' | 'av1' | 'unknown';
export type RecordedAudioCodec = 'opus' | 'aac' | 'unknown';

/** The tracks of a recording: the first one of each kind. */
export interface RecordedTracks {
  /** `configuration` is there where the container says how its frames are to be decoded. */
  readonly video?: { readonly codec: RecordedVideoCodec; readonly configuration?: Buffer };
  readonly audio?: { readonly codec: RecordedAudioCodec; readonly configuration?: Buffer };
}
