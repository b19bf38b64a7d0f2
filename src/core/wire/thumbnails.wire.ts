import { z } from 'zod';
import { instant, uuid } from './fields.js';

export const thumbnailWire = z.object({
  at: z.iso.datetime().describe('When the picture was on show'),
  epochId: uuid,
  ptsUs: z.number().int(),
  url: z.string().describe('Of a sheet with other pictures, or of this one alone'),
  x: z.number().int().min(0).describe('Where in the picture at `url` it is, in pixels'),
  y: z.number().int().min(0),
  w: z.number().int().min(1),
  h: z.number().int().min(1),
  isMade: z.boolean().describe('It is made when asked for: nobody looked at this part of the stream, so that none was kept'),
});
export const thumbnailsWire = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  everyMs: z.number().int(),
  items: z.array(thumbnailWire).describe('In order; where nothing is recorded there is none'),
});
export type ThumbnailWire = z.output<typeof thumbnailWire>;
export type ThumbnailsWire = z.output<typeof thumbnailsWire>;

export const thumbnailQuery = z.strictObject({
  from: instant.optional().describe('An hour before `to` when absent; at most a day before it'),
  to: instant.optional().describe('Now when absent'),
});
export type ThumbnailQuery = z.output<typeof thumbnailQuery>;

export const sheetParams = z.strictObject({
  id: uuid,
  sheet: z
    .string()
    .regex(/^\d{1,9}$/, 'a number')
    .transform(Number)
    .describe('Which quarter of an hour since 1970'),
});
export type SheetParams = z.output<typeof sheetParams>;
export const sheetQuery = z.strictObject({
  v: z
    .string()
    .regex(/^\d{1,3}$/, 'a number')
    .optional()
    .describe('How many pictures there are in it: with more of them the address is another one'),
});
export type SheetQuery = z.output<typeof sheetQuery>;
