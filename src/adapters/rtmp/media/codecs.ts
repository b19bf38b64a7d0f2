import type { PushedAudioCodec, PushedVideoCodec } from 'vedette/plugin';

/** FLV's numbers of video codecs; 12 is what encoders used for HEVC before enhanced RTMP. */
export const FLV_VIDEO: Readonly<Record<number, PushedVideoCodec>> = { 7: 'h264', 12: 'hevc' };
export const VIDEO_FOURCC: Readonly<Record<string, PushedVideoCodec>> = { avc1: 'h264', hvc1: 'hevc', av01: 'av1', vp09: 'vp9' };
/** 14 is MP3 at 8 kHz. */
export const FLV_AUDIO: Readonly<Record<number, PushedAudioCodec>> = { 2: 'mp3', 10: 'aac', 14: 'mp3' };
export const AUDIO_FOURCC: Readonly<Record<string, PushedAudioCodec>> = { mp4a: 'aac', Opus: 'opus', '.mp3': 'mp3' };

const OTHER_FLV_VIDEO: Readonly<Record<number, string>> = {
  2: 'H.263',
  3: 'Screen Video',
  4: 'VP6',
  5: 'VP6',
  6: 'Screen Video 2',
};
const OTHER_FLV_AUDIO: Readonly<Record<number, string>> = {
  0: 'PCM',
  1: 'ADPCM',
  3: 'PCM',
  4: 'Nellymoser',
  5: 'Nellymoser',
  6: 'Nellymoser',
  7: 'G.711',
  8: 'G.711',
  11: 'Speex',
};
const OTHER_FOURCC: Readonly<Record<string, string>> = {
  vp08: 'VP8',
  vvc1: 'VVC',
  fLaC: 'FLAC',
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
};

const UNKNOWN = 'of an unknown codec';
const unusableVideo = (name: string | undefined): string => `Video is ${name ?? UNKNOWN}: send H.264, HEVC, AV1 or VP9`;
const unusableAudio = (name: string | undefined): string => `Sound is ${name ?? UNKNOWN} and is not kept: send AAC, Opus or MP3`;

/** What to tell of a codec that neither browsers nor analyzers can use. */
export const unusable = {
  flvVideo: (codec: number): string => unusableVideo(OTHER_FLV_VIDEO[codec]),
  exVideo: (fourCc: string): string => unusableVideo(OTHER_FOURCC[fourCc]),
  flvAudio: (codec: number): string => unusableAudio(OTHER_FLV_AUDIO[codec]),
  exAudio: (fourCc: string): string => unusableAudio(OTHER_FOURCC[fourCc]),
};
