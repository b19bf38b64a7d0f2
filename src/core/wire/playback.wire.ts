import { z } from 'zod';
import { instant } from './fields.js';

const LAST_MS = Date.UTC(9999, 0, 1);

export const mediaId = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, 'an id');
export const streamParams = z.strictObject({ streamId: mediaId });
export type StreamParams = z.output<typeof streamParams>;

/** A moment in ms since 1970. */
export const moment = z
  .union([
    z
      .string()
      .regex(/^\d{1,15}$/)
      .transform(Number)
      .refine((ms) => ms < LAST_MS, 'a time between 1970 and 9999'),
    instant.transform((text) => Date.parse(text)),
  ])
  .describe('ISO 8601 with time zone, or ms since 1970');

/** A stretch of the past. Whatever else is asked for is for others: players add to addresses what they like. */
export const dvrQuery = z.object({
  from: moment.describe('ISO 8601 with time zone, or ms since 1970; playing begins there'),
  to: moment.optional().describe('As `from`, at most 24 h after it; when absent until now, and on while the stream is recorded'),
  subtitles: z.enum(['0', '1']).optional().describe('1: the media and what was found in it until now, as subtitles'),
});
export type DvrQuery = z.output<typeof dvrQuery>;
export const subtitlesQuery = dvrQuery.omit({ subtitles: true });
export type SubtitlesQuery = z.output<typeof subtitlesQuery>;
