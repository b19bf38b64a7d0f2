import { z } from 'zod';
import { evidenceWire } from './evidence.wire.js';
import { instant, list, page, text, uuid } from './fields.js';

export const SEARCH_KINDS = ['brand', 'event', 'text', 'label'] as const;
export type SearchKind = (typeof SEARCH_KINDS)[number];

export const searchQuery = z.strictObject({
  q: text(200).describe('What is looked for: a part of it, upper and lower case aside'),
  from: instant.optional().describe('31 days before `to` when absent'),
  to: instant.optional().describe('Now when absent; at most 31 days after `from`'),
  streamId: list(uuid).optional().describe('Of all that you may see when absent'),
  kind: list(z.enum(SEARCH_KINDS)).optional().describe('All when absent'),
  limit: page(50, 10).describe('Of each kind; at most 50, 10 when absent'),
});

/** A moment at which what was looked for is to be seen. */
export const searchMomentWire = z.object({
  streamId: uuid,
  streamName: z.string(),
  streamTitle: z.string(),
  at: z.iso.datetime(),
  epochId: uuid,
  ptsUs: z.number().int(),
});

export const searchHitWire = z.object({
  title: z.string().describe('The text, the label, the name of the brand, or what the event is of'),
  analyzerId: z.string().nullable().describe('Who found it; null of a brand that was not seen'),
  moment: searchMomentWire.nullable().describe('The newest; null of a brand that was not seen in the range'),
  eventId: z.string().nullable(),
  name: z.string().nullable().describe('Of the event, such as `logo`'),
  brandId: uuid.nullable(),
  count: z.number().int().nullable().describe('Of a label: how often it was seen in the range'),
  evidence: evidenceWire.nullable(),
});

export const searchWire = z.object({
  from: z.iso.datetime(),
  to: z.iso.datetime(),
  groups: z
    .array(
      z.object({
        kind: z.enum(SEARCH_KINDS),
        hits: z.array(searchHitWire),
        hasMore: z.boolean().describe('There are more than were asked for'),
      }),
    )
    .describe('One of each kind that was asked for, in this order: brands, events, texts, labels'),
});

export type SearchQuery = z.output<typeof searchQuery>;
export type SearchMomentWire = z.output<typeof searchMomentWire>;
export type SearchHitWire = z.output<typeof searchHitWire>;
export type SearchWire = z.output<typeof searchWire>;
