import { durationMs, z } from 'vedette/plugin';

const share = z.number().min(0).max(1);

/** Thresholds of what is judged on a small picture. All shares and levels are 0..1, durations take `500ms`, `2s`. */
export const visualAnalysisConfig = z.strictObject({
  /** Frames measured per second of media. */
  fps: z.number().min(0.1).max(60).default(5),
  /** Span of one metric value; less than the time between two frames gives a value per frame. */
  metricsEvery: durationMs.prefault('1s'),
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
      /** Mean change of the picture's colours between two measured frames from which a cut is assumed. */
      minMotion: share.default(0.12),
      /** And it must stand out from the changes of the last second or so by this factor. */
      overUsualMotion: z.number().min(1).max(100).default(3),
      /** Two cuts are at least this far apart. */
      minDistance: durationMs.prefault('500ms'),
    })
    .prefault({}),
  overexposed: z
    .strictObject({
      /** Share of pixels clipped at white. */
      minClipped: share.default(0.25),
      minDuration: durationMs.prefault('2s'),
    })
    .prefault({}),
  underexposed: z
    .strictObject({
      /** Luma that nine tenths of the pixels do not exceed, in a picture that is not black. */
      maxHighlights: share.default(0.15),
      minDuration: durationMs.prefault('2s'),
    })
    .prefault({}),
  colourCast: z
    .strictObject({
      /** Distance of the least coloured quarter of the picture from neutral, in CIELAB Delta E. */
      minCast: z.number().min(1).max(200).default(10),
      /** Scenes in a row that must lean to the same hue: one alone may just be coloured. */
      minScenes: z.number().int().min(1).max(100).default(3),
      minDuration: durationMs.prefault('5s'),
    })
    .prefault({}),
  testBars: z.strictObject({ minDuration: durationMs.prefault('1s') }).prefault({}),
  plainField: z
    .strictObject({
      /** How far any of 32x18 tiles may be from the mean colour. */
      maxSpread: share.default(0.03),
      minDuration: durationMs.prefault('2s'),
    })
    .prefault({}),
});

export type VisualAnalysisConfig = z.output<typeof visualAnalysisConfig>;
