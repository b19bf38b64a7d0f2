import { av1Size, sequenceHeaderOf } from './av1-sequence.js';
import { ConfigurationBytes, withinBounds } from './configuration-bytes.js';
import type { ChromaFormat, VideoFormat } from './media-format.js';

const PROFILES = ['Main', 'High', 'Professional'] as const;

/**
 * Reads the body of `av1C` (AV1 Codec ISO Media File Format Binding, 2.3).
 * @throws VD_MEDIA_CODEC_CONFIG_INVALID
 */
export function parseAv1Configuration(configuration: Uint8Array): VideoFormat {
  const bytes = new ConfigurationBytes(configuration, 'av1C');
  if (bytes.byte() !== 0x81) throw bytes.invalid('is of an unknown version');
  const [second, third] = [bytes.byte(), bytes.byte()];
  bytes.byte();
  const profile = PROFILES[second >> 5];
  if (profile === undefined) throw bytes.invalid(`names the profile ${second >> 5}`);
  const level = second & 0x1f;
  const bitDepth = (third & 0x40) === 0 ? 8 : profile === 'Professional' && (third & 0x20) !== 0 ? 12 : 10;
  const sequence = withinBounds(bytes, () => sequenceHeaderOf(bytes.rest()));
  const tier = (third & 0x80) === 0 ? 'M' : 'H';
  const two = (value: number): string => String(value).padStart(2, '0');
  return {
    codec: 'av1',
    codecString: `av01.${second >> 5}.${two(level)}${tier}.${two(bitDepth)}`,
    profile,
    level: level === 31 ? 'any' : `${2 + (level >> 2)}.${level & 3}`,
    ...(sequence === undefined ? {} : { size: withinBounds(bytes, () => av1Size(sequence.payload)) }),
    profileIdc: second >> 5,
    chroma: chromaOf(third),
    bitDepth,
    frameRateFps: null,
  };
}

function chromaOf(flags: number): ChromaFormat {
  if ((flags & 0x10) !== 0) return '4:0:0';
  if ((flags & 0x08) === 0) return '4:4:4';
  return (flags & 0x04) === 0 ? '4:2:2' : '4:2:0';
}
