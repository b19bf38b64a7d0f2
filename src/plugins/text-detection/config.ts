import { durationMs, nameSchema, z } from 'vedette/plugin';

const share = z.number().min(0).max(1);

export const textDetectionConfig = z
  .strictObject({
    /** Frames looked at per second of media. Each is compared with the one before; text is searched for on some, see `searchEvery`. */
    fps: z.number().min(0.1).max(30).default(2),
    /** Look at keyframes only: ten times cheaper decoding, one frame every few seconds. Overrides `fps`. */
    keyframesOnly: z.boolean().default(false),
    /** Size the picture is shrunk to, if larger. Text is read from this picture. */
    widthPx: z.number().int().min(160).max(3840).default(1280),
    heightPx: z.number().int().min(90).max(2160).default(720),
    /** Longer side of the picture that text is searched in; smaller text is found in a larger one, at a cost that grows with its square. */
    searchPx: z.number().int().min(160).max(1920).multipleOf(32).default(640),
    /** Text is searched for on keyframes, at cuts, where a known line has changed, and at least this often. */
    searchEvery: durationMs.prefault('4s'),
    /** Searches are at least this far apart, except at a cut. */
    restBetween: durationMs.prefault('1s'),
    /** Least mean probability of text within a box. */
    minBoxScore: share.default(0.6),
    /** Least mean probability of a line's characters: below it, nothing is said of the line. */
    minScore: share.default(0.7),
    /** Lines of one frame, those of the best boxes first. */
    maxLines: z.number().int().min(1).max(48).default(24),
    /** A line that is not found again for this long has gone, at the time it was first missed; after a cut it has gone at once. */
    maxGap: durationMs.prefault('2s'),
    /** Which characters may be read: all, or those of the Latin script with digits and common signs. */
    alphabet: z.enum(['any', 'latin']).default('any'),
    /** These characters only (a space is always among them), e.g. `"0123456789:"` for a clock. */
    allow: z.string().min(1).max(1_000).optional(),
    /** Words or phrases whose appearance is an event `watched-text` of its own; whole words, upper and lower case and accents aside. */
    watch: z.array(nameSchema(100)).max(500).default([]),
  })
  .refine(({ alphabet, allow }) => alphabet === 'any' || allow === undefined, {
    path: ['allow'],
    message: 'give alphabet or allow, not both',
  });

export type TextDetectionConfig = z.output<typeof textDetectionConfig>;
