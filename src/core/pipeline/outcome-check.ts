import { queueError } from '../errors/queue.errors.js';
import {
  type AnalysisJob,
  type AnalysisOutcome,
  type AnalyzerTask,
  type CodedError,
  flawIn,
  flawOfResults,
  outcomeSchema,
  parseTaskOutcome,
  resultSpan,
  type TaskOutcome,
  z,
} from '../plugin-api/index.js';

/** What an answer says besides its tasks, each of which is judged by itself. */
const answerSchema = outcomeSchema.extend({ tasks: z.array(z.unknown()) });

/**
 * Holds a strategy's answer against what answers are and what the job was. A task that the answer is wrong about fails, and no other.
 * @returns an outcome for each task of the job, exactly once
 * @throws VD_PIPELINE_OUTCOME_INVALID for something that is no answer at all
 */
export function checkOutcome(answer: unknown, job: AnalysisJob, strategyId: string): AnalysisOutcome {
  const checked = answerSchema.safeParse(answer);
  if (!checked.success)
    throw queueError('VD_PIPELINE_OUTCOME_INVALID', `Strategy ${strategyId} gave no answer to job ${job.jobId}: ${flawIn(checked.error)}`);
  const { tasks, ...figures } = checked.data;
  return { ...figures, tasks: job.tasks.map((task) => outcomeOf(task, tasks, job, strategyId)) };
}

function outcomeOf(task: AnalyzerTask, answers: readonly unknown[], job: AnalysisJob, strategyId: string): TaskOutcome {
  const own = answers.filter((answer) => (answer as { readonly runId?: unknown } | null)?.runId === task.runId);
  const of = `for ${task.analyzerId} in job ${job.jobId}`;
  if (own.length !== 1) {
    const what = `Strategy ${strategyId} gave ${own.length === 0 ? 'no outcome' : 'several outcomes'} ${of}`;
    return failed(task, queueError('VD_PIPELINE_OUTCOME_INCOMPLETE', what));
  }
  const checked = parseTaskOutcome(own[0]);
  const flaw = checked.success ? flawOfMedia(checked.data, task, job) : flawIn(checked.error);
  if (checked.success && flaw === undefined) return checked.data;
  return failed(task, queueError('VD_PIPELINE_OUTCOME_INVALID', `Strategy ${strategyId} gave no valid outcome ${of}: ${flaw}`));
}

/** The schema knows what results are; only the job tells what media they may speak of. */
function flawOfMedia(outcome: TaskOutcome, { checkpoint }: AnalyzerTask, { segment }: AnalysisJob): string | undefined {
  return 'results' in outcome ? flawOfResults(outcome.results, resultSpan(segment, checkpoint)) : undefined;
}

const failed = ({ runId }: AnalyzerTask, { code, message, retryable }: CodedError): TaskOutcome => ({
  runId,
  status: 'failed',
  code,
  message,
  retryable,
});
