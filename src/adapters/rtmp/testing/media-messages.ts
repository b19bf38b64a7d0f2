import { createHash } from 'node:crypto';
import { isAudioFrame, isKeyframe, isVideoFrame, readFlv, type FlvTag } from './flv-reader.js';

/** A sequence header that demuxers take: 16x16, baseline. `variant` makes a different one of the same kind. */
export function avcHeader(variant = 0): Buffer {
  const sps = [0x67, 0x42, 0xc0, 0x0a + variant, 0xdc, 0x43, 0xc8];
  const pps = [0x68, 0xce, 0x3c, 0x80];
  return Buffer.from([0x17, 0, 0, 0, 0, 1, 0x42, 0xc0, 0x0a + variant, 0xff, 0xe1, 0, sps.length, ...sps, 1, 0, pps.length, ...pps]);
}

export const keyframe = (marker = 0): Buffer => Buffer.from([0x17, 1, 0, 0, 0, 0, 0, 0, 2, 0x65, marker & 0xff]);
export const interFrame = (marker = 0): Buffer => Buffer.from([0x27, 1, 0, 0, 0, 0, 0, 0, 2, 0x41, marker & 0xff]);
/** AAC LC, stereo, at 48 kHz, or at 44.1 kHz for variant 1. */
export const aacHeader = (variant = 0): Buffer => Buffer.from(variant === 0 ? [0xaf, 0, 0x11, 0x90] : [0xaf, 0, 0x12, 0x10]);
export const aacFrame = (marker = 0): Buffer => Buffer.from([0xaf, 1, 0x21, marker & 0xff]);

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
