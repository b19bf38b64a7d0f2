import type { AnalyzerInput, AudioBlock, AudioSpec } from '../plugin-api/index.js';

export interface SyntheticAudioOptions {
  /** How many blocks, from which number on. */
  readonly count: number;
  readonly from?: number;
  /** Of the stream; an analyzer that asks for another rate gets that one. */
  readonly sampleRateHz?: number;
  /** Of the stream; an analyzer that asks for mono gets one. */
  readonly channelCount?: number;
  readonly blockSeconds?: number;
  /** Peak of the tone, 0..1, by time in seconds; 0.25 when absent. 0 is digital silence: the noise goes with it. */
  readonly level?: (seconds: number) => number;
  /** Another scene: blocks of different seeds have nothing in common. */
  readonly seed?: number;
}

/** Of the tone's peak. */
const NOISE_SHARE = 0.1;

/**
 * Sound made without a decoder, in the shape an analyzer asks for: a tone, its pitch by seed and channel, and some noise. The
 * same numbers always give the same samples. None for an analyzer that wants pictures only.
 */
export function syntheticAudio(wanted: AudioSpec | AnalyzerInput, options: SyntheticAudioOptions): AudioBlock[] {
  const spec = 'channels' in wanted ? wanted : wanted.audio;
  if (spec === undefined) return [];
  const { count, from = 0, blockSeconds = 0.5, level = () => 0.25, seed = 1 } = options;
  const sampleRateHz = spec.sampleRateHz ?? options.sampleRateHz ?? 48_000;
  const channelCount = spec.channels === 'mono' ? 1 : (options.channelCount ?? 2);
  const sampleCount = Math.round(blockSeconds * sampleRateHz);
  return Array.from({ length: count }, (_, i) => {
    const first = (from + i) * sampleCount;
    return {
      ptsUs: Math.round((first * 1_000_000) / sampleRateHz),
      sampleRateHz,
      channelCount,
      sampleCount,
      data: samples(first, { sampleRateHz, channelCount, sampleCount, level, seed }),
    };
  });
}

interface Scene extends Pick<AudioBlock, 'sampleRateHz' | 'channelCount' | 'sampleCount'> {
  readonly level: (seconds: number) => number;
  readonly seed: number;
}

function samples(first: number, { sampleRateHz, channelCount, sampleCount, level, seed }: Scene): Float32Array {
  const data = new Float32Array(sampleCount * channelCount);
  let noise = (seed * 2_654_435_761 + first * 40_503) >>> 0;
  for (let i = 0, at = 0; i < sampleCount; i++) {
    const seconds = (first + i) / sampleRateHz;
    const peak = level(seconds);
    for (let channel = 0; channel < channelCount; channel++) {
      noise = (Math.imul(noise, 1_664_525) + 1_013_904_223) >>> 0;
      const pitchHz = 220 * (1 + (seed % 5)) + 110 * channel;
      data[at++] = peak * (Math.sin(2 * Math.PI * pitchHz * seconds) + NOISE_SHARE * (noise / 2 ** 31 - 1));
    }
  }
  return data;
}
