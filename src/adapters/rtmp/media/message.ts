import { unsupportedMedia } from '../refusal.js';

export type VideoMessage =
  | { readonly kind: 'header'; readonly record: Buffer }
  | { readonly kind: 'frame'; readonly keyframe: boolean }
  /** Nothing to keep: an empty message, an end-of-sequence mark, a command frame. */
  | { readonly kind: 'none' };

export type AudioMessage =
  | { readonly kind: 'header'; readonly config: Buffer }
  | { readonly kind: 'frame' }
  | { readonly kind: 'none' };

const VIDEO_CODECS: Readonly<Record<number, string>> = { 2: 'H.263', 3: 'Screen Video', 4: 'VP6', 5: 'VP6', 6: 'Screen Video 2', 12: 'HEVC' };
const AUDIO_CODECS: Readonly<Record<number, string>> = { 0: 'PCM', 1: 'ADPCM', 2: 'MP3', 3: 'PCM', 4: 'Nellymoser', 5: 'Nellymoser', 6: 'Nellymoser', 7: 'G.711', 8: 'G.711', 9: 'enhanced RTMP', 11: 'Speex', 14: 'MP3' };
const FOURCC: Readonly<Record<string, string>> = { hvc1: 'HEVC', av01: 'AV1', vp09: 'VP9', vp08: 'VP8', avc1: 'H.264 by enhanced RTMP' };

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
  if (first === undefined) return { kind: 'none' };
  if ((first & 0x80) !== 0) {
    const name = FOURCC[payload.toString('latin1', 1, 5)] ?? 'an enhanced RTMP codec';
    throw unsupportedMedia(`Video is ${name}: send H.264`);
  }
  const codec = first & 0x0f;
  const frameType = first >> 4;
  if (frameType === 5) return { kind: 'none' };
  if (codec !== 7) throw unsupportedMedia(`Video is ${VIDEO_CODECS[codec] ?? 'of an unknown codec'}: send H.264`);
  if (payload.length <= 5) return { kind: 'none' };
  if (payload[1] === 0) {
    const record = payload.subarray(5);
    if (!isAvcRecord(record)) throw unsupportedMedia('The H.264 sequence header is broken');
    return { kind: 'header', record };
  }
  return payload[1] === 1 ? { kind: 'frame', keyframe: frameType === 1 } : { kind: 'none' };
}

/** Says what an audio message is. @throws Refusal for codecs other than AAC and for a broken sequence header */
export function readAudioMessage(payload: Buffer): AudioMessage {
  const first = payload[0];
  if (first === undefined) return { kind: 'none' };
  const codec = first >> 4;
  if (codec !== 10) throw unsupportedMedia(`Audio is ${AUDIO_CODECS[codec] ?? 'of an unknown codec'}: send AAC`);
  if (payload.length <= 2) return { kind: 'none' };
  if (payload[1] !== 0) return { kind: 'frame' };
  const config = payload.subarray(2);
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
