import { type Stream } from 'node-av/lib';
import {
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_MP3,
  AV_CODEC_ID_OPUS,
  AV_CODEC_ID_VP9,
  AV_PKT_DATA_DISPLAYMATRIX,
} from 'node-av/constants';
import { avGetPixFmtName } from 'node-av/lib';
import type { PushedAudioCodec, PushedAudioTrack, PushedVideoCodec, PushedVideoTrack } from '../../plugin-api/index.js';
import { CodedError } from '../../plugin-api/index.js';
import { adtsConfiguration, parseAacConfiguration, parseOpusConfiguration, videoFormatOf } from '../codec/index.js';
import type { FilterStep } from '../filter-chain.js';
import type { FirstPictures } from './first-pictures.js';
import { isTransposed, uprightFilters } from './display-matrix.js';
import { isAnnexB } from './length-prefixed.js';
import type { MediaFile } from './media-file.js';
import { sampleAspectOf, squareSize } from './square-size.js';

const VIDEO_CODECS = new Map<number, PushedVideoCodec>([
  [AV_CODEC_ID_H264, 'h264'],
  [AV_CODEC_ID_HEVC, 'hevc'],
  [AV_CODEC_ID_AV1, 'av1'],
  [AV_CODEC_ID_VP9, 'vp9'],
]);
const AUDIO_CODECS = new Map<number, PushedAudioCodec>([
  [AV_CODEC_ID_AAC, 'aac'],
  [AV_CODEC_ID_OPUS, 'opus'],
  [AV_CODEC_ID_MP3, 'mp3'],
]);
/** What browsers show of each codec, by how many bits a sample has. */
const MOST_BITS: Readonly<Record<PushedVideoCodec, number>> = { h264: 8, hevc: 10, av1: 10, vp9: 10 };
const VP9_LEVEL = 41;

/** Why pictures are not taken as they are. */
export type EncodingReason = 'rotated' | 'interlaced' | 'trimmed' | 'pixels' | 'codec' | 'format';

export type VideoPlan =
  | { readonly kind: 'copy'; readonly track: PushedVideoTrack; readonly isAnnexB: boolean }
  | {
      readonly kind: 'encode';
      readonly why: readonly EncodingReason[];
      readonly filters: readonly FilterStep[];
      readonly size: { readonly widthPx: number; readonly heightPx: number };
    };

export type AudioPlan =
  | { readonly kind: 'copy'; readonly track: PushedAudioTrack; readonly isAdts: boolean }
  | { readonly kind: 'encode' }
  | { readonly kind: 'none' };

/** Pictures are copied where browsers and analyzers show them upright as they are, and encoded where they do not. */
export function planVideo(file: MediaFile, first: FirstPictures): VideoPlan {
  const { codecpar } = file.video;
  const upright = uprightFilters(codecpar.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX));
  const { num, den } = file.video.sampleAspectRatio;
  // The container's word counts, as it does in players.
  const sampleAspect = num > 0 && den > 0 ? sampleAspectOf({ num, den }) : first.sampleAspect;
  const copied = copiedTrack(file.video);
  const canCarryAspect = copied?.codec === 'h264' || copied?.codec === 'hevc';
  const why: EncodingReason[] = [];
  if (upright.length > 0) why.push('rotated');
  if (first.isInterlaced) why.push('interlaced');
  if (first.isTrimmed) why.push('trimmed');
  if (Math.abs(sampleAspect - first.sampleAspect) > 0.01 || (sampleAspect !== 1 && !canCarryAspect)) why.push('pixels');
  if (!VIDEO_CODECS.has(codecpar.codecId)) why.push('codec');
  else if (copied === null) why.push('format');
  if (why.length === 0 && copied !== null) {
    const isNal = copied.codec === 'h264' || copied.codec === 'hevc';
    return { kind: 'copy', track: copied, isAnnexB: isNal && isAnnexB(codecpar.extradata) };
  }
  const size = squareSize({ widthPx: first.widthPx, heightPx: first.heightPx, sampleAspect });
  const isTurned = isTransposed(upright);
  return {
    kind: 'encode',
    why,
    filters: [...(first.isInterlaced ? [['bwdif', 'mode=send_frame:deint=all'] as const] : []), ...upright],
    size: isTurned ? { widthPx: size.heightPx, heightPx: size.widthPx } : size,
  };
}

export function planAudio({ audio }: MediaFile, { firstSound }: FirstPictures): AudioPlan {
  if (audio === undefined) return { kind: 'none' };
  const codec = AUDIO_CODECS.get(audio.codecpar.codecId);
  const { extradata } = audio.codecpar;
  try {
    if (codec === 'mp3') return { kind: 'copy', track: { codec, configuration: new Uint8Array(0) }, isAdts: false };
    const ofFrame = codec === 'aac' && extradata == null && firstSound !== undefined ? adtsConfiguration(firstSound) : undefined;
    const given = ofFrame ?? extradata;
    if (codec === undefined || given == null) return { kind: 'encode' };
    const configuration = Uint8Array.from(given);
    if (codec === 'aac') parseAacConfiguration(configuration);
    else parseOpusConfiguration(configuration);
    return { kind: 'copy', track: { codec, configuration }, isAdts: ofFrame !== undefined };
  } catch (error) {
    if (error instanceof CodedError) return { kind: 'encode' };
    throw error;
  }
}

/** @returns null where browsers would not show the pictures, or their configuration makes no sense */
function copiedTrack(stream: Stream): PushedVideoTrack | null {
  const { codecpar } = stream;
  const codec = VIDEO_CODECS.get(codecpar.codecId);
  const configuration = codec === 'vp9' ? vpcOf(stream) : codecpar.getDecoderConfigurationRecord();
  if (codec === undefined || configuration === null) return null;
  const { num, den } = stream.avgFrameRate;
  const track: PushedVideoTrack = {
    codec,
    configuration: Uint8Array.from(configuration),
    ...(num > 0 && den > 0 && { announcedFramesPerSecond: num / den }),
  };
  try {
    const { chroma, bitDepth } = videoFormatOf(track);
    return chroma === '4:2:0' && bitDepth <= MOST_BITS[codec] ? track : null;
  } catch (error) {
    if (error instanceof CodedError) return null;
    throw error;
  }
}

/** Matroska has no configuration of VP9: everything in it is known otherwise. */
function vpcOf({ codecpar }: Stream): Buffer | null {
  const name = avGetPixFmtName(codecpar.format as never) ?? '';
  const bitDepth = name.includes('12') ? 12 : name.includes('10') ? 10 : 8;
  const chroma = name.startsWith('yuv420p') ? 1 : name.startsWith('yuv422p') ? 2 : 3;
  const profile = (chroma === 1 ? 0 : 1) + (bitDepth === 8 ? 0 : 2);
  const unspecified = 2;
  return Buffer.from([profile, VP9_LEVEL, (bitDepth << 4) | (chroma << 1), unspecified, unspecified, unspecified, 0, 0]);
}
