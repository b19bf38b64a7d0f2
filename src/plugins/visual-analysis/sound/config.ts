import { durationMs, z } from 'vedette/plugin';

/** Levels are in dB of full scale: 0 is the loudest a sample can be. */
const level = z.number().min(-120).max(0);

export const soundConfig = z.strictObject({
  silence: z
    .strictObject({
      /** No sample of any channel is louder than this, dBFS. */
      level: level.default(-60),
      minDuration: durationMs.prefault('2s'),
    })
    .prefault({}),
  deadChannel: z
    .strictObject({
      /** A channel below the level of silence while another one is louder than this, dBFS. */
      otherLevel: level.default(-40),
      minDuration: durationMs.prefault('5s'),
    })
    .prefault({}),
  clipping: z
    .strictObject({
      /** A sample this close to full scale is clipped, dBFS. */
      level: z.number().min(-3).max(0).default(-0.02),
      /** So many in a row are one clip: single full-scale samples are legal. */
      minSamples: z.number().int().min(1).max(1000).default(4),
      /** Without a clip for this long the event ends. */
      hold: durationMs.prefault('1s'),
    })
    .prefault({}),
  outOfPhase: z
    .strictObject({
      /** Correlation of left and right below which a mono listener loses the sound, -1..1. */
      correlation: z.number().min(-1).max(0).default(-0.6),
      minDuration: durationMs.prefault('5s'),
    })
    .prefault({}),
  truePeak: z
    .strictObject({
      /** Greatest permitted true peak, dBTP; EBU R 128 says -1. */
      max: z.number().min(-20).max(3).default(-1),
      hold: durationMs.prefault('3s'),
    })
    .prefault({}),
  loudness: z
    .strictObject({
      /** Short-term loudness above which it is reported as too loud, LUFS. Absent: not judged, only measured. */
      max: z.number().min(-70).max(5).optional(),
      /** And below which as too quiet, LUFS. */
      min: z.number().min(-70).max(5).optional(),
      minDuration: durationMs.prefault('10s'),
    })
    .prefault({}),
});

export type SoundConfig = z.output<typeof soundConfig>;
