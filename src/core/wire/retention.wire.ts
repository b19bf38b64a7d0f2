import { z } from 'zod';
import { nameSchema } from '../plugin-api/index.js';
import { instant, rowId, text, uuid } from './fields.js';

/** What REST takes and gives of retention: sizes in bytes, times in ms; null is no limit. */
const iso = z.iso.datetime();
const bytes = z.number().nonnegative();
const known = <T extends z.ZodType>(type: T) => type.nullable().describe('null: not known');
const YEARS_MS = 100 * 366 * 86_400_000;
const ageMs = z.number().int().min(60_000).max(YEARS_MS).nullable();

/** What a stream has for itself, whole: what is not given is the config's again. */
export const retentionBody = z.strictObject({
  maxAgeMs: ageMs.optional().describe('Age at which media goes; null: for ever'),
  maxSizeBytes: z
    .number()
    .int()
    .min(1_000_000)
    .max(Number.MAX_SAFE_INTEGER)
    .nullable()
    .optional()
    .describe('Quota: beyond it the oldest media of the stream goes; null: none'),
  eventMaxAgeMs: ageMs.optional().describe('The same for media with events, and for what is marked; not less than maxAgeMs'),
  eventMarginMs: z.number().int().min(0).max(3_600_000).optional().describe('Media before and after an event that is part of it'),
  events: z
    .array(nameSchema(200))
    .max(100)
    .optional()
    .describe('Names of the events that count; `*` and `?` are wildcards, and `!` excludes'),
  resultsMaxAgeMs: ageMs
    .optional()
    .describe('Age at which results go; not less than maxAgeMs. A day of results goes once no stream keeps it any longer'),
});

export const limitsWire = z.object({
  maxAgeMs: z.number().nullable(),
  maxSizeBytes: z.number().nullable(),
  eventMaxAgeMs: z.number().nullable(),
  eventMarginMs: z.number(),
  events: z.array(z.string()),
  resultsMaxAgeMs: z.number().nullable(),
});

export const streamRetentionWire = z.object({
  own: retentionBody.describe('What the stream has for itself'),
  effective: limitsWire.describe('What holds for it'),
  use: z.object({
    bytes,
    segments: z.number().int(),
    lostSegments: z.number().int().describe('Whose files were deleted or changed by something else'),
    heldBytes: bytes.describe('Of what was about to go, and is under a hold'),
    oldestAt: iso.nullable(),
    newestAt: iso.nullable(),
  }),
});

export const holdBody = z.strictObject({
  kind: z
    .enum(['hold', 'mark'])
    .describe('hold: nothing of it is deleted until it is released; mark: it is kept as long as what has events'),
  why: text(500).describe('On record with who did it'),
  from: instant.optional(),
  to: instant.optional(),
  eventId: rowId.optional().describe('An event of the stream, with its margin, instead of a range'),
});
export const releaseBody = z.strictObject({ why: text(500) });
export const holdParams = z.strictObject({ id: uuid, holdId: uuid });

export const holdWire = z.object({
  id: uuid,
  streamId: uuid,
  kind: z.enum(['hold', 'mark']),
  eventId: z.string().nullable(),
  from: iso,
  to: iso,
  why: z.string(),
  madeBy: z.string(),
  madeAt: iso,
  releasedBy: z.string().nullable(),
  releasedAt: iso.nullable(),
  releasedWhy: z.string().nullable(),
});
export const newHoldWire = holdWire.extend({
  covered: z.object({
    segments: z.number().int(),
    bytes,
    missing: z.number().int().describe('Segments of the range that were deleted before, or are lost'),
  }),
});

export const storagePlaceWire = z.object({
  kind: z.enum(['media', 'database']),
  name: z.string().describe('The ingest node whose media folder it is; `database`'),
  usedBytes: bytes,
  maxBytes: bytes.nullable().describe('What it may grow to; null: until the disk is full'),
  freeBytes: known(bytes),
  totalBytes: known(bytes),
  floorBytes: bytes.describe('What is kept free on the disk'),
  bytesPerDay: known(bytes).describe('What comes in, of what came in lately; null: not known yet'),
  capacityBytes: known(bytes).describe('What fits before something has to go for want of room'),
  fullInDays: z.number().nullable().describe('Until then; null: not known, or what is too old goes before'),
  keepsDays: z.number().nullable().describe('How far back it reaches then; null: not known, or for ever'),
});

export const retentionWire = z.object({
  defaults: limitsWire,
  places: z.array(storagePlaceWire),
  nodes: z.array(
    z.object({
      name: z.string(),
      level: z.enum(['ok', 'low', 'full']).describe('low: the oldest goes; full: nothing is recorded'),
      overBytes: bytes.describe('What is too much and cannot go: held, too new, or not ours'),
      undeletedFiles: z.number().int(),
      lostSegments: z.number().int(),
      presenceScannedAt: iso.nullable().describe('When all files were last looked for'),
      contentsScannedAt: iso.nullable().describe('When all bytes were last compared with their checksums'),
    }),
  ),
  oldestResultsDay: z.string().nullable(),
  purgedLastDay: z
    .array(z.object({ what: z.enum(['media', 'results', 'rows']), why: z.string(), items: z.number(), bytes }))
    .describe('What went within the last 24 hours, and why'),
  problems: z.array(z.string()),
});

export type RetentionBody = z.output<typeof retentionBody>;
export type StreamRetentionWire = z.output<typeof streamRetentionWire>;
export type HoldBody = z.output<typeof holdBody>;
export type ReleaseBody = z.output<typeof releaseBody>;
export type HoldPathParams = z.output<typeof holdParams>;
export type HoldWire = z.output<typeof holdWire>;
export type NewHoldWire = z.output<typeof newHoldWire>;
export type StoragePlaceWire = z.output<typeof storagePlaceWire>;
export type RetentionWire = z.output<typeof retentionWire>;
