import { z } from 'zod';
import { evidenceWire } from './evidence.wire.js';
import { crashWire, statusWire, streamStatusWire, streamVerdictWire } from './health.wire.js';
import { runWire } from './run.wire.js';
import { publishRefusalWire } from './sources.wire.js';
import { newStreamKeyWire } from './stream-keys.wire.js';
import { inferenceWire, ingestNodeWire, instanceWire, streamNodeWire } from './places.wire.js';

export { runState, runWire, type RunWire } from './run.wire.js';
export * from './health.wire.js';
export * from './session.wire.js';
export * from './stream-keys.wire.js';

/**
 * What REST and WebSocket say, as schemas: the source of the OpenAPI document, the dashboard's generated types and the
 * validation of what comes in. Media time is `ptsUs` (microseconds of the epoch's clock), wall time is ISO 8601 in UTC.
 */
const iso = z.iso.datetime().describe('ISO 8601, UTC');
const ptsUs = z.number().int().describe("Microseconds of the epoch's own media clock");
const uuid = z.uuid();
const id = z.string().regex(/^\d+$/).describe('Decimal row id');

export const streamState = z.enum(['pending', 'starting', 'live', 'retrying', 'failed', 'stopped']);

export const epochWire = z.object({
  id: uuid,
  streamId: uuid,
  ordinal: z.number().int(),
  state: z.enum(['open', 'closed']),
  startedAt: iso,
  endedAt: iso.nullable(),
  endReason: z.string().nullable(),
  ptsOriginUs: ptsUs.nullable(),
  videoCodec: z.string().nullable(),
  audioCodec: z.string().nullable(),
  widthPx: z.number().int().nullable(),
  heightPx: z.number().int().nullable(),
});

export const streamWire = z.object({
  id: uuid,
  name: z.string(),
  title: z.string(),
  adapterId: z.string(),
  enabled: z.boolean(),
  private: z.boolean(),
  /** Name of the only ingest node that may run it, or admit its publishers; null: any. */
  pinnedTo: z.string().nullable(),
  /** Null: no ingest node has it, such as before the first publisher. */
  node: streamNodeWire.nullable(),
  state: streamState,
  stateDetail: z.string().nullable(),
  stateAt: iso,
  createdAt: iso,
  /** The open epoch, or the latest one. */
  epoch: epochWire.nullable(),
  /** Live playlist, relative to the server's root. */
  playlistUrl: z.string(),
});

/** `deleted`: by retention; `lost`: its file was deleted, replaced or damaged by something else. */
export const segmentState = z.enum(['ready', 'unreadable', 'deleted', 'lost']);

/** A stream in the list: with how it is. */
export const listedStreamWire = streamWire.extend({ health: streamVerdictWire });

export const segmentWire = z.object({
  id,
  streamId: uuid,
  epochId: uuid,
  sequence: z.number().int(),
  state: segmentState,
  url: z.string(),
  sizeBytes: z.number().int(),
  ptsStartUs: ptsUs,
  ptsEndUs: ptsUs,
  frameCount: z.number().int(),
  keyframeCount: z.number().int(),
  at: iso,
});

/** Which run a result is of, and when it was seen. */
const placedResult = {
  runId: id,
  ordinal: z.number().int(),
  streamId: uuid,
  epochId: uuid,
  analyzerId: z.string(),
  ptsUs,
  at: iso,
};

export const detectionWire = z.object({
  ...placedResult,
  label: z.string(),
  score: z.number(),
  box: z
    .object({ x: z.number(), y: z.number(), width: z.number(), height: z.number() })
    .describe('0..1 of the displayed frame, origin top-left'),
  trackId: z.string().nullable(),
  /** What else its analyzer said of it. */
  attributes: z.record(z.string(), z.unknown()).nullable(),
});

export const metricWire = z.object({
  ...placedResult,
  name: z.string(),
  unit: z.string(),
  value: z.number(),
});

export const eventWire = z.object({
  id,
  streamId: uuid,
  epochId: uuid,
  analyzerId: z.string(),
  key: z.string(),
  name: z.string(),
  state: z.enum(['open', 'closed']),
  startPtsUs: ptsUs,
  startAt: iso,
  endPtsUs: ptsUs.nullable(),
  endAt: iso.nullable(),
  endReason: z.string().nullable(),
  data: z.record(z.string(), z.unknown()).nullable(),
  /** The best picture of it; null where its analyzer keeps none. */
  evidence: evidenceWire.nullable(),
});

