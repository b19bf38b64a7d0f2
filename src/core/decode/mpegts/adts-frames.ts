import { ADTS_HEADER_BYTES } from '../codec/index.js';

/** Whole ADTS frames in a packet of AAC, of which there may be several. Safe on any bytes. */
export function countAdtsFrames(data: Uint8Array): number {
  let count = 0;
  for (let at = 0; at + ADTS_HEADER_BYTES <= data.length; count++) {
    const isAdts = data[at] === 0xff && (data[at + 1]! & 0xf6) === 0xf0;
    const frameBytes = ((data[at + 3]! & 3) << 11) | (data[at + 4]! << 3) | (data[at + 5]! >> 5);
    if (!isAdts || frameBytes < ADTS_HEADER_BYTES || at + frameBytes > data.length) break;
    at += frameBytes;
  }
  return count;
}
