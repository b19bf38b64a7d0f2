import { AAC_SAMPLE_RATES_HZ, type AdtsParameters } from './aac-configuration.js';

export const ADTS_HEADER_BYTES = 7;
const CHECKSUM_BYTES = 2;
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

/** How long the header of an ADTS frame is, its checksum included; undefined where no frame begins. */
export function adtsHeaderBytes(bytes: Uint8Array): number | undefined {
  // Twelve bits of sync, and a layer of 0.
  if (bytes.length <= ADTS_HEADER_BYTES || bytes[0] !== 0xff || (bytes[1]! & 0xf6) !== 0xf0) return undefined;
  return ADTS_HEADER_BYTES + ((bytes[1]! & 1) === 0 ? CHECKSUM_BYTES : 0);
}

/** The AudioSpecificConfig that the header of an ADTS frame stands for; undefined where there is none, or none of two bytes. */
export function adtsConfiguration(bytes: Uint8Array): Buffer | undefined {
  if (adtsHeaderBytes(bytes) === undefined) return undefined;
  const objectType = (bytes[2]! >> 6) + 1;
  const rateIndex = (bytes[2]! >> 2) & 15;
  const channels = ((bytes[2]! & 1) << 2) | (bytes[3]! >> 6);
  // Channels that the frame itself lists have no place in it.
  if (AAC_SAMPLE_RATES_HZ[rateIndex] === undefined || channels === 0) return undefined;
  const configuration = Buffer.alloc(2);
  configuration.writeUInt16BE((objectType << 11) | (rateIndex << 7) | (channels << 3));
  return configuration;
}
