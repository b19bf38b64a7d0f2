import { ConfigurationBytes, hexByte } from './configuration-bytes.js';
import { H264_PROFILES } from './h264-profiles.js';
import type { VideoFormat } from './media-format.js';
import { parseSequence } from './sps.js';

const CONSTRAINED = 0x40;

/**
 * Reads the body of `avcC` (ISO/IEC 14496-15, 5.3.3).
 * @throws VD_MEDIA_CODEC_CONFIG_INVALID
 */
export function parseAvcConfiguration(configuration: Uint8Array): VideoFormat {
  const bytes = new ConfigurationBytes(configuration, 'avcC');
  if (bytes.byte() !== 1) throw bytes.invalid('is of an unknown version');
  const [profile, compatibility, level] = [bytes.byte(), bytes.byte(), bytes.byte()];
  const lengthBytes = (bytes.byte() & 3) + 1;
  const sequenceSets = Array.from({ length: bytes.byte() & 0x1f }, () => bytes.take(bytes.uint16()));
  const pictureSets = Array.from({ length: bytes.byte() }, () => bytes.take(bytes.uint16()));
  const facts = sequenceSets[0] && parseSequence('h264', sequenceSets[0]);
  if (facts === undefined || pictureSets.length === 0) throw bytes.invalid('has no parameter sets');
  if (facts === null) throw bytes.invalid('has a sequence parameter set that makes no sense');
  const { widthPx, heightPx, chroma, bitDepth, frameRateFps } = facts;
  return {
    codec: 'h264',
    codecString: `avc1.${hexByte(profile)}${hexByte(compatibility)}${hexByte(level)}`,
    profile: profileName(profile, compatibility),
    level: profile !== 100 && level === 11 && (compatibility & 0x10) !== 0 ? '1b' : (level / 10).toFixed(1),
    size: { widthPx, heightPx },
    profileIdc: profile,
    ...{ chroma, bitDepth, frameRateFps },
    nal: { lengthBytes, parameterSets: [...sequenceSets, ...pictureSets].filter(({ length }) => length > 0) },
  };
}

function profileName(profile: number, compatibility: number): string {
  const name = H264_PROFILES[profile] ?? `profile ${profile}`;
  return profile === 66 && (compatibility & CONSTRAINED) !== 0 ? `Constrained ${name}` : name;
}
