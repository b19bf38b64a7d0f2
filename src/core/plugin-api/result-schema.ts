import { z } from 'zod';
import type { AnalysisJob, Checkpoint } from './execution-strategy.js';
import type { JsonObject } from './json.js';
import { isOrdinaryResult } from './ordinary-result.js';
import type { AnalysisResult, EvidenceResult } from './result.js';
import { BOX_TOLERANCE, isStorableText, RESULT_LIMITS } from './result-limits.js';
import type { PtsUs } from './time.js';

const storable = (maxLength: number) => z.string().min(1).max(maxLength).refine(isStorableText, 'holds a NUL or half of a surrogate pair');
const name = storable(RESULT_LIMITS.nameLength);
const share = z.number().min(0).max(1);
const ptsUs = z.int();
const data = z.custom<JsonObject>(isPlainObject, 'must be an object').superRefine((value, context) => {
  const message = flawOfJson(value, RESULT_LIMITS.dataBytes);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});
const box = z
  .object({ x: share, y: share, width: share, height: share })
  .refine(
    ({ x, y, width, height }) => x + width <= 1 + BOX_TOLERANCE && y + height <= 1 + BOX_TOLERANCE,
    'reaches beyond the picture: x + width and y + height are at most 1',
  );

const visibleBox = box.refine(({ width, height }) => width > 0 && height > 0, 'shows nothing: it has no width or no height');
const evidence = { type: z.literal('evidence'), key: name, ptsUs, box: visibleBox, rank: share };
const side = z.int().min(1).max(RESULT_LIMITS.evidenceSidePx);
/** `FF D8 FF` in base64: the beginning of every JPEG. */
const JPEG_BEGINS = '/9j/';
const jpegBase64 = z
  .base64()
  .max(Math.ceil(RESULT_LIMITS.evidenceBytes / 3) * 4)
  .startsWith(JPEG_BEGINS);

/** Evidence as an analyzer asks for it. The picture is not its to bring: it is what core decoded. */
const askedEvidence = z.strictObject(evidence);

/** What a result is: one definition for analysis hosts, strategies, the protocol between machines, the ledger and the contract suites. */
export const resultSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('detection'),
    ptsUs,
    label: name,
    score: share,
    box,
    trackId: name.optional(),
    attributes: data.optional(),
  }),
  z.object({ type: z.literal('metric'), ptsUs, name, value: z.number(), unit: storable(RESULT_LIMITS.unitLength) }),
  z.object({ type: z.literal('event'), phase: z.enum(['start', 'update', 'end']), key: name, name, ptsUs, data: data.optional() }),
  z.object({ ...evidence, picture: z.object({ jpegBase64, widthPx: side, heightPx: side, region: visibleBox }) }),
  z.object({ type: z.enum(['classification', 'text', 'embedding', 'track', 'artifact']), ptsUs, data }),
]) satisfies z.ZodType<AnalysisResult>;

/** The range that the pts of one run's results must lie in, in pts of the epoch. */
export interface ResultSpan {
  /** Where the epoch's media begins; absent where that is not known. */
  readonly epochStartUs?: PtsUs;
  readonly startUs: PtsUs;
  readonly endUs: PtsUs;
  /** The run continues from a checkpoint, so it may also emit results of earlier segments. */
  readonly goesOn: boolean;
}

/** @param checkpoint what the run continues from, if anything */
export function resultSpan(
  { epochId, ptsStartUs, ptsEndUs }: Pick<AnalysisJob['segment'], 'epochId' | 'ptsStartUs' | 'ptsEndUs'>,
  checkpoint: Checkpoint | undefined,
  epochStartUs?: PtsUs,
): ResultSpan {
  const goesOn = checkpoint !== undefined && checkpoint.epochId === epochId;
  return { startUs: ptsStartUs, endUs: ptsEndUs, goesOn, epochStartUs };
}

/**
 * Says for the plugin's author what is wrong with a result. An event may begin anywhere in its epoch; other results must lie in the
 * current segment, or anywhere in the epoch if the run continues from a checkpoint.
 * @returns undefined for a valid result
 * @example flawOfResult({ type: 'metric', ptsUs: 0, name: 'brightness', value: NaN, unit: '0..1' }) // 'value: Invalid input: …'
 */
