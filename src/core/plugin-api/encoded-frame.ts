import type { PtsUs } from './time.js';

export type PushedVideoCodec = 'h264' | 'hevc' | 'av1' | 'vp9';
export type PushedAudioCodec = 'aac' | 'mp3' | 'opus';

/** The one video track of an epoch. */
export interface PushedVideoTrack {
  readonly codec: PushedVideoCodec;
  /** The codec's decoder configuration as in ISO BMFF: the body of `avcC`, `hvcC`, `av1C` or `vpcC`. */
  readonly configuration: Uint8Array;
  /** As the publisher announced it; absent where it did not. */
  readonly announcedFramesPerSecond?: number;
}

/** The one audio track of an epoch. */
export interface PushedAudioTrack {
  readonly codec: PushedAudioCodec;
  /** AAC: AudioSpecificConfig; Opus: the body of `dOps`, or `OpusHead`; MP3: empty, each frame says it itself. */
  readonly configuration: Uint8Array;
}

export type PushedTrackKind = 'video' | 'audio';

/** One picture, or one frame of sound, as its encoder made it. */
export interface EncodedFrame {
  readonly track: PushedTrackKind;
  /** Never below that of the track's frame before. */
  readonly dtsUs: PtsUs;
  /** Counted as `dtsUs`; up to 10 s before or after it. */
  readonly ptsUs: PtsUs;
  /** Decoding may begin here. Sound always may. */
  readonly keyframe: boolean;
  /**
   * H.264, HEVC: NAL units, each behind its length in as many bytes as the configuration says; AV1: a temporal unit's OBUs; VP9, sound: the
   * frame alone, without ADTS. Handed over: whoever gave it neither changes nor reads it any more, and its memory may be given up
   * ({@link giveUpMemory}).
   */
  readonly data: Uint8Array;
}

/** Why frames that a publisher sent are in no segment. */
export type FrameLossReason =
  /** What they depend on is missing: no keyframe had come that begins an epoch of theirs, or it was lost. */
  | 'no-keyframe'
  /** No sequence header had come that says how to decode them. */
  | 'no-configuration'
  /** Their clock cannot be placed beside what came before. */
  | 'clock-jump'
  /** Shown further from when they are decoded than any encoder has reason for. */
  | 'composition-offset'
  /** Cut short, or not what their codec has. */
  | 'damaged'
  /** Of a codec that neither browsers nor analyzers can use. */
  | 'codec-unsupported'
  /** Packaging could not keep up, or write. */
  | 'packager-failed';

/** Frames that were taken from a publisher and are in no segment. Counted once each. */
export interface FrameLoss {
  readonly reason: FrameLossReason;
  readonly videoFrames: number;
  readonly audioFrames: number;
  /** From the first of them to the last, where their clock says it; in the epoch's media time. */
  readonly fromPtsUs?: PtsUs;
  readonly toPtsUs?: PtsUs;
}
