import { z } from 'zod';
import { nameSchema } from '../plugin-api/index.js';
import { analyzerId, instant, int, list, page, rowId, score, text, uuid } from './fields.js';
import { listCursor } from './list-cursor.js';
import { eventWire } from './wire.js';

/** Events of all streams, as REST takes and tells them. */
const MOST_IDS = 500;
const MOST_REPEAT_S = 3_600;
const iso = z.iso.datetime();

/** An event with what a list of many streams has to say of it. */
export const listedEventWire = eventWire.extend({
  streamName: z.string(),
  streamTitle: z.string(),
  subject: z.string().nullable().describe('What it is of: a brand, a text, a rule; null where its analyzer says no more than its name'),
  score: z.number().min(0).max(1).nullable().describe('How sure its analyzer was; null where it does not say'),
  analysedUpTo: iso
    .nullable()
    .describe('Of an open event: it is known to have lasted so far. null: it is over, or nothing of its epoch is known to be analysed'),
  isReviewed: z.boolean().describe('By whoever asks'),
});

/** Events of one stream, analyzer, name and subject that follow each other within an hour of the clock, told by the newest. */
export const eventGroupWire = z.object({
  event: listedEventWire.describe('The newest of them'),
  count: z.number().int().min(1),
  isCut: z.boolean().describe(`There are more than the ${MOST_IDS} that are counted`),
  eventIds: z.array(z.string()).describe('Of all that are counted, newest first'),
  firstStartAt: iso.describe('When the oldest of them began'),
  reviewedCount: z.number().int().min(0).describe('So many of them were reviewed by whoever asks'),
});

const filter = {
  streamId: list(uuid).optional().describe('Of all that you may see when absent'),
  analyzerId: list(analyzerId).optional(),
  name: list(text(200)).optional().describe('Names of events, such as `logo` or `motion`'),
  subject: z
    .union([nameSchema(200), z.array(nameSchema(200)).max(50)])
    .transform((value) => (typeof value === 'string' ? [value] : value))
    .optional()
    .describe('What they are of, as it is written: a brand, a text, the name of a rule; repeated for several'),
  state: list(z.enum(['open', 'closed'])).optional(),
  from: instant.optional().describe('Those that began then or later'),
  to: instant.optional().describe('Those that began before'),
  query: text(200).optional().describe('Part of what they are of, or of their name; upper and lower case aside'),
  reviewed: z.enum(['yes', 'no']).optional().describe('By you'),
  minDurationMs: int(0, 365 * 86_400_000)
    .optional()
    .describe('Those that lasted so long, and those that are not over'),
  minScore: score.optional().describe('Those of which a score is known that is no lower'),
};

export const eventListQuery = z.strictObject({
  ...filter,
  repeatsWithinS: int(0, MOST_REPEAT_S)
    .optional()
    .transform((value) => value ?? 120)
    .describe('Alike events of one hour that begin within so many seconds of each other are one item; 0: each is its own; 120 when absent'),
  after: listCursor.optional(),
  limit: page(200, 50),
});

export const eventExportQuery = z.strictObject({
  ...filter,
  id: z
    .string()
    .max(20 * MOST_IDS)
    .transform((value) => value.split(','))
    .pipe(z.array(rowId).min(1).max(MOST_IDS))
    .optional()
    .describe(`These only: at most ${MOST_IDS} ids, separated by commas`),
  format: z.enum(['csv', 'jsonl']),
});

export const reviewBody = z.strictObject({
  ids: z.array(rowId).min(1).max(MOST_IDS).describe('Ids of events; of those that are gone, or that you do not see, nothing is said'),
  reviewed: z.boolean().describe('false takes the mark away'),
});
export const reviewWire = z.object({ changed: z.number().int().min(0).describe('So many were not marked so before') });

export type ListedEventWire = z.output<typeof listedEventWire>;
export type EventGroupWire = z.output<typeof eventGroupWire>;
export type EventListQuery = z.output<typeof eventListQuery>;
export type EventExportQuery = z.output<typeof eventExportQuery>;
export type ReviewBody = z.output<typeof reviewBody>;
export type ReviewWire = z.output<typeof reviewWire>;
