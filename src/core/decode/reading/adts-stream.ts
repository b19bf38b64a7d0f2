import { adtsConfiguration, adtsHeaderBytes } from '../codec/index.js';

export interface AdtsFrame {
  /** AudioSpecificConfig. */
  readonly configuration: Buffer;
  readonly data: Buffer;
}

/** Takes the header off a frame of ADTS, which says what an AudioSpecificConfig does. @returns undefined where there is none */
export function adtsFrame(bytes: Buffer): AdtsFrame | undefined {
  const configuration = adtsConfiguration(bytes);
  const data = bytes.subarray(adtsHeaderBytes(bytes));
  return configuration === undefined || data.length === 0 ? undefined : { configuration, data };
}
