import { BitReader } from './bit-reader.js';
import { nalType, nalUnits } from './nal.js';

const SEI = 6;
const LAST_SLICE = 5;
const RECOVERY_POINT = 6;
/** Messages of one SEI that are looked through. */
const MAX_MESSAGES = 32;
/** More pictures than any refresh takes: a broken message, or one that means never. */
const MAX_FRAMES = 1 << 16;

/**
 * After how many pictures a decoder that starts at this H.264 picture shows whole ones, by its recovery point message: 0 where an open
 * GOP begins, more with intra refresh.
 * @param annexB the beginning of the picture, at least up to its first slice
 * @returns null where it is no recovery point
 */
export function recoveryFrames(annexB: Buffer): number | null {
  for (const nal of nalUnits(annexB)) {
    const type = nalType('h264', nal[0] ?? 0);
    if (type >= 1 && type <= LAST_SLICE) return null;
    if (type !== SEI) continue;
    const frames = recoveryFramesOf(nal);
    if (frames !== null) return frames;
  }
  return null;
}

/** The same of a single SEI NAL unit. */
export function recoveryFramesOf(sei: Uint8Array): number | null {
  try {
    const frames = inMessages(BitReader.ofNal(sei.subarray(1)));
    return frames === null || frames > MAX_FRAMES ? null : frames;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return null;
  }
}

function inMessages(bits: BitReader): number | null {
  for (let i = 0; i < MAX_MESSAGES; i++) {
    const type = extended(bits);
    const sizeBytes = extended(bits);
    if (type === RECOVERY_POINT) return bits.unsigned();
    bits.skip(8 * sizeBytes);
  }
  return null;
}

/** A number in bytes of which each but the last is 255. */
function extended(bits: BitReader): number {
  let value = 0;
  for (;;) {
    const byte = bits.bits(8);
    value += byte;
    if (byte !== 255) return value;
  }
}
