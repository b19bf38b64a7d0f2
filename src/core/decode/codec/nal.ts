import type { NalCodec } from './video-codec.js';

const START_CODE = Buffer.from([0, 0, 1]);

/** Walks the NAL units of Annex B data, start codes left out. */
export function* nalUnits(annexB: Buffer): Generator<Buffer> {
  let start = annexB.indexOf(START_CODE);
  while (start !== -1) {
    const from = start + 3;
    const next = annexB.indexOf(START_CODE, from);
    if (next === -1) {
      if (from < annexB.length) yield annexB.subarray(from);
      return;
    }
    // A four-byte start code's leading zero belongs to the code.
    const end = annexB[next - 1] === 0 ? next - 1 : next;
    if (end > from) yield annexB.subarray(from, end);
    start = next;
  }
}

/** NAL units, each behind its length in four bytes, as MP4 and pushed frames have them. */
export function behindLengths(units: Iterable<Buffer>): Buffer {
  const parts: Buffer[] = [];
  for (const nal of units) {
    const length = Buffer.allocUnsafe(4);
    length.writeUInt32BE(nal.length);
    parts.push(length, nal);
  }
  return Buffer.concat(parts);
}

/** Whether bytes begin with a start code, as Annex B does; a configuration record begins with its version. */
export const beginsWithStartCode = (bytes: Buffer): boolean => /^0000(00)?01/.test(bytes.toString('hex', 0, 4));

export function nalType(codec: NalCodec, firstByte: number): number {
  return codec === 'h264' ? firstByte & 0x1f : (firstByte >> 1) & 0x3f;
}

/** Units of nothing but filling, by which encoders keep a constant bit rate. */
const FILLER: Readonly<Record<NalCodec, number>> = { h264: 12, hevc: 38 };

/** How much of a picture says nothing of it. */
export function fillerBytes(codec: string, annexB: Buffer): number {
  if (codec !== 'h264' && codec !== 'hevc') return 0;
  let sizeBytes = 0;
  for (const nal of nalUnits(annexB)) if (nalType(codec, nal[0]!) === FILLER[codec]) sizeBytes += nal.length;
  return sizeBytes;
}

/**
 * Says by the first slice whether a picture is a random access point.
 * @returns null when the data holds no slice
 */
export function isRandomAccess(codec: NalCodec, annexB: Buffer): boolean | null {
  let start = annexB.indexOf(START_CODE);
  while (start !== -1 && start + 3 < annexB.length) {
    const type = nalType(codec, annexB[start + 3]!);
    if (codec === 'h264' && type >= 1 && type <= 5) return type === 5;
    if (codec === 'hevc' && type < 32) return type >= 16 && type <= 23;
    start = annexB.indexOf(START_CODE, start + 3);
  }
  return null;
}

/** Whether other pictures may be built on this H.264 picture, by its first slice; true where it has none. */
export function isReference(annexB: Buffer): boolean {
  for (const nal of nalUnits(annexB)) {
    const type = nalType('h264', nal[0] ?? 0);
    if (type >= 1 && type <= 5) return (nal[0]! & 0x60) !== 0;
  }
  return true;
}
