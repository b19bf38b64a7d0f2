import type { PushedAudioCodec, PushedVideoCodec } from 'vedette/plugin';
import { unsupportedMedia } from '../refusal.js';
import { AUDIO_FOURCC, FLV_AUDIO, FLV_VIDEO, unusable, VIDEO_FOURCC } from './codecs.js';
import { isAudioConfiguration, isVideoConfiguration, vp9Record } from './configurations.js';
import { ExPacketType, readExMessage, type ExMessage } from './enhanced.js';

/** A coded frame as it stands in its message: `data` is the message's memory. */
export interface MessageFrame<Codec> {
  readonly kind: 'frame';
  readonly codec: Codec;
  readonly keyframe: boolean;
  /** From decoding to showing. */
  readonly compositionMs: number;
  /** How much later than the message's timestamp it is. */
  readonly laterUs: number;
  readonly data: Buffer;
}

/** Nothing to keep: an empty message, an end-of-sequence mark, a command frame. */
interface Nothing {
  readonly kind: 'none';
}

export type VideoMessage =
  Nothing | { readonly kind: 'header'; readonly codec: PushedVideoCodec; readonly configuration: Buffer } | MessageFrame<PushedVideoCodec>;

export type AudioMessage =
  | Nothing
  | { readonly kind: 'header'; readonly codec: PushedAudioCodec; readonly configuration: Buffer }
  | MessageFrame<PushedAudioCodec>
  /** Of a codec that is not kept, or with a header that cannot be read; `reason` is for a person. */
  | { readonly kind: 'unusable'; readonly isFrame: boolean; readonly reason: string };

/** A message, and how many frames of other tracks than the main one it holds. */
export interface Read<Message> {
  readonly message: Message;
  readonly otherFrames: number;
}

const KEYFRAME = 1;
const COMMAND_FRAME = 5;
const EX_AUDIO = 9;
const AAC = 10;
/** Packet types of enhanced RTMP that video and audio number differently. */
const VIDEO_MULTITRACK = 6;
const AUDIO_MULTITRACK = 5;
const NOTHING = { kind: 'none' } as const;
const alone = <Message>(message: Message): Read<Message> => ({ message, otherFrames: 0 });

/** Says what a video message is. @throws Refusal for codecs that Vedette has no use for, and for a broken sequence header */
export function readVideoMessage(payload: Buffer): Read<VideoMessage> {
  const first = payload[0];
  if (first === undefined) return alone(NOTHING);
  if ((first & 0x80) !== 0) return readExVideo(payload, (first >> 4) & 0x07);
  const frameType = first >> 4;
  if (frameType === COMMAND_FRAME) return alone(NOTHING);
  const codec = FLV_VIDEO[first & 0x0f];
  if (codec === undefined) throw unsupportedMedia(unusable.flvVideo(first & 0x0f));
  if (payload.length < 5) return alone(NOTHING);
  if (payload[1] === 0) return alone(payload.length === 5 ? NOTHING : videoHeader(codec, payload.subarray(5)));
  if (payload[1] !== 1) return alone(NOTHING);
  return alone({
    ...{ kind: 'frame', codec, keyframe: frameType === KEYFRAME },
    ...{ compositionMs: payload.readIntBE(2, 3), laterUs: 0, data: payload.subarray(5) },
  });
}

function readExVideo(payload: Buffer, frameType: number): Read<VideoMessage> {
  if (frameType === COMMAND_FRAME && (payload.readUInt8(0) & 0x0f) !== ExPacketType.metadata) return alone(NOTHING);
  const read = readExMessage(payload, VIDEO_MULTITRACK);
  return { message: exVideo(read, frameType === KEYFRAME), otherFrames: read.otherFrames };
}

function exVideo({ main, laterUs }: ExMessage, keyframe: boolean): VideoMessage {
  if (main === undefined || main.packetType === ExPacketType.metadata) return NOTHING;
  const codec = VIDEO_FOURCC[main.fourCc];
  if (codec === undefined) throw unsupportedMedia(unusable.exVideo(main.fourCc));
  const { packetType, body } = main;
  if (packetType === ExPacketType.sequenceStart) return videoHeader(codec, codec === 'vp9' ? vp9Record(body) : body);
  if (packetType !== ExPacketType.codedFrames && packetType !== ExPacketType.codedFramesX) return NOTHING;
  const isOffset = packetType === ExPacketType.codedFrames && (codec === 'h264' || codec === 'hevc');
  if (isOffset && body.length < 3) return { kind: 'frame', codec, keyframe, compositionMs: 0, laterUs, data: body.subarray(body.length) };
  const compositionMs = isOffset ? body.readIntBE(0, 3) : 0;
  return { kind: 'frame', codec, keyframe, compositionMs, laterUs, data: isOffset ? body.subarray(3) : body };
}

const NAMES: Readonly<Record<PushedVideoCodec, string>> = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', vp9: 'VP9' };

function videoHeader(codec: PushedVideoCodec, configuration: Buffer): VideoMessage {
  if (!isVideoConfiguration(codec, configuration)) throw unsupportedMedia(`The ${NAMES[codec]} sequence header is broken`);
  return { kind: 'header', codec, configuration };
}

/** Says what an audio message is: sound that cannot be used is never a reason to refuse the picture. @throws Refusal for a broken header */
export function readAudioMessage(payload: Buffer): Read<AudioMessage> {
  const first = payload[0];
  if (first === undefined) return alone(NOTHING);
  const number = first >> 4;
  if (number === EX_AUDIO) return readExAudio(payload);
  const codec = FLV_AUDIO[number];
  if (codec === undefined) return alone({ kind: 'unusable', isFrame: true, reason: unusable.flvAudio(number) });
  if (number !== AAC) return alone(audioFrame(codec, 0, payload.subarray(1)));
  if (payload.length < 2) return alone(NOTHING);
  if (payload[1] === 0) return alone(payload.length === 2 ? NOTHING : audioHeader(codec, payload.subarray(2)));
  return alone(payload[1] === 1 ? audioFrame(codec, 0, payload.subarray(2)) : NOTHING);
}

function readExAudio(payload: Buffer): Read<AudioMessage> {
  const read = readExMessage(payload, AUDIO_MULTITRACK);
  return { message: exAudio(read), otherFrames: read.otherFrames };
}

function exAudio({ main, laterUs }: ExMessage): AudioMessage {
  if (main === undefined) return NOTHING;
  const { packetType, fourCc, body } = main;
  const isFrame = packetType === ExPacketType.codedFrames;
  if (!isFrame && packetType !== ExPacketType.sequenceStart) return NOTHING;
  const codec = AUDIO_FOURCC[fourCc];
  if (codec === undefined) return { kind: 'unusable', isFrame, reason: unusable.exAudio(fourCc) };
  return isFrame ? audioFrame(codec, laterUs, body) : audioHeader(codec, body);
}

const audioFrame = (codec: PushedAudioCodec, laterUs: number, data: Buffer): AudioMessage => ({
  ...{ kind: 'frame', codec, keyframe: true, compositionMs: 0, laterUs, data },
});

function audioHeader(codec: PushedAudioCodec, configuration: Buffer): AudioMessage {
  if (isAudioConfiguration(codec, configuration)) return { kind: 'header', codec, configuration };
  return { kind: 'unusable', isFrame: false, reason: 'Sound has a broken sequence header and is not kept: start the encoder again' };
}
