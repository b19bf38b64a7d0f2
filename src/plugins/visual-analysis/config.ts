import { durationMs, z } from 'vedette/plugin';

const share = z.number().min(0).max(1);

/** Thresholds of the three events. All shares and levels are 0..1, durations take `500ms`, `2s`. */
export const visualAnalysisConfig = z.strictObject({
  /** Frames measured per second of media. */
  fps: z.number().min(0.1).max(60).default(5),
  /** How often dominant colours are worked out, in media time. */
  coloursEvery: durationMs.prefault('1s'),
  black: z
    .strictObject({
      /** Luma up to which a pixel counts as black. */
      pixelLevel: share.default(0.1),
      /** Share of black pixels from which the picture counts as black; it stops to below `share - 0.03`. */
      share: share.default(0.98),
      /** Shorter blackness is no event. */
      minDuration: durationMs.prefault('500ms'),
    })
    .prefault({}),
  frozen: z
    .strictObject({
      /** Largest change of any of the picture's 64x36 tiles that still counts as standing still; it moves again above 1.5 times this. */
      maxChange: share.default(0.03),
      minDuration: durationMs.prefault('2s'),
    })
    .prefault({}),
  sceneChange: z
    .strictObject({
      /** Motion between two measured frames from which a cut is assumed. */
      minMotion: share.default(0.12),
      /** And it must stand out from the motion of the last second or so by this factor. */
      overUsualMotion: z.number().min(1).max(100).default(3),
      /** Two cuts are at least this far apart. */
      minDistance: durationMs.prefault('500ms'),
    })
    .prefault({}),
});

export type VisualAnalysisConfig = z.output<typeof visualAnalysisConfig>;
