import type { CodecParameters } from 'node-av/lib';
import {
  AV_CODEC_ID_AAC,
  AV_CODEC_ID_AV1,
  AV_CODEC_ID_H264,
  AV_CODEC_ID_HEVC,
  AV_CODEC_ID_MP3,
  AV_FIELD_BB,
  AV_FIELD_BT,
  AV_FIELD_TB,
  AV_FIELD_TT,
  AV_PIX_FMT_YUV420P,
  AV_PIX_FMT_YUVJ420P,
  AV_PKT_DATA_DISPLAYMATRIX,
} from 'node-av/constants';
import type { PushedAudioCodec, PushedVideoCodec } from '../../plugin-api/index.js';

const VIDEO: Readonly<Record<number, PushedVideoCodec>> = {
  [AV_CODEC_ID_H264]: 'h264',
  [AV_CODEC_ID_HEVC]: 'hevc',
  [AV_CODEC_ID_AV1]: 'av1',
};
const AUDIO: Readonly<Record<number, PushedAudioCodec>> = { [AV_CODEC_ID_AAC]: 'aac', [AV_CODEC_ID_MP3]: 'mp3' };
const INTERLACED: ReadonlySet<unknown> = new Set([AV_FIELD_TT, AV_FIELD_BB, AV_FIELD_TB, AV_FIELD_BT]);

/** How pictures are turned until they are upright, clockwise. */
export type QuarterTurns = 0 | 1 | 2 | 3;

export const isInterlaced = (parameters: CodecParameters): boolean => INTERLACED.has(parameters.toJSON()['fieldOrder']);

/** As the container says it. */
export function turnsOf(parameters: CodecParameters): QuarterTurns {
  const matrix = parameters.getCodedSideData(AV_PKT_DATA_DISPLAYMATRIX);
  if (matrix === null || matrix.length < 36) return 0;
  // Fixed point, 16.16: the picture's x axis on the display.
  const degrees = (Math.atan2(matrix.readInt32LE(4), matrix.readInt32LE(0)) * 180) / Math.PI;
  return (((Math.round(degrees / 90) % 4) + 4) % 4) as QuarterTurns;
}

/** The codec, when pictures can go through as they are: browsers play them, and they are upright. */
export function passingVideo(parameters: CodecParameters): PushedVideoCodec | undefined {
  const codec = VIDEO[parameters.codecId];
  if (codec === undefined || isInterlaced(parameters) || turnsOf(parameters) !== 0) return undefined;
  // Before the first parameter sets have come nothing is known of the rest.
  const isUsual = parameters.width === 0 || parameters.format === AV_PIX_FMT_YUV420P || parameters.format === AV_PIX_FMT_YUVJ420P;
  if (codec === 'h264') return isUsual ? codec : undefined;
  return codec === 'av1' && parameters.extradata === null ? undefined : codec;
}

/** The codec, when sound can go through as it is. */
export const passingAudio = (parameters: CodecParameters): PushedAudioCodec | undefined => AUDIO[parameters.codecId];
