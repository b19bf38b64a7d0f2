import { durationMs, z } from 'vedette/plugin';

const share = z.number().min(0).max(1);

/** What only every frame shows. Shares and luminances are 0..1, of full screen and of white. */
export const flashesConfig = z.strictObject({
  /** Span of one metric value. */
  metricsEvery: durationMs.prefault('1s'),
  flashing: z
    .strictObject({
      /** Change of relative luminance that counts, and how bright the darker of both pictures may be at most. */
      minChange: share.default(0.1),
      maxDarker: share.default(0.8),
      /** Share of the picture that must change alike. */
      minArea: share.default(0.25),
      /** More flashes than this within a second are an event; a flash is a change there and back. */
      maxPerSecond: z.number().min(0.5).max(30).default(3),
    })
    .prefault({}),
  flicker: z
    .strictObject({
      /** Least swing of mean luma. */
      minSwing: share.default(0.012),
      /** Swings up or down within a second from which light flickers. */
      minSwings: z.number().int().min(2).max(60).default(5),
      minDuration: durationMs.prefault('1s'),
    })
    .prefault({}),
});

export type FlashesConfig = z.output<typeof flashesConfig>;
