import { ADTS_HEADER_BYTES, mp3HeaderAt } from '../codec/index.js';
import type { AudioCodec } from './demuxed-segment.js';

/** Whole frames in a unit of sound, of which there may be several. Safe on any bytes. */
export function soundFrameCount(codec: AudioCodec, data: Uint8Array): number {
  if (codec === 'opus') return data.length > 0 ? 1 : 0;
  const sizeAt = codec === 'aac' ? adtsFrameBytes : mp3FrameBytes;
  let count = 0;
  for (let at = 0; at < data.length; count++) {
    const frameBytes = sizeAt(data, at);
    if (frameBytes === 0 || at + frameBytes > data.length) break;
    at += frameBytes;
  }
  return count;
}

function adtsFrameBytes(data: Uint8Array, at: number): number {
  if (at + ADTS_HEADER_BYTES > data.length || data[at] !== 0xff || (data[at + 1]! & 0xf6) !== 0xf0) return 0;
  const frameBytes = ((data[at + 3]! & 3) << 11) | (data[at + 4]! << 3) | (data[at + 5]! >> 5);
  return frameBytes < ADTS_HEADER_BYTES ? 0 : frameBytes;
}

const mp3FrameBytes = (data: Uint8Array, at: number): number => mp3HeaderAt(data, at)?.sizeBytes ?? 0;
