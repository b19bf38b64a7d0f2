import { nalUnits } from '../codec/nal.js';

const START = [0, 0, 1] as const;

/** NAL units behind start codes (Annex B), each behind its length in four bytes instead. */
export function lengthPrefixed(annexB: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (const nal of nalUnits(annexB)) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(nal.length);
    parts.push(length, nal);
  }
  return Buffer.concat(parts);
}

/** Whether a decoder configuration is parameter sets behind start codes, and so are the frames. */
export function isAnnexB(configuration: Uint8Array | null): boolean {
  if (configuration === null || configuration.length < 4) return true;
  const at = configuration[2] === 0 ? 1 : 0;
  return START.every((byte, index) => configuration[at + index] === byte);
}
