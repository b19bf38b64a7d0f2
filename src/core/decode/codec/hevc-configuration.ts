import { ConfigurationBytes } from './configuration-bytes.js';
import type { VideoFormat } from './media-format.js';
import { nalType } from './nal.js';
import { parseSequence } from './sps.js';

const PROFILES: Readonly<Record<number, string>> = {
  1: 'Main',
  2: 'Main 10',
  3: 'Main Still Picture',
  4: 'Range Extensions',
  9: 'Screen Content',
};
const [VPS, SPS, PPS] = [32, 33, 34];

/**
 * Reads the body of `hvcC` (ISO/IEC 14496-15, 8.3.3).
 * @throws VD_MEDIA_CODEC_CONFIG_INVALID
 */
export function parseHevcConfiguration(configuration: Uint8Array): VideoFormat {
  const bytes = new ConfigurationBytes(configuration, 'hvcC');
  // Version 0 was written by encoders before the standard was done.
  if (bytes.byte() > 1) throw bytes.invalid('is of an unknown version');
  const profileByte = bytes.byte();
  const compatibility = bytes.take(4);
  const constraints = bytes.take(6);
  const level = bytes.byte();
  bytes.take(8); // segmentation, parallelism, what the sequence parameter set says better, frame rate
  const lengthBytes = (bytes.byte() & 3) + 1;
  const sets: { readonly type: number; readonly nal: Uint8Array }[] = [];
  for (let arrays = bytes.byte(); arrays > 0; arrays--) {
    bytes.byte(); // which kind they are: each says it itself, too
    for (let count = bytes.uint16(); count > 0; count--) {
      const nal = bytes.take(bytes.uint16());
      if (nal.length > 2) sets.push({ type: nalType('hevc', nal[0]!), nal });
    }
  }
  const of = (wanted: number): Uint8Array[] => sets.filter(({ type }) => type === wanted).map(({ nal }) => nal);
  const [first] = of(SPS);
  if (first === undefined || of(VPS).length === 0 || of(PPS).length === 0) throw bytes.invalid('has no parameter sets');
  const facts = parseSequence('hevc', first);
  if (facts === null) throw bytes.invalid('has a sequence parameter set that makes no sense');
  const { widthPx, heightPx, chroma, bitDepth, frameRateFps } = facts;
  const profile = profileByte & 0x1f;
  return {
    codec: 'hevc',
    codecString: codecString(profileByte, compatibility, constraints, level),
    profile: PROFILES[profile] ?? `profile ${profile}`,
    level: (level / 30).toFixed(1),
    size: { widthPx, heightPx },
    profileIdc: profile,
    ...{ chroma, bitDepth, frameRateFps },
    nal: { lengthBytes, parameterSets: [...of(VPS), ...of(SPS), ...of(PPS)] },
  };
}

/** ISO/IEC 14496-15, annex E.3. */
function codecString(profileByte: number, compatibility: Uint8Array, constraints: Uint8Array, level: number): string {
  const space = ['', 'A', 'B', 'C'][profileByte >> 6]!;
  const tier = (profileByte & 0x20) === 0 ? 'L' : 'H';
  let reversed = 0;
  for (let bit = 0; bit < 32; bit++) reversed = reversed * 2 + ((compatibility[3 - (bit >> 3)]! >> (bit & 7)) & 1);
  const used = constraints.subarray(0, constraints.findLastIndex((byte) => byte !== 0) + 1);
  const parts = [...used].map((byte) => byte.toString(16).toUpperCase());
  return [`hvc1.${space}${profileByte & 0x1f}`, reversed.toString(16).toUpperCase(), `${tier}${level}`, ...parts].join('.');
}
