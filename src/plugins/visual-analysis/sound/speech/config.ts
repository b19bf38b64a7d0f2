import { durationMs, z } from 'vedette/plugin';

const probability = z.number().min(0).max(1);

/** Defaults are those of `get_speech_timestamps` in Silero VAD 6.2.1, the reference that its authors give. */
export const speechConfig = z
  .strictObject({
    /** Speech begins where its probability reaches this. */
    onset: probability.default(0.5),
    /** And ends where it falls below this; absent: 0.15 below `onset`. */
    offset: probability.optional(),
    /** Shorter speech is no event. */
    minSpeech: durationMs.prefault('250ms'),
    /** A pause this long ends the event; `1s` makes one event of what somebody says between breaths. */
    minSilence: durationMs.prefault('100ms'),
  })
  .refine(({ onset, offset = 0 }) => offset <= onset, { path: ['offset'], message: 'must not be above onset' });

export type SpeechConfig = z.output<typeof speechConfig>;
