import { BitReader } from './bit-reader.js';
import { ConfigurationBytes, withinBounds } from './configuration-bytes.js';
import type { AudioFormat } from './media-format.js';
import { programConfigElement, type ProgramConfig } from './program-config-element.js';

export const AAC_SAMPLE_RATES_HZ = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350,
] as const;
/** By channelConfiguration (ISO/IEC 14496-3, table 1.19, with its amendments). */
const CHANNELS: readonly (number | undefined)[] = [undefined, 1, 2, 3, 4, 5, 6, 8, undefined, undefined, undefined, 7, 8, undefined, 8];
const [SBR, PS, ESCAPE] = [5, 29, 31];
/** Main, LC, SSR, LTP: what ADTS has room for. */
const MAX_ADTS_OBJECT_TYPE = 4;
/** Object types with a GASpecificConfig. */
const GENERAL = new Set([1, 2, 3, 4, 6, 7, 17, 19, 20, 21, 22, 23]);
const SYNC_EXTENSION = 0x2b7;
const MAX_RATE_HZ = 192_000;

/** An AudioSpecificConfig. */
export interface AacFormat extends AudioFormat {
  readonly codec: 'aac';
  /** Of the core coder: 2 for AAC-LC, in HE-AAC too. */
  readonly objectType: number;
  /** Of the core coder, before spectral band replication. */
  readonly coreSampleRateHz: number;
  readonly samplesPerFrame: number;
  /** What ADTS headers say of it; absent where they cannot say it. */
  readonly adts?: AdtsParameters;
}

export interface AdtsParameters {
  readonly objectType: number;
  readonly rateIndex: number;
  readonly channelConfiguration: number;
  /** Where the channels have no number of their own: the element that lists them, which stands in each frame. */
  readonly channelElement?: Uint8Array;
}

/**
 * Reads an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1).
 * @throws VD_MEDIA_CODEC_CONFIG_INVALID
 */
export function parseAacConfiguration(configuration: Uint8Array): AacFormat {
  const bytes = new ConfigurationBytes(configuration, 'AudioSpecificConfig');
  return withinBounds(bytes, () => {
    const bits = new BitReader(bytes.rest());
    const announced = objectType(bits);
    const core = { type: announced, rateHz: sampleRate(bits) };
    const channelConfiguration = bits.bits(4);
    let outputHz = core.rateHz;
    if (announced === SBR || announced === PS) {
      outputHz = sampleRate(bits);
      core.type = objectType(bits);
      if (core.type === 22) bits.skip(4);
    }
    let samplesPerFrame = 1024;
    let channels: ProgramConfig | undefined;
    if (GENERAL.has(core.type)) {
      if (bits.bit() === 1) samplesPerFrame = 960;
      if (bits.bit() === 1) bits.skip(14); // core coder delay
      bits.skip(1);
      if (channelConfiguration === 0) channels = programConfigElement(bits);
    }
    if (announced !== SBR && announced !== PS) outputHz = extensionRate(bits) || outputHz;
    const channelCount = channels?.channelCount ?? CHANNELS[channelConfiguration];
    if (
      core.rateHz === 0 ||
      outputHz === 0 ||
      Math.max(core.rateHz, outputHz) > MAX_RATE_HZ ||
      channelCount === undefined ||
      channelCount === 0
    )
      throw bytes.invalid(`says ${core.rateHz} Hz and channel configuration ${channelConfiguration}`);
    const rateIndex = AAC_SAMPLE_RATES_HZ.findIndex((rateHz) => rateHz === core.rateHz);
    const fitsAdts = core.type >= 1 && core.type <= MAX_ADTS_OBJECT_TYPE && samplesPerFrame === 1024 && rateIndex !== -1;
    const adts = { objectType: core.type, rateIndex, channelConfiguration, channelElement: channels?.element };
    return {
      codec: 'aac',
      codecString: `mp4a.40.${announced}`,
      sampleRateHz: outputHz,
      channelCount: announced === PS ? Math.max(2, channelCount) : channelCount,
      objectType: core.type,
      coreSampleRateHz: core.rateHz,
      samplesPerFrame,
      ...(fitsAdts && channelConfiguration <= 7 ? { adts } : {}),
    };
  });
}

/** Of spectral band replication, said at the end, where decoders that do not know it have stopped reading; 0 where it is not. */
function extensionRate(bits: BitReader): number {
  if (bits.left < 16 || bits.bits(11) !== SYNC_EXTENSION || objectType(bits) !== SBR || bits.bit() === 0) return 0;
  return sampleRate(bits);
}

function objectType(bits: BitReader): number {
  const type = bits.bits(5);
  return type === ESCAPE ? 32 + bits.bits(6) : type;
}

function sampleRate(bits: BitReader): number {
  const index = bits.bits(4);
  return index === 15 ? bits.bits(24) : (AAC_SAMPLE_RATES_HZ[index] ?? 0);
}