export function flawOfResult(result: unknown, span?: ResultSpan): string | undefined {
  if (!isOrdinaryResult(result)) {
    const { error } = resultSchema.safeParse(result);
    if (error !== undefined) return flawIn(error);
  }
  return span === undefined ? undefined : flawOfTime(result as AnalysisResult, span);
}

/** The same for what an analyzer emits: evidence has no picture yet. */
export function flawOfEmitted(result: unknown, span?: ResultSpan): string | undefined {
  if (!isEvidence(result)) return flawOfResult(result, span);
  const { error } = askedEvidence.safeParse(result);
  if (error !== undefined) return flawIn(error);
  return span === undefined ? undefined : flawOfTime(result, span);
}

export const isEvidence = (result: unknown): result is EvidenceResult =>
  (result as { readonly type?: unknown } | null | undefined)?.type === 'evidence';

/** The same for all results of a run. @returns what is wrong with the first invalid result, with its position */
export function flawOfResults(results: readonly unknown[], span?: ResultSpan): string | undefined {
  if (results.length > RESULT_LIMITS.resultsPerRun) return tooMany(results.length);
  for (const [index, result] of results.entries()) {
    const flaw = flawOfResult(result, span);
    if (flaw !== undefined) return `Result ${index} (${typeOf(result)}): ${flaw}`;
  }
  return undefined;
}

/** @returns undefined for JSON that is no deeper and no larger than may be stored */
export function flawOfJson(value: unknown, maxBytes: number): string | undefined {
  const flaw = flawOfValue(value, 0);
  if (flaw !== undefined) return flaw;
  const sizeBytes = Buffer.byteLength(JSON.stringify(value));
  return sizeBytes > maxBytes ? `takes ${sizeBytes} bytes as JSON; at most ${maxBytes} are kept` : undefined;
}

/** The schema's first issue, with its path. */
export function flawIn({ issues: [issue] }: z.ZodError): string {
  const path = issue?.path.map(String).join('.') ?? '';
  return `${path === '' ? '' : `${path}: `}${issue?.message ?? 'not what it must be'}`;
}

export const tooMany = (count: number): string => `${count} results for one segment; at most ${RESULT_LIMITS.resultsPerRun} are kept`;

function flawOfTime(result: Pick<AnalysisResult, 'type' | 'ptsUs'>, span: ResultSpan): string | undefined {
  const { epochStartUs = -Infinity, startUs, endUs, goesOn } = span;
  const isFromEarlier = goesOn || result.type === 'event';
  const earliestUs = (isFromEarlier ? Math.min(epochStartUs, startUs) : startUs) - RESULT_LIMITS.ptsSlackUs;
  if (result.ptsUs >= earliestUs && result.ptsUs <= endUs + RESULT_LIMITS.ptsSlackUs) return undefined;
  const media = isFromEarlier ? `the epoch up to ${endUs}` : `the segment's ${startUs}..${endUs}`;
  return `ptsUs ${result.ptsUs} lies outside ${media}`;
}

function typeOf(result: unknown): string {
  const type = (result as { readonly type?: unknown } | null | undefined)?.type;
  return typeof type === 'string' ? type.slice(0, RESULT_LIMITS.unitLength) : 'of no type';
}

function flawOfValue(value: unknown, depth: number): string | undefined {
  if (depth > RESULT_LIMITS.jsonDepth) return `is nested more than ${RESULT_LIMITS.jsonDepth} levels deep`;
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value === 'string') return isStorableText(value) ? undefined : 'holds a NUL or half of a surrogate pair';
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `holds ${value}`;
  if (Array.isArray(value)) return firstFlaw(value, depth + 1);
  if (!isPlainObject(value)) return `holds ${value instanceof Object ? value.constructor.name : typeof value}, which is not JSON`;
  if (!Object.keys(value).every(isStorableText)) return 'has a key with a NUL or half of a surrogate pair';
  // JSON leaves out what is undefined.
  return firstFlaw(
    Object.values(value).filter((item) => item !== undefined),
    depth + 1,
  );
}

function firstFlaw(values: readonly unknown[], depth: number): string | undefined {
  for (const value of values) {
    const flaw = flawOfValue(value, depth);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

/** An object literal, of whatever realm. */
function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
