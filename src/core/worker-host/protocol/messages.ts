import { type PtsUs, resultSchema, taskOutcomeSchemas, THUMBNAIL_LIMITS, thumbnailsSchema, z } from '../../plugin-api/index.js';
import { MAX_ANALYZERS, MAX_TASKS } from './limits.js';

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER);
const figure = z.number().nonnegative();
const text = (max: number) => z.string().max(max);
const name = text(512).min(1);
const nonce = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const version = text(64).min(1);
const code = z.string().regex(/^[A-Z][A-Z0-9_]{2,63}$/);
export const referenceKind = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);

/** POST /v1/hello, from one that has proved nothing yet. */
export const hello = z.object({ protocol: z.number().int(), nonce });
export const helloAnswer = z.object({ protocol: z.number().int(), nonce });

/** POST /v1/proof: the worker's comes first, so that a stranger gets nothing that a token could be tried on. */
export const workerProof = z.object({ proof: nonce, name: text(255) });
export const hostFacts = z.object({
  name: text(255).min(1),
  vedette: version,
  analyzers: z.array(z.object({ id: name, version })).max(MAX_ANALYZERS),
  capacity: count,
  os: text(32),
  arch: text(32),
});
export type HostFacts = z.output<typeof hostFacts>;
/** The answer to a proof that is right: the host's own, and what it is. */
export const provedAnswer = hostFacts.extend({ proof: nonce });

/** What a host answers where it does not do what was asked. */
export const refusal = z.object({ code, message: text(4_096), retryable: z.boolean() });
export type Refusal = z.output<typeof refusal>;

/** GET /v1/status: a line a second. */
export const hostStatus = z.object({
  running: count,
  waiting: count,
  /** How many of these came over this connection. */
  yours: count,
  capacity: count,
  rssBytes: count,
  loadAverage: figure,
});
export type HostStatus = z.output<typeof hostStatus>;

const { ended, skipped, failed } = taskOutcomeSchemas;
/** How a task ended; its results came before, in lines of their own. */
export const taskEnd = z.discriminatedUnion('status', [ended.omit({ results: true }), skipped, failed]);
export type TaskEnd = z.output<typeof taskEnd>;

/** POST /v1/jobs: the answer, line by line. */
export const jobLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('accepted') }),
  /** While the host has no place for the job yet, it is `waiting`. */
  z.object({ type: z.literal('heartbeat'), waiting: z.boolean().optional() }),
  /** Before it can begin: the worker sends the set by POST /v1/references. */
  z.object({ type: z.literal('references.wanted'), kind: referenceKind, revision: count }),
  z.object({ type: z.literal('results'), runId: name, results: z.array(resultSchema) }),
  z.object({ type: z.literal('task'), outcome: taskEnd }),
  z.object({
    ...{ type: z.literal('end'), wallMs: figure, cpuMs: figure, decodeCpuMs: figure, executedBy: name },
    thumbnails: thumbnailsSchema.optional(),
  }),
  z.object({ type: z.literal('failed'), ...refusal.shape }),
]);

const id = z.string().regex(/^[A-Za-z0-9._-]{1,128}$/);
const address = z.url({ protocol: /^https?$/ }).max(4_096);
/** What a worker hands over. The host trusts it with work, not with its files: ids and paths keep to what they are. */
export const jobMessage = z.object({
  jobId: text(4_096).min(1),
  queue: id,
  stream: z.looseObject({ streamId: id, epochId: id }),
  segment: z.looseObject({
    streamId: id,
    epochId: id,
    sequence: count,
    path: z
      .string()
      .max(512)
      .regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/, 'a path below the media folder'),
    url: address.optional(),
    urlBefore: address.optional(),
    urlInitialization: address.optional(),
    sizeBytes: count,
  }),
  tasks: z
    .array(
      z.looseObject({
        runId: name,
        attempt: count,
        analyzerId: name,
        analyzerVersion: version,
        configHash: id,
        references: z.object({ kind: referenceKind, revision: count }).optional(),
      }),
    )
    .min(1)
    .max(MAX_TASKS)
    .refine((tasks) => new Set(tasks.map(({ runId }) => runId)).size === tasks.length, 'each run once'),
  thumbnailsAtUs: z
    .array(z.custom<PtsUs>((value) => Number.isSafeInteger(value)))
    .max(THUMBNAIL_LIMITS.perJob)
    .optional(),
});

/** The head of POST /v1/references; the images' bytes follow it in the same order. */
export const referencesHead = z.object({
  kind: referenceKind,
  revision: count,
  images: z
    .array(
      z.object({
        id: name,
        subjectId: name,
        label: text(512),
        variant: text(512),
        widthPx: z.number().int().positive().max(16_384),
        heightPx: z.number().int().positive().max(16_384),
        hasAlpha: z.boolean(),
      }),
    )
    .max(100_000),
});
