import { z } from 'zod';
import { analyzerId, instant, page, text, uuid } from './fields.js';
import { listCursor } from './list-cursor.js';

const share = z.number().min(0).max(1);

/** A text that was read in a picture: each reading once, when it appeared or changed. */
export const textWire = z.object({
  runId: z.string().regex(/^\d+$/),
  ordinal: z.number().int(),
  streamId: uuid,
  epochId: uuid,
  analyzerId: z.string(),
  ptsUs: z.number().int(),
  at: z.iso.datetime(),
  text: z.string(),
  score: share.nullable(),
  box: z.object({ x: share, y: share, width: share, height: share }).nullable(),
  trackId: z.string().nullable(),
  event: z
    .object({
      key: z.string(),
      state: z.enum(['open', 'closed']),
      startAt: z.iso.datetime(),
      endAt: z.iso.datetime().nullable(),
    })
    .nullable()
    .describe('The time that the line was there, whatever it said meanwhile; null where its analyzer reports no events'),
});
export type TextWire = z.output<typeof textWire>;

export const textQuery = z.strictObject({
  query: text(200).optional().describe('Upper and lower case aside; every text when absent'),
  match: z.enum(['part', 'beginning']).optional().describe('Where in a text it must be found; `part` (anywhere) when absent'),
  streamId: uuid.optional().describe('Of this stream only; of all that you may see when absent'),
  analyzerId: analyzerId.optional(),
  from: instant.optional(),
  to: instant.optional(),
  after: listCursor.optional(),
  order: z.enum(['asc', 'desc']).optional().describe('Newest first when absent'),
  limit: page(500, 100),
});
export type TextQuery = z.output<typeof textQuery>;
