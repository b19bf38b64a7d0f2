import { unsupportedMedia } from '../refusal.js';
import { ExPacketType, readExPacket } from './enhanced.js';

export type VideoMessage =
  | { readonly kind: 'header'; readonly record: Buffer }
  /** `payload` is an FLV video tag's. */
  | { readonly kind: 'frame'; readonly keyframe: boolean; readonly payload: Buffer }
  /** Nothing to keep: an empty message, an end-of-sequence mark, a command frame. */
  | { readonly kind: 'none' };

export type AudioMessage =
  | { readonly kind: 'header'; readonly config: Buffer }
  /** `payload` is an FLV audio tag's. */
  | { readonly kind: 'frame'; readonly payload: Buffer }
  | { readonly kind: 'none' };

const KEYFRAME = 1;
const COMMAND_FRAME = 5;
const AVC = 7;
const EX_AUDIO = 9;
const AAC = 10;
/** Packet types of enhanced RTMP that video and audio number differently. */
const VIDEO_MULTITRACK = 6;
const AUDIO_MULTITRACK = 5;
const NOTHING = { kind: 'none' } as const;

const VIDEO_CODECS: Readonly<Record<number, string>> = {
  2: 'H.263',
  3: 'Screen Video',
  4: 'VP6',
  5: 'VP6',
  6: 'Screen Video 2',
  12: 'HEVC',
};
const AUDIO_CODECS: Readonly<Record<number, string>> = {
  0: 'PCM',
  1: 'ADPCM',
  2: 'MP3',
  3: 'PCM',
  4: 'Nellymoser',
  5: 'Nellymoser',
  6: 'Nellymoser',
  7: 'G.711',
  8: 'G.711',
  11: 'Speex',
  14: 'MP3',
};
const FOURCC: Readonly<Record<string, string>> = {
  hvc1: 'HEVC',
  av01: 'AV1',
  vp09: 'VP9',
  vp08: 'VP8',
  vvc1: 'VVC',
  Opus: 'Opus',
  fLaC: 'FLAC',
  'ac-3': 'AC-3',
  'ec-3': 'E-AC-3',
  '.mp3': 'MP3',
};
const codecOf = (fourCc: string): string => FOURCC[fourCc] ?? 'of an unknown codec';

/** AVCDecoderConfigurationRecord: version 1, at least one SPS and one PPS, every length inside the record. */
function isAvcRecord(record: Buffer): boolean {
  if (record.length < 8 || record[0] !== 1) return false;
  let offset = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = (record[offset++] ?? 0) & mask;
    if (count === 0) return false;
    for (let i = 0; i < count; i++) {
      if (offset + 2 > record.length) return false;
      const length = record.readUInt16BE(offset);
      offset += 2 + length;
      if (length === 0 || offset > record.length) return false;
    }
  }
  return true;
}

/** Says what a video message is. @throws Refusal for codecs other than H.264 and for a broken sequence header */
export function readVideoMessage(payload: Buffer): VideoMessage {
  const first = payload[0];
  if (first === undefined) return NOTHING;
  if ((first & 0x80) !== 0) return readExVideo(payload, (first >> 4) & 0x07);
  const codec = first & 0x0f;
  const frameType = first >> 4;
  if (frameType === COMMAND_FRAME) return NOTHING;
  if (codec !== AVC) throw unsupportedMedia(`Video is ${VIDEO_CODECS[codec] ?? 'of an unknown codec'}: send H.264`);
  if (payload.length <= 5) return NOTHING;
  if (payload[1] === 0) return videoHeader(payload.subarray(5));
  return payload[1] === 1 ? { kind: 'frame', keyframe: frameType === KEYFRAME, payload } : NOTHING;
}

/** H.264 by enhanced RTMP, written as FLV has had it before. */
function readExVideo(payload: Buffer, frameType: number): VideoMessage {
  if (frameType === COMMAND_FRAME && (payload.readUInt8(0) & 0x0f) !== ExPacketType.metadata) return NOTHING;
  const packet = readExPacket(payload, VIDEO_MULTITRACK);
  if (packet === undefined) return NOTHING;
  const { packetType, fourCc, body } = packet;
  if (fourCc !== 'avc1') throw unsupportedMedia(`Video is ${codecOf(fourCc)}: send H.264`);
  if (packetType === ExPacketType.sequenceStart) return videoHeader(body);
  const head = Buffer.from([(frameType << 4) | AVC, 1]);
  const keyframe = frameType === KEYFRAME;
  if (packetType === ExPacketType.codedFrames && body.length > 3) return { kind: 'frame', keyframe, payload: Buffer.concat([head, body]) };
  if (packetType !== ExPacketType.codedFramesX || body.length === 0) return NOTHING;
  return { kind: 'frame', keyframe, payload: Buffer.concat([head, Buffer.alloc(3), body]) };
}

function videoHeader(record: Buffer): VideoMessage {
  if (!isAvcRecord(record)) throw unsupportedMedia('The H.264 sequence header is broken');
  return { kind: 'header', record };
}

/** Says what an audio message is. @throws Refusal for codecs other than AAC and for a broken sequence header */
export function readAudioMessage(payload: Buffer): AudioMessage {
  const first = payload[0];
  if (first === undefined) return NOTHING;
  const codec = first >> 4;
  if (codec === EX_AUDIO) return readExAudio(payload);
  if (codec !== AAC) throw unsupportedMedia(`Audio is ${AUDIO_CODECS[codec] ?? 'of an unknown codec'}: send AAC`);
  if (payload.length <= 2) return NOTHING;
  return payload[1] === 0 ? audioHeader(payload.subarray(2)) : { kind: 'frame', payload };
}

/** AAC by enhanced RTMP, written as FLV has had it before. */
function readExAudio(payload: Buffer): AudioMessage {
  const packet = readExPacket(payload, AUDIO_MULTITRACK);
  if (packet === undefined) return NOTHING;
  const { packetType, fourCc, body } = packet;
  if (fourCc !== 'mp4a') throw unsupportedMedia(`Audio is ${codecOf(fourCc)}: send AAC`);
  if (packetType === ExPacketType.sequenceStart) return audioHeader(body);
  if (packetType !== ExPacketType.codedFrames || body.length === 0) return NOTHING;
  return { kind: 'frame', payload: Buffer.concat([Buffer.from([0xaf, 1]), body]) };
}

function audioHeader(config: Buffer): AudioMessage {
  if (config.length < 2 || config.length > 64) throw unsupportedMedia('The AAC sequence header is broken');
  return { kind: 'header', config };
}

/** A copy of an H.264 frame's payload shown at the same time although its dts is moved by `shiftMs`. */
export function shiftComposition(payload: Buffer, shiftMs: number): Buffer {
  const copy = Buffer.from(payload);
  const offset = Math.max(-0x800000, Math.min(0x7fffff, copy.readIntBE(2, 3) - shiftMs));
  copy.writeIntBE(offset, 2, 3);
  return copy;
}
