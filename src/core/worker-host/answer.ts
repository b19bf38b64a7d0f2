import {
  flawIn,
  parseTaskOutcome,
  type AnalysisOutcome,
  type AnalysisResult,
  type CodedError,
  type TaskOutcome,
} from '../plugin-api/index.js';
import { workerHostError } from './protocol/errors.js';
import { BATCH_BYTES } from './protocol/limits.js';
import type { Refusal } from './protocol/messages.js';

/** A finished job as the lines that report it. Lazy: nothing is put into words before there is room for it. */
export function* answerLines({ tasks, ...figures }: AnalysisOutcome): Generator<string> {
  for (const task of tasks) {
    const sound = carried(task);
    const results = 'results' in sound ? sound.results : [];
    yield* batches(sound.runId, results);
    const { results: _, ...outcome } = { results, ...sound };
    yield JSON.stringify({ type: 'task', outcome });
  }
  const { wallMs, cpuMs, decodeCpuMs, executedBy, thumbnails } = figures;
  yield JSON.stringify({ type: 'end', wallMs, cpuMs, decodeCpuMs, executedBy, thumbnails });
}

/** What is not as the protocol carries it fails by itself: the worker would take this host for a liar. */
function carried(task: TaskOutcome): TaskOutcome {
  const checked = parseTaskOutcome(task);
  // Results go out as they are: those of a copy would all be in memory twice.
  if (checked.success) return 'results' in task && 'results' in checked.data ? { ...checked.data, results: task.results } : checked.data;
  return { runId: task.runId, status: 'failed', code: 'VD_ANALYZER_BAD_RESULT', message: flawIn(checked.error), retryable: false };
}

function* batches(runId: string, results: readonly AnalysisResult[]): Generator<string> {
  const head = `{"type":"results","runId":${JSON.stringify(runId)},"results":[`;
  let batch: string[] = [];
  let sizeChars = 0;
  for (const one of results) {
    const text = JSON.stringify(one);
    batch.push(text);
    sizeChars += text.length;
    if (sizeChars < BATCH_BYTES) continue;
    yield `${head}${batch.join(',')}]}`;
    batch = [];
    sizeChars = 0;
  }
  if (batch.length > 0) yield `${head}${batch.join(',')}]}`;
}

/** An error in words that the worker understands. An unforeseen error is reported by its name only: its text may hold secrets. */
export function refusalOf(error: unknown): Refusal {
  const coded = isCoded(error)
    ? error
    : workerHostError('VD_REMOTE_REFUSED', `an error that nobody foresaw: ${error instanceof Error ? error.name : typeof error}`);
  return { code: coded.code, message: coded.message.slice(0, 4_000), retryable: coded.retryable };
}

/** By shape: a plugin may bring its own copy of the class. */
const isCoded = (error: unknown): error is CodedError =>
  error instanceof Error && /^[A-Z][A-Z0-9_]{2,63}$/.test(String((error as { code?: unknown }).code)) && 'retryable' in error;
