import type { PtsUs } from './time.js';

/** The form of the sound that an analyzer asks for. Core decodes a segment's sound once, and converts it once per form. */
export interface AudioSpec {
  /** Samples per second and channel; absent: as the stream has it, which costs nothing. */
  readonly sampleRateHz?: number;
  /** `source` keeps the stream's channels in their order; `mono` mixes them down. */
  readonly channels: 'source' | 'mono';
}

/**
 * A run of uninterrupted sound. Valid until `processAudio` resolves; copy `data` to keep it.
 * Sample `i` of a block lies at `ptsUs + i / sampleRateHz * 1e6`.
 */
export interface AudioBlock {
  readonly ptsUs: PtsUs;
  readonly sampleRateHz: number;
  readonly channelCount: number;
  /** Samples per channel. */
  readonly sampleCount: number;
  /** Interleaved, -1..1 full scale (may exceed it): `sampleCount * channelCount` values. */
  readonly data: Float32Array;
}
