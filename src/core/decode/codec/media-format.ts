import type { PushedAudioCodec, PushedVideoCodec } from '../../plugin-api/index.js';

/** How finely colours are kept beside brightness. */
export type ChromaFormat = '4:0:0' | '4:2:0' | '4:2:2' | '4:4:4';

/** How pictures are coded, as far as players differ in it. */
export interface PictureFormat {
  /** H.264's `profile_idc`, HEVC's `general_profile_idc`, the `seq_profile` of AV1, the profile of VP9. */
  readonly profileIdc: number;
  readonly chroma: ChromaFormat;
  /** Of brightness or colour, whichever has more. */
  readonly bitDepth: number;
  /** That the encoder declares; null where it says none, or none that makes sense. Only H.264's is read. */
  readonly frameRateFps: number | null;
}

/** What a video track's decoder configuration says. */
export interface VideoFormat extends PictureFormat {
  readonly codec: PushedVideoCodec;
  /** By RFC 6381, as players ask for it. @example 'avc1.640028' */
  readonly codecString: string;
  /** By the codec's own name for it. @example 'High', 'Main 10' */
  readonly profile: string;
  /** @example '4.1' */
  readonly level: string;
  /** Absent where the configuration leaves the size to the frames (VP9, and AV1 without a sequence header). */
  readonly size?: { readonly widthPx: number; readonly heightPx: number };
  /** Of H.264 and HEVC. */
  readonly nal?: NalConfiguration;
}

/** How NAL units lie in a frame, and what a decoder needs before the first of them. */
export interface NalConfiguration {
  /** Bytes of the length before each NAL unit, 1 to 4. */
  readonly lengthBytes: number;
  /** In the order a decoder takes them, without start codes. */
  readonly parameterSets: readonly Uint8Array[];
}

/** What an audio track's configuration says. */
export interface AudioFormat {
  readonly codec: PushedAudioCodec;
  /** By RFC 6381. @example 'mp4a.40.2' */
  readonly codecString: string;
  /** Of what comes out of the decoder, as far as it is said: implicit spectral band replication doubles it. */
  readonly sampleRateHz: number;
  readonly channelCount: number;
}

export const CHROMA_FORMATS: readonly ChromaFormat[] = ['4:0:0', '4:2:0', '4:2:2', '4:4:4'];