export const observationWire = z.object({
  ...placedResult,
  type: z.string(),
  data: z.record(z.string(), z.unknown()),
});

export const queueWire = z.object({
  name: z.string(),
  backend: z.enum(['postgres', 'redis']),
  waiting: z.number().int(),
  active: z.number().int(),
  delayed: z.number().int(),
  failed: z.number().int(),
  /** From the ledger. */
  runsQueued: z.number().int(),
  runsRunning: z.number().int(),
  /** Age of the oldest segment not yet analysed, 0 when none. */
  lagMs: z.number(),
  /** Runs that ended in the last minute, by state. */
  lastMinute: z.object({ done: z.number().int(), partial: z.number().int(), skipped: z.number().int(), failed: z.number().int() }),
  /** Why runs of the last minute were skipped, the most frequent reason first. */
  skipReasons: z.array(z.object({ reason: z.string(), count: z.number().int() })),
});

export const pluginWire = z.object({
  id: z.string(),
  version: z.string(),
  use: z.string(),
  state: z.enum(['loaded', 'failed', 'disabled']),
  error: z.object({ code: z.string(), message: z.string(), fix: z.string().nullable() }).nullable(),
  analyzers: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      queue: z.string(),
      version: z.string(),
      enabled: z.boolean(),
      streams: z.array(z.string()),
    }),
  ),
  /** `configSchema`: JSON Schema of a stream's `sourceConfig`; null for listeners, of which GET /api/sources has it. */
  sources: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      kind: z.enum(['listener', 'stream']),
      configSchema: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
  strategies: z.array(z.object({ id: z.string(), title: z.string() })),
});

export const systemWire = z.object({
  version: z.string(),
  /** `degraded` says what in `problems`. */
  status: z.enum(['ok', 'degraded']),
  problems: z.array(z.string()),
  instances: z.array(instanceWire),
  ingestNodes: z.array(ingestNodeWire),
  inference: z.array(inferenceWire),
  crashes: z.array(crashWire).describe('Told until somebody acknowledges them'),
  queueBackend: z.enum(['postgres', 'redis']),
  rtmpUrl: z.string().nullable(),
});

/** application/problem+json (RFC 9457) with our code and the fix. */
export const problemWire = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  detail: z.string(),
  code: z.string(),
  fix: z.string().optional(),
  instance: z.string().optional(),
  /** With 429: when to try again. */
  retryAfterS: z.number().int().optional(),
  /** Field by field, for validation failures. */
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

/** A stream as its owner sees it: with its source's config, with what goes wrong, and its first key when its adapter takes one. */
export const streamDetailWire = streamWire.extend({
  sourceConfig: z.record(z.string(), z.unknown()),
  declaredAt: z.string().nullable().describe('Where the config file declares it: it is changed there. Null: it is changed here'),
  problems: z.array(z.string()).describe('What goes wrong with it just now, for a person'),
});
export const newStreamWire = streamDetailWire.extend({ key: newStreamKeyWire.nullable() });

export const failedJobWire = z.object({
  id: z.string(),
  queue: z.string(),
  failedAt: iso.nullable(),
  attempts: z.number().int(),
  error: z.string(),
  data: z.record(z.string(), z.unknown()),
});

/** A row of the error table. */
export const errorSpecWire = z.object({
  code: z.string(),
  title: z.string(),
  httpStatus: z.number().int(),
  retryable: z.boolean(),
  audience: z.enum(['operator', 'developer', 'user']),
  fix: z.string(),
});

/** A page of a list; `next` goes into `after` for the following one, null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), next: z.string().nullable() });

/** Position in the feed: opaque to clients, to be sent back on resume. */
export const cursorWire = z.string().max(64);

