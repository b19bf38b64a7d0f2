import { z } from 'zod';
import { int, rowId } from './fields.js';

const share = z.number().min(0).max(1);
const part = z.object({ x: share, y: share, width: share, height: share });

/** The picture kept of an event. */
export const evidenceWire = z.object({
  eventId: z.string().regex(/^\d+$/),
  url: z.string().describe('The JPEG; another picture has another address'),
  ptsUs: z.number().int().describe("When it was on show, in microseconds of the epoch's media clock"),
  rank: share.describe("Its analyzer's measure of how good a picture it is"),
  box: part.describe('What it is a picture of, 0..1 of the displayed frame'),
  region: part.describe('What it shows: the box and some of what is around it'),
  widthPx: z.number().int(),
  heightPx: z.number().int(),
});
export type EvidenceWire = z.output<typeof evidenceWire>;

export const eventParams = z.strictObject({ id: rowId });
export const evidenceQuery = z.strictObject({
  ptsUs: int(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    .optional()
    .describe('Of the picture that is meant: where it is still the one that is kept, the answer may be cached'),
});
export type EventParams = z.output<typeof eventParams>;
export type EvidenceQuery = z.output<typeof evidenceQuery>;
