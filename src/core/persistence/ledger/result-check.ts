import { ledgerError } from '../../errors/ledger.errors.js';
import type { AnalysisResult, JsonValue, PtsUs } from '../../plugin-api/index.js';

/** What one run may leave behind. */
export const RESULT_LIMITS = {
  resultsPerRun: 20_000,
  nameLength: 256,
  unitLength: 64,
  jsonBytes: 65_536,
  checkpointBytes: 1_048_576,
  jsonDepth: 32,
  /** How far outside its segment a result's pts may lie; an event may begin anywhere in its epoch. */
  ptsSlackUs: 10_000_000,
} as const;

/** Media time the results of one segment may speak of. */
export interface PtsBounds {
  readonly originUs: PtsUs;
  readonly startUs: PtsUs;
  readonly endUs: PtsUs;
}

/**
 * Refuses what the tables cannot hold or what cannot be true: NaN and infinities, scores and boxes outside 0..1, media times
 * of another segment, names and data beyond all measure, text PostgreSQL has no form for.
 * @throws VD_ANALYZER_BAD_RESULT naming the result by its position
 */
export function checkResults(results: readonly AnalysisResult[], checkpoint: JsonValue | undefined, bounds: PtsBounds): void {
  if (results.length > RESULT_LIMITS.resultsPerRun)
    refuse(`${results.length} results for one segment; at most ${RESULT_LIMITS.resultsPerRun} are kept`);
  results.forEach((result, index) => checkResult(result, `Result ${index} (${result.type})`, bounds));
  if (checkpoint !== undefined) checkJson(checkpoint, 'The checkpoint', RESULT_LIMITS.checkpointBytes);
}

function checkResult(result: AnalysisResult, what: string, bounds: PtsBounds): void {
  const slack = RESULT_LIMITS.ptsSlackUs;
  const earliest = result.type === 'event' ? Math.min(bounds.originUs, bounds.startUs) : bounds.startUs;
  if (!Number.isSafeInteger(result.ptsUs)) refuse(`${what}: ptsUs is ${result.ptsUs}, not a whole number of microseconds`);
  if (result.ptsUs < earliest - slack || result.ptsUs > bounds.endUs + slack) {
    refuse(`${what}: ptsUs ${result.ptsUs} lies outside the segment's ${bounds.startUs}..${bounds.endUs}`);
  }
  switch (result.type) {
    case 'detection':
      checkName(result.label, `${what}: label`);
      checkUnit(result.score, `${what}: score`);
      for (const side of ['x', 'y', 'width', 'height'] as const) checkUnit(result.box[side], `${what}: box.${side}`);
      if (result.trackId !== undefined) checkName(result.trackId, `${what}: trackId`);
      if (result.attributes !== undefined) checkJson(result.attributes, `${what}: attributes`);
      return;
    case 'metric':
      checkName(result.name, `${what}: name`);
      checkName(result.unit, `${what}: unit`, RESULT_LIMITS.unitLength);
      if (!Number.isFinite(result.value)) refuse(`${what} ${result.name}: value is ${result.value}`);
      return;
    case 'event':
      checkName(result.key, `${what}: key`);
      checkName(result.name, `${what}: name`);
      if (result.data !== undefined) checkJson(result.data, `${what}: data`);
      return;
    default:
      checkName(result.type, `${what}: type`);
      checkJson(result.data, `${what}: data`);
  }
}

function checkName(text: string, what: string, maxLength: number = RESULT_LIMITS.nameLength): void {
  if (typeof text !== 'string' || text.length === 0 || text.length > maxLength)
    refuse(`${what} must be text of 1 to ${maxLength} characters`);
  checkText(text, what);
}

function checkUnit(value: number, what: string): void {
  if (!(value >= 0 && value <= 1)) refuse(`${what} is ${value}, not within 0..1`);
}

function checkText(text: string, what: string): void {
  if (text.includes('\0') || !text.isWellFormed()) refuse(`${what} holds a NUL or half a surrogate pair`);
}

function checkJson(value: JsonValue, what: string, maxBytes: number = RESULT_LIMITS.jsonBytes): void {
  checkJsonValue(value, what, 0);
  const sizeBytes = Buffer.byteLength(JSON.stringify(value));
  if (sizeBytes > maxBytes) refuse(`${what} takes ${sizeBytes} bytes as JSON; at most ${maxBytes} are kept`);
}

function checkJsonValue(value: JsonValue | undefined, what: string, depth: number): void {
  if (depth > RESULT_LIMITS.jsonDepth) refuse(`${what} is nested more than ${RESULT_LIMITS.jsonDepth} levels deep`);
  if (typeof value === 'string') checkText(value, what);
  else if (typeof value === 'number' && !Number.isFinite(value)) refuse(`${what} holds ${value}`);
  else if (Array.isArray(value)) for (const item of value) checkJsonValue(item, what, depth + 1);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      checkText(key, what);
      checkJsonValue(item, what, depth + 1);
    }
  }
}

function refuse(detail: string): never {
  throw ledgerError('VD_ANALYZER_BAD_RESULT', detail);
}