export const serverMessage = z.discriminatedUnion('type', [
  /** First after authentication; `cursor` is where the feed stands. */
  z.object({ type: z.literal('hello'), cursor: cursorWire, serverTime: iso }),
  z.object({ type: z.literal('subscribed'), topics: z.array(z.string()), cursor: cursorWire }),
  /** The cursor is older than the feed: fetch afresh by REST, then go on from this one. */
  z.object({ type: z.literal('reset'), cursor: cursorWire, reason: z.string() }),
  z.object({ type: z.literal('stream.changed'), cursor: cursorWire, stream: streamWire }),
  z.object({ type: z.literal('stream.removed'), cursor: cursorWire, streamId: uuid }),
  z.object({ type: z.literal('epoch.opened'), cursor: cursorWire, epoch: epochWire }),
  z.object({ type: z.literal('epoch.closed'), cursor: cursorWire, epoch: epochWire }),
  z.object({ type: z.literal('segment.ready'), cursor: cursorWire, segment: segmentWire }),
  /** A run reached its end, with everything it produced. */
  z.object({
    type: z.literal('run.finished'),
    cursor: cursorWire,
    run: runWire,
    detections: z.array(detectionWire),
    metrics: z.array(metricWire),
    events: z.array(eventWire),
    observations: z.array(observationWire),
    /** True when the run produced more than one message carries: fetch the rest by REST. */
    truncated: z.boolean(),
  }),
  /** Publishers were refused: the groups that grew, at most 20 of them; GET /api/sources/refusals has all. */
  z.object({ type: z.literal('publish.refused'), cursor: cursorWire, refusals: z.array(publishRefusalWire) }),
  /** Nothing up to `cursor` is missing: sent now and then to a quiet client, so that it resumes from near the present. */
  z.object({ type: z.literal('cursor'), cursor: cursorWire }),
  /** The end of its epoch ended an event that no analyzer had ended. */
  z.object({ type: z.literal('event.closed'), cursor: cursorWire, event: eventWire }),
  /** Every stream, when the status or the issues of one have changed; not part of the feed. */
  z.object({ type: z.literal('health'), streams: z.array(streamStatusWire) }),
  /** Something has begun on some stream, or the event that began last has gone; not part of the feed. */
  z.object({ type: z.literal('events'), newestId: id.nullable() }),
  /** How the installation is, whenever what is said of it changes; not part of the feed. */
  statusWire.extend({ type: z.literal('status') }),
  /** Once a second while something changes; not part of the feed. */
  z.object({ type: z.literal('queues'), queues: z.array(queueWire) }),
  z.object({ type: z.literal('error'), code: z.string(), message: z.string(), fix: z.string().optional() }),
  z.object({ type: z.literal('pong') }),
]);

/**
 * Topics: `streams` (state of every stream), `health` (how each is), `status` (how the installation is), `events` (that there are new
 * ones), `queues`, `stream:<id>` (epochs,
 * segments, runs with results of one stream), `runs` (every run of every stream), and for admins `refusals` (publishers that were refused).
 */
export const clientMessage = z.discriminatedUnion('type', [
  /** For clients that can send neither cookie nor header; within 5 s of connecting. */
  z.strictObject({ type: z.literal('auth'), token: z.string().max(256) }),
  /** Replaces the set of topics. With `cursor`, what was missed comes first. */
  z.strictObject({ type: z.literal('subscribe'), topics: z.array(z.string().max(64)).max(256), cursor: cursorWire.optional() }),
  z.strictObject({ type: z.literal('ping') }),
]);

export type StreamWire = z.output<typeof streamWire>;
export type ListedStreamWire = z.output<typeof listedStreamWire>;
export type EpochWire = z.output<typeof epochWire>;
export type SegmentWire = z.output<typeof segmentWire>;
export type DetectionWire = z.output<typeof detectionWire>;
export type MetricWire = z.output<typeof metricWire>;
export type EventWire = z.output<typeof eventWire>;
export type ObservationWire = z.output<typeof observationWire>;
export type QueueWire = z.output<typeof queueWire>;
export type PluginWire = z.output<typeof pluginWire>;
export type SystemWire = z.output<typeof systemWire>;
export type ProblemWire = z.output<typeof problemWire>;
export type StreamDetailWire = z.output<typeof streamDetailWire>;
export type NewStreamWire = z.output<typeof newStreamWire>;
export type FailedJobWire = z.output<typeof failedJobWire>;
export type ErrorSpecWire = z.output<typeof errorSpecWire>;
/** One page of a keyset-paginated list. */
export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}
export type ServerMessage = z.output<typeof serverMessage>;
export type ClientMessage = z.output<typeof clientMessage>;
