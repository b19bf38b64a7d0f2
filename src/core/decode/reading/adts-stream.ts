import { AAC_SAMPLE_RATES_HZ, ADTS_HEADER_BYTES } from '../codec/index.js';

const CRC_BYTES = 2;

export interface AdtsFrame {
  /** AudioSpecificConfig. */
  readonly configuration: Buffer;
  readonly data: Buffer;
}

/** Takes the header off a frame of ADTS, which says what an AudioSpecificConfig does. @returns undefined where there is none */
export function adtsFrame(bytes: Buffer): AdtsFrame | undefined {
  if (bytes.length < ADTS_HEADER_BYTES || bytes.readUInt8(0) !== 0xff || (bytes.readUInt8(1) & 0xf6) !== 0xf0) return undefined;
  const objectType = (bytes.readUInt8(2) >> 6) + 1;
  const rateIndex = (bytes.readUInt8(2) >> 2) & 15;
  const channels = ((bytes.readUInt8(2) & 1) << 2) | (bytes.readUInt8(3) >> 6);
  const headerBytes = ADTS_HEADER_BYTES + ((bytes.readUInt8(1) & 1) === 0 ? CRC_BYTES : 0);
  // Channels that the frame itself lists have no place in two bytes.
  if (AAC_SAMPLE_RATES_HZ[rateIndex] === undefined || channels === 0 || bytes.length <= headerBytes) return undefined;
  const configuration = Buffer.alloc(2);
  configuration.writeUInt16BE((objectType << 11) | (rateIndex << 7) | (channels << 3));
  return { configuration, data: bytes.subarray(headerBytes) };
}
