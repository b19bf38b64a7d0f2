import { BitReader } from './bit-reader.js';
import { ConfigurationBytes } from './configuration-bytes.js';
import type { ChromaFormat, VideoFormat } from './media-format.js';
import type { VideoSize } from './sps.js';

const SYNC_CODE = 0x498342;
const COLOR_RGB = 7;
const CHROMA: readonly ChromaFormat[] = ['4:2:0', '4:2:0', '4:2:2', '4:4:4'];
const FULL_BOX_BYTES = 4;

/**
 * Reads the body of `vpcC`, with the version that ISO BMFF puts before it or without (VP Codec ISO Media File Format Binding).
 * @throws VD_MEDIA_CODEC_CONFIG_INVALID
 */
export function parseVp9Configuration(configuration: Uint8Array): VideoFormat {
  const bytes = new ConfigurationBytes(vpcRecord(configuration), 'vpcC');
  const [profile, level, depths] = [bytes.byte(), bytes.byte(), bytes.byte()];
  bytes.take(5); // colours, codec data, of which VP9 has none
  const bitDepth = depths >> 4;
  const chroma = CHROMA[(depths >> 1) & 7];
  if (profile > 3 || ![8, 10, 12].includes(bitDepth) || chroma === undefined)
    throw bytes.invalid(`names profile ${profile}, ${bitDepth} bits, chroma ${(depths >> 1) & 7}`);
  const two = (value: number): string => String(value).padStart(2, '0');
  return {
    codec: 'vp9',
    codecString: `vp09.${two(profile)}.${two(level)}.${two(bitDepth)}`,
    profile: `Profile ${profile}`,
    level: (level / 10).toFixed(1),
    profileIdc: profile,
    chroma,
    bitDepth,
    frameRateFps: null,
  };
}

/** The record alone. Its second byte, a level, is never 0, which that of a box's version always is. */
export function vpcRecord(configuration: Uint8Array): Uint8Array {
  return configuration[0] === 1 && configuration[1] === 0 ? configuration.subarray(FULL_BOX_BYTES) : configuration;
}

/** Size in the header of a VP9 keyframe; null for any other frame. */
export function vp9KeyframeSize(frame: Uint8Array): VideoSize | null {
  try {
    const bits = new BitReader(frame.subarray(0, 32));
    if (bits.bits(2) !== 2) return null;
    const profile = bits.bit() + 2 * bits.bit();
    if (profile === 3) bits.skip(1);
    const isShownAgain = bits.bit() === 1;
    const isInter = bits.bit() === 1;
    bits.skip(2); // shown, error resilient
    if (isShownAgain || isInter || bits.bits(24) !== SYNC_CODE) return null;
    if (profile >= 2) bits.skip(1);
    const isRgb = bits.bits(3) === COLOR_RGB;
    if (!isRgb) bits.skip(1);
    if (profile % 2 === 1) bits.skip(isRgb ? 1 : 3);
    return { widthPx: bits.bits(16) + 1, heightPx: bits.bits(16) + 1 };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
