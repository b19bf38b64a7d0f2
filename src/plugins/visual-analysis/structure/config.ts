import { durationMs, z } from 'vedette/plugin';

const share = z.number().min(0).max(1);
const lasting = (minDuration: string, patience: string) => ({
  /** Shorter ones are no event. */
  minDuration: durationMs.prefault(minDuration),
  /** A lapse no longer than this does not end it. */
  patience: durationMs.prefault(patience),
});

/** What is judged on the source's own pixels. Durations take `500ms`, `2s`; shares are 0..1. */
export const structureConfig = z.strictObject({
  /** Pictures measured per second of media. */
  fps: z.number().min(0.1).max(5).default(1),
  /** Span of one metric value. */
  metricsEvery: durationMs.prefault('1s'),
  bars: z
    .strictObject({
      /** Mean luma up to which a row or column is black, of full range. */
      maxLevel: share.default(0.04),
      /** Least share of the picture's height or width that the bars of both sides take together. */
      minShare: share.default(0.04),
      minDuration: durationMs.prefault('3s'),
    })
    .prefault({}),
  blurred: z
    .strictObject({
      /** Edge width from which the picture is blurred, as share of its height: 6 px of 720. */
      minEdgeWidth: share.default(0.0083),
      ...lasting('3s', '1s'),
    })
    .prefault({}),
  blocky: z.strictObject({ minBlockiness: share.default(0.12), ...lasting('3s', '2s') }).prefault({}),
  interlaced: z.strictObject({ minCombing: share.default(0.0015), ...lasting('2s', '5s') }).prefault({}),
  noisy: z
    .strictObject({
      /** Standard deviation in 8-bit luma levels. */
      minNoise: z.number().min(0).max(255).default(6),
      ...lasting('3s', '2s'),
    })
    .prefault({}),
  captionSafe: z
    .strictObject({
      /** Share of width and height that is safe for captions: 0.9 in EBU R 95 and SMPTE ST 2046-1. */
      safeShare: z.number().min(0.5).max(1).default(0.9),
      ...lasting('2s', '1s'),
    })
    .prefault({}),
});

export type StructureConfig = z.output<typeof structureConfig>;
