import { z } from 'zod';
import { nameSchema } from '../plugin-api/index.js';
import { analyzerId, instant, list, page, uuid } from './fields.js';
import { boxWire } from './brands.wire.js';
import { JOB_STATES } from './job-states.js';

const iso = z.iso.datetime();
const count = z.number().int();

export const backfillParams = z.strictObject({ id: uuid });
export const backfillsQuery = z.strictObject({
  state: list(z.enum(JOB_STATES)).optional(),
  streamId: uuid.optional(),
  limit: page(100, 50),
});

const range = {
  from: instant.describe('Beginning of the range, by the wall clock of the media'),
  to: instant.describe('End of the range'),
  onlyMissing: z
    .boolean()
    .optional()
    .describe('Leave out what the analyzer was done with: analyse what was skipped, failed or never asked for. Default: false'),
  applies: z
    .boolean()
    .optional()
    .describe('Let what was found take the place of what was known without being asked. What only fills gaps always does. Default: false'),
  title: nameSchema(200).optional().describe('For people'),
};

export const newBackfillBody = z.strictObject({
  streamIds: z.array(uuid).min(1).max(100),
  analyzerId: analyzerId,
  ...range,
  config: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("Keys of the analyzer's config that are tried; the others keep their values. Absent: the config in force"),
});
export const findBrandBody = z.strictObject({
  streamIds: z.array(uuid).min(1).max(100).optional().describe('Absent: every stream that is looked at for brands'),
  from: range.from,
  to: range.to,
  applies: range.applies,
});

export const backfillQuoteWire = z.object({
  segments: count.describe('What would be analysed'),
  mediaSeconds: z.number(),
  missing: count.describe('Segments of the range that are not on disk any more'),
  analysed: count.describe('Segments that are left out, since the analyzer was done with them'),
  cpuSeconds: z.number().nullable().describe('Of one core, by what this analyzer took lately; null: not known yet'),
});

export const backfillWire = z.object({
  id: uuid,
  title: z.string(),
  analyzerId: z.string(),
  analyzerVersion: z.string(),
  config: z.record(z.string(), z.unknown()).nullable().describe('Null: the one in force. Left out for viewers'),
  streamIds: z.array(uuid),
  from: iso,
  to: iso,
  onlyMissing: z.boolean(),
  fills: z.boolean().describe('What is found fills what was missing at once; else it is kept apart until it is applied'),
  applies: z.boolean(),
  state: z.enum(JOB_STATES),
  phase: z.enum(['analysing', 'comparing', 'applying']),
  progress: z.number().describe('0..1, of the phase'),
  segments: z
    .object({ queued: count, running: count, done: count, partial: count, skipped: count, failed: count })
    .describe('By what became of them'),
  outcome: z.enum(['applied', 'discarded']).nullable().describe('What was decided about what it found'),
  detail: z.string().nullable(),
  errorCode: z.string().nullable(),
  createdBy: z.string(),
  createdAt: iso,
  startedAt: iso.nullable(),
  finishedAt: iso.nullable(),
});

const both = { matched: count.describe('Found by both'), onlyOld: count, onlyNew: count };
const eventOfDiff = z.object({
  streamId: uuid,
  epochId: uuid,
  name: z.string(),
  startPtsUs: z.number().int(),
  endPtsUs: z.number().int().nullable().describe('Null: it goes on'),
});
const MOST_EXAMPLES = 500;
export const diffQuery = z.strictObject({ examples: page(MOST_EXAMPLES, 50) });
export const backfillDiffWire = z.object({
  segments: count.describe('So many were compared'),
  detections: z.array(z.object({ label: z.string(), ...both })),
  metrics: z.array(
    z.object({
      name: z.string(),
      unit: z.string(),
      oldCount: count,
      newCount: count,
      oldMean: z.number().nullable(),
      newMean: z.number().nullable(),
    }),
  ),
  others: z.array(z.object({ type: z.string(), oldCount: count, newCount: count })),
  events: z.object({
    matched: z.array(z.object({ old: eventOfDiff, new: eventOfDiff })),
    onlyOld: z.array(eventOfDiff),
    onlyNew: z.array(eventOfDiff),
    truncated: z.boolean(),
  }),
  examples: z.array(
    z.object({
      ...{ streamId: uuid, epochId: uuid, segmentId: z.string(), ptsUs: z.number().int() },
      ...{ foundBy: z.enum(['old', 'new']), label: z.string(), score: z.number(), box: boxWire },
    }),
  ),
});

export type BackfillParams = z.output<typeof backfillParams>;
export type BackfillsQuery = z.output<typeof backfillsQuery>;
export type NewBackfillBody = z.output<typeof newBackfillBody>;
export type FindBrandBody = z.output<typeof findBrandBody>;
export type BackfillWire = z.output<typeof backfillWire>;
export type BackfillQuoteWire = z.output<typeof backfillQuoteWire>;
export type DiffQuery = z.output<typeof diffQuery>;
export type BackfillDiffWire = z.output<typeof backfillDiffWire>;
