import { z } from 'zod';
import type { AnalysisOutcome, TaskOutcome } from './execution-strategy.js';
import type { JsonValue } from './json.js';
import { isOrdinaryResult } from './ordinary-result.js';
import { RESULT_LIMITS } from './result-limits.js';
import { flawOfJson, resultSchema } from './result-schema.js';
import { thumbnailsSchema } from './thumbnail.js';

/** Longest text for a person, in characters; longer texts are cut, not refused. */
const TEXT_LENGTH = 4_096;

const figure = z.number().nonnegative();
const count = z.int().nonnegative();
const text = z.string().transform((said) => said.slice(0, TEXT_LENGTH).toWellFormed());
const runId = z.string().min(1).max(512);
const code = z.string().regex(/^[A-Z][A-Z0-9_]{2,63}$/, 'a code such as ACME_DOOR_JAMMED');
const checkpoint = z.custom<JsonValue>().superRefine((value, context) => {
  const message = flawOfJson(value, RESULT_LIMITS.checkpointBytes);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

/** How one task of a job can end, by `status`. */
export const taskOutcomeSchemas = {
  ended: z.object({
    runId,
    status: z.literal(['done', 'partial']),
    results: z.array(resultSchema).max(RESULT_LIMITS.resultsPerRun),
    framesSeen: count,
    framesExpected: count,
    checkpoint: checkpoint.optional(),
    reason: text.optional(),
    cpuMs: figure,
  }),
  skipped: z.object({ runId, status: z.literal('skipped'), reason: text }),
  failed: z.object({ runId, status: z.literal('failed'), code, message: text, retryable: z.boolean() }),
};

export const taskOutcomeSchema = z.discriminatedUnion('status', [
  taskOutcomeSchemas.ended,
  taskOutcomeSchemas.skipped,
  taskOutcomeSchemas.failed,
]) satisfies z.ZodType<TaskOutcome>;

/** An outcome by its schema, which is spared the results where all are ordinary: they are most of what there is to look at. */
export function parseTaskOutcome(answer: unknown): z.ZodSafeParseResult<TaskOutcome> {
  const { results } = (answer ?? {}) as { readonly results?: unknown };
  const areOrdinary = Array.isArray(results) && results.length <= RESULT_LIMITS.resultsPerRun && results.every(isOrdinaryResult);
  if (!areOrdinary) return taskOutcomeSchema.safeParse(answer);
  const checked = taskOutcomeSchema.safeParse({ ...(answer as object), results: [] });
  return checked.success && 'results' in checked.data ? { ...checked, data: { ...checked.data, results } } : checked;
}

/** The form of a strategy's answer. Core checks every answer with it, and so does the strategies' contract suite. */
export const outcomeSchema = z.object({
  tasks: z.array(taskOutcomeSchema),
  wallMs: figure,
  cpuMs: figure,
  decodeCpuMs: figure,
  cost: figure.optional(),
  executedBy: text.pipe(z.string().min(1)),
  thumbnails: thumbnailsSchema.optional(),
}) satisfies z.ZodType<AnalysisOutcome>;
