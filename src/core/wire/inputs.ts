import { z } from 'zod';
import { INGEST_NODE_NAME, STREAM_NAME } from '../config/streams-config.js';
import { nameSchema } from '../plugin-api/index.js';
import { isStorable } from '../config/text.js';
import { analyzerId, instant, int, list, page, rowId, score, text, uuid } from './fields.js';
import { listCursor } from './list-cursor.js';
import { role, segmentState } from './wire.js';

/** What REST takes. Every object is strict: a field that is not listed is refused, not ignored. */
const ptsUs = int(-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER).describe("Microseconds of the epoch's media clock");

export const idParams = z.strictObject({ id: uuid });
export const adapterParams = z.strictObject({ id: text(100) });
export const keyParams = z.strictObject({ id: uuid, keyId: uuid });
export const queueParams = z.strictObject({ name: z.string().regex(/^[a-z][a-z0-9_]{0,62}$/) });

export const tokenQuery = z.strictObject({ kind: z.enum(['session', 'api']).optional().describe('Both when absent') });

export const newTokenBody = z.strictObject({
  name: nameSchema(100),
  role,
  /** Lifetime; absent: until revoked. */
  expiresInDays: z.number().int().min(1).max(3_650).optional(),
});

const title = nameSchema(200);
const sourceConfig = z.record(z.string().max(100), z.unknown()).refine(isStorable, 'without the character NUL, and well-formed');
const pinnedTo = z.string().regex(INGEST_NODE_NAME, "an ingest node's name").nullable();
export const newStreamBody = z.strictObject({
  name: z.string().trim().regex(STREAM_NAME, 'lower-case letters, digits, "-" and "_", at most 63, beginning with a letter or digit'),
  /** Shown to people; the name when absent. */
  title: title.optional(),
  adapterId: text(100),
  sourceConfig: sourceConfig.optional(),
  /** Visible to admins only. */
  private: z.boolean().optional(),
  /** Name of the only ingest node that may run it, or admit its publishers; null or absent: any. */
  pinnedTo: pinnedTo.optional(),
});
export const streamPatch = z.strictObject({
  title: title.optional(),
  enabled: z.boolean().optional(),
  private: z.boolean().optional(),
  sourceConfig: sourceConfig.optional(),
  /** Null: any ingest node. */
  pinnedTo: pinnedTo.optional(),
});

const timeline = {
  epochId: uuid.optional(),
  fromPtsUs: ptsUs.optional(),
  toPtsUs: ptsUs.optional(),
  from: instant.optional(),
  to: instant.optional(),
  after: listCursor.optional(),
  order: z.enum(['asc', 'desc']).optional(),
};
export const epochQuery = z.strictObject({
  from: timeline.from,
  to: timeline.to,
  after: timeline.after,
  order: timeline.order,
  limit: page(1_000, 100),
});
export const segmentQuery = z.strictObject({
  ...timeline,
  state: list(segmentState).optional(),
  limit: page(1_000, 200),
});
export const runQuery = z.strictObject({
  ...timeline,
  segmentId: rowId.optional(),
  analyzerId: analyzerId.optional(),
  queue: text(63).optional(),
  state: list(z.enum(['queued', 'running', 'done', 'partial', 'skipped', 'failed'])).optional(),
  limit: page(1_000, 200),
});
export const detectionQuery = z.strictObject({
  ...timeline,
  analyzerId: analyzerId.optional(),
  label: list(nameSchema(200)).optional(),
  minScore: score.optional(),
  limit: page(5_000, 1_000),
});
export const metricQuery = z.strictObject({
  ...timeline,
  analyzerId: analyzerId.optional(),
  name: list(text(200)).optional(),
  limit: page(5_000, 1_000),
});
export const observationQuery = z.strictObject({
  ...timeline,
  analyzerId: analyzerId.optional(),
  type: list(z.enum(['classification', 'text', 'embedding', 'track', 'artifact'])).optional(),
  limit: page(5_000, 1_000),
});
export const eventQuery = z.strictObject({
  ...timeline,
  analyzerId: analyzerId.optional(),
  name: list(text(200)).optional(),
  state: list(z.enum(['open', 'closed'])).optional(),
  limit: page(1_000, 200),
});
export const failedQuery = z.strictObject({ limit: page(500, 100) });
export const noQuery = z.strictObject({});

export type IdParams = z.output<typeof idParams>;
export type AdapterParams = z.output<typeof adapterParams>;
export type KeyParams = z.output<typeof keyParams>;
export type QueueParams = z.output<typeof queueParams>;
export type TokenQuery = z.output<typeof tokenQuery>;
export type NewTokenBody = z.output<typeof newTokenBody>;
export type NewStreamBody = z.output<typeof newStreamBody>;
export type StreamPatch = z.output<typeof streamPatch>;
export type EpochQuery = z.output<typeof epochQuery>;
export type SegmentQuery = z.output<typeof segmentQuery>;
export type RunQuery = z.output<typeof runQuery>;
export type DetectionQuery = z.output<typeof detectionQuery>;
export type MetricQuery = z.output<typeof metricQuery>;
export type ObservationQuery = z.output<typeof observationQuery>;
export type EventQuery = z.output<typeof eventQuery>;
export type FailedQuery = z.output<typeof failedQuery>;
