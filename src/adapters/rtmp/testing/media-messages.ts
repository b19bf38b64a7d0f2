import { createHash } from 'node:crypto';
import { isAudioFrame, isKeyframe, isVideoFrame, readFlv, type FlvTag } from './flv-reader.js';

/** A sequence header that demuxers take: 16x16, baseline. `variant` makes a different one of the same kind. */
export function avcHeader(variant = 0): Buffer {
  const sps = [0x67, 0x42, 0xc0, 0x0a + variant, 0xdc, 0x43, 0xc8];
  const pps = [0x68, 0xce, 0x3c, 0x80];
  return Buffer.from([0x17, 0, 0, 0, 0, 1, 0x42, 0xc0, 0x0a + variant, 0xff, 0xe1, 0, sps.length, ...sps, 1, 0, pps.length, ...pps]);
}

const picture = (first: number, unit: number, marker: number, fillBytes: number): Buffer => {
  const lengthBytes = Buffer.alloc(4);
  lengthBytes.writeUInt32BE(2 + fillBytes);
  return Buffer.concat([
    Buffer.from([first, 1, 0, 0, 0]),
    lengthBytes,
    Buffer.from([unit]),
    Buffer.alloc(fillBytes),
    Buffer.from([marker & 0xff]),
  ]);
};
export const keyframe = (marker = 0, fillBytes = 0): Buffer => picture(0x17, 0x65, marker, fillBytes);
export const interFrame = (marker = 0, fillBytes = 0): Buffer => picture(0x27, 0x41, marker, fillBytes);
/** AAC LC, stereo, at 48 kHz, or at 44.1 kHz for variant 1. */
export const aacHeader = (variant = 0): Buffer => Buffer.from(variant === 0 ? [0xaf, 0, 0x11, 0x90] : [0xaf, 0, 0x12, 0x10]);
/** As {@link keyframe} is: shown `compositionMs` after it is decoded. */
export function shownLater(frame: Buffer, compositionMs: number): Buffer {
  const copy = Buffer.from(frame);
  copy.writeIntBE(compositionMs, 2, 3);
  return copy;
}
export const aacFrame = (marker = 0): Buffer => Buffer.from([0xaf, 1, 0x21, marker & 0xff]);

/** A HEVC configuration with one parameter set of each kind; `variant` makes a different one. */
export function hvcc(variant = 0): Buffer {
  const head = Buffer.alloc(23);
  head.writeUInt8(1, 0);
  head.writeUInt8(0x01, 1);
  head.writeUInt8(0xfb, 21);
  head.writeUInt8(3, 22);
  const sets = [0x20, 0x21, 0x22].map((type) => Buffer.from([0x80 | type, 0, 1, 0, 3, type << 1, 1, variant]));
  return Buffer.concat([head, ...sets]);
}
/** VP9, profile 0, 8 bits, 4:2:0. */
export const VPCC = Buffer.from([0, 10, 0x82, 1, 1, 1, 0, 0]);
export const OPUS_HEAD = Buffer.concat([Buffer.from('OpusHead'), Buffer.from([1, 2, 0x38, 1, 0x80, 0xbb, 0, 0, 0, 0, 0])]);

export interface Frame {
  readonly track: 'audio' | 'video';
  readonly timestampMs: number;
  /** The payload's last byte in hex: the marker of a crafted frame. */
  readonly marker: string;
  readonly sha1: string;
}

/** The frames of an FLV file with times counted from its first keyframe, in file order: what must come through unchanged. */
export function framesOf(flv: Buffer | readonly FlvTag[]): Frame[] {
  const tags = Buffer.isBuffer(flv) ? readFlv(flv) : flv;
  const baseMs = tags.find(isKeyframe)?.timestampMs ?? 0;
  return tags
    .filter((tag) => isVideoFrame(tag) || isAudioFrame(tag))
    .map((tag) => ({
      track: tag.type === 9 ? 'video' : 'audio',
      timestampMs: tag.timestampMs - baseMs,
      marker: tag.payload.subarray(-1).toString('hex'),
      sha1: createHash('sha1').update(tag.payload).digest('hex'),
    }));
}
