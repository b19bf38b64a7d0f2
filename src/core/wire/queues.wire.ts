import { z } from 'zod';
import { analyzerId, page, rowId, text, uuid } from './fields.js';
import { listCursor } from './list-cursor.js';
import { runWire } from './run.wire.js';

/** How each queue does, and what people do about it. */
const iso = z.iso.datetime().describe('ISO 8601, UTC');
const count = z.number().int();
const percentiles = z.object({ p50: z.number(), p95: z.number() });

export const queueVerdict = z.enum(['paused', 'unattended', 'failing', 'behind', 'idle', 'well']);

export const queueReportWire = z.object({
  name: z.string(),
  verdict: queueVerdict.describe('The worst of what can be said of it'),
  sentence: z.string().describe('The same for people, with the figures that matter'),
  paused: z.object({ by: z.string(), since: iso }).nullable(),
  workers: count.describe('Living workers that take it'),
  waiting: count.describe('Runs that wait for their turn or for another attempt'),
  running: count,
  oldestMs: z.number().nullable().describe('Age of the oldest run that is not done; null: there is none'),
  windowMs: z.number().describe('What rates and times are of'),
  arrivedPerSecond: z.number(),
  endedPerSecond: z.number(),
  ended: z.object({ done: count, partial: count, skipped: count, failed: count }),
  waitMs: percentiles.nullable().describe('From being asked for to being begun; null: nothing was analysed'),
  runMs: percentiles.nullable().describe('From being begun to the end'),
  skips: z.array(z.object({ reason: z.string(), text: z.string(), count })).describe('Within the window, by reason'),
  failures: z
    .array(
      z.object({
        code: z.string(),
        title: z.string().nullable().describe('Null: a code of a plugin'),
        fix: z.string().nullable(),
        message: z.string().describe('Of the newest one'),
        count,
        streams: count,
        analyzerIds: z.array(z.string()),
        lastAt: iso,
      }),
    )
    .describe('Of the last hours that nobody has marked as seen, by code'),
  newestFailedRunId: z.string().nullable().describe('Up to which failures can be marked as seen; null: none'),
  seen: z.object({ by: z.string(), at: iso }).nullable().describe('Who last marked failures as seen'),
});

/** A run that came to nothing, or waits, with what is needed to read it by itself. */
export const queueRunWire = runWire.extend({
  streamName: z.string(),
  at: iso.describe('When its media was recorded'),
  errorTitle: z.string().nullable(),
  fix: z.string().nullable().describe('What to do about it, where the code is one of core'),
});

export const runParams = z.strictObject({ id: rowId });
const why = text(100).describe('Error code of failed runs; what the reason of skipped ones begins with');

export const queueRunsQuery = z.strictObject({
  state: z.enum(['failed', 'skipped', 'queued']).default('failed'),
  analyzerId: analyzerId.optional(),
  streamId: uuid.optional(),
  why: why.optional(),
  after: listCursor.optional(),
  limit: page(200, 50),
});

const choice = { analyzerId: analyzerId.optional(), streamId: uuid.optional() };
export const retryBody = z.strictObject({
  ...choice,
  state: z.enum(['failed', 'skipped']).default('failed'),
  why: why.optional(),
  after: rowId.optional().describe('The `after` of the answer before: goes on beyond it'),
});
export const cancelBody = z.strictObject(choice);
export const seenBody = z.strictObject({ upToRunId: rowId });

export const retriedWire = z.object({
  retried: count.describe('Runs that wait for their turn again'),
  gone: count.describe('Runs whose media is not there any more'),
  behind: z
    .array(
      z.object({
        analyzerId: z.string(),
        why: z.enum(['late', 'changed']).describe('`late`: its analyzer is past it; `changed`: it was asked for with another config'),
        runs: count,
        streamIds: z.array(uuid),
        from: iso,
        to: iso,
      }),
    )
    .describe('Left as they are: a backfill of that range, with `onlyMissing`, analyses their media'),
  after: z.string().nullable().describe('There are more; null: all were looked at'),
});
export const cancelledWire = z.object({ cancelled: count, more: z.boolean() });

export type QueueVerdict = z.output<typeof queueVerdict>;
export type QueueReportWire = z.output<typeof queueReportWire>;
export type QueueRunWire = z.output<typeof queueRunWire>;
export type RunParams = z.output<typeof runParams>;
export type QueueRunsQuery = z.output<typeof queueRunsQuery>;
export type RetryBody = z.output<typeof retryBody>;
export type CancelBody = z.output<typeof cancelBody>;
export type SeenBody = z.output<typeof seenBody>;
export type RetriedWire = z.output<typeof retriedWire>;
export type CancelledWire = z.output<typeof cancelledWire>;
