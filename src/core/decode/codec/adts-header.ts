import type { AdtsParameters } from './aac-configuration.js';

export const ADTS_HEADER_BYTES = 7;
/** Its length has 13 bits. */
export const MAX_ADTS_FRAME_BYTES = 8191;

/** Writes the header of an ADTS frame of so many bytes, header included (ISO/IEC 14496-3, 1.A.2.2). */
export function writeAdtsHeader(target: Uint8Array, at: number, parameters: AdtsParameters, frameBytes: number): void {
  const { objectType, rateIndex, channelConfiguration } = parameters;
  target[at] = 0xff;
  target[at + 1] = 0xf1;
  target[at + 2] = ((objectType - 1) << 6) | (rateIndex << 2) | (channelConfiguration >> 2);
  target[at + 3] = ((channelConfiguration & 3) << 6) | (frameBytes >> 11);
  target[at + 4] = (frameBytes >> 3) & 0xff;
  target[at + 5] = ((frameBytes & 7) << 5) | 0x1f;
  target[at + 6] = 0xfc;
}
