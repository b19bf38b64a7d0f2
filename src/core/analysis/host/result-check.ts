import { analysisError } from '../../errors/analysis.errors.js';
import type { AnalysisResult } from '../../plugin-api/index.js';

/** More than any analyzer has to say of a few seconds: a guard for the database, not a quota. */
const MAX_RESULTS_PER_SEGMENT = 100_000;
const OBSERVATIONS = new Set(['classification', 'text', 'embedding', 'track', 'artifact']);
const PHASES = new Set(['start', 'update', 'end']);

/**
 * Lets only results through that can be stored.
 * @throws VD_ANALYSIS_RESULT_INVALID
 */
export function checkResult(result: AnalysisResult, emitted: number): void {
  const refuse = (what: string): never => {
    throw analysisError('VD_ANALYSIS_RESULT_INVALID', `${what}, in ${brief(result)}`);
  };
  if (emitted >= MAX_RESULTS_PER_SEGMENT) refuse(`more than ${MAX_RESULTS_PER_SEGMENT} results for one segment`);
  if (!Number.isSafeInteger(result.ptsUs)) refuse('ptsUs must be an integer');
  switch (result.type) {
    case 'detection': {
      if (!isName(result.label)) refuse('label must be a non-empty text');
      if (!(result.score >= 0 && result.score <= 1)) refuse('score must be 0..1');
      const { x, y, width, height } = result.box;
      if (![x, y, width, height].every((side) => side >= 0 && side <= 1)) refuse('box must lie within 0..1');
      return;
    }
    case 'metric':
      if (!isName(result.name)) refuse('name must be a non-empty text');
      if (!Number.isFinite(result.value)) refuse('value must be a finite number');
      return;
    case 'event':
      if (!isName(result.name) || !isName(result.key)) refuse('name and key must be non-empty texts');
      if (!PHASES.has(result.phase)) refuse('phase must be start, update or end');
      return;
    default:
      if (!OBSERVATIONS.has(result.type)) refuse(`unknown type ${String((result as { type: unknown }).type)}`);
      if (typeof result.data !== 'object' || result.data === null) refuse('data must be an object');
  }
}

const isName = (text: unknown): boolean => typeof text === 'string' && text.length > 0 && text.length <= 512;

function brief(result: unknown): string {
  try {
    return (JSON.stringify(result) ?? String(result)).slice(0, 200);
  } catch {
    return 'a result that is not JSON';
  }
}
