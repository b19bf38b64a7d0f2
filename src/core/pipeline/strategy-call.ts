import { queueError } from '../errors/queue.errors.js';
import { type AnalysisJob, type AnalysisOutcome, CodedError, type ExecutionStrategy } from '../plugin-api/index.js';

/** After its signal aborts, a strategy has this long to come to its end; then its answer is no longer waited for. */
const ABORT_GRACE_MS = 5_000;

/**
 * Has a strategy do a job, and waits for it no longer than is sensible.
 * @param signal the lane was lost, or this worker ends
 * @throws a coded error, whatever the strategy throws: VD_PIPELINE_TIMEOUT, VD_PIPELINE_STRATEGY_FAILED, or its own
 */
export async function callStrategy(
  strategy: ExecutionStrategy,
  job: AnalysisJob,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<AnalysisOutcome> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const overdue = Promise.withResolvers<never>();
  let grace: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    grace ??= setTimeout(() => {
      overdue.reject(queueError('VD_PIPELINE_TIMEOUT', `The strategy did not come to its end after ${timeoutMs} ms`));
    }, ABORT_GRACE_MS);
  };
  const signals = [signal, timeout];
  for (const one of signals) {
    if (one.aborted) onAbort();
    else one.addEventListener('abort', onAbort, { once: true });
  }
  try {
    return await Promise.race([strategy.execute(job, AbortSignal.any(signals)), overdue.promise]);
  } catch (error) {
    if (error instanceof CodedError) throw error;
    if (timeout.aborted && !signal.aborted)
      throw queueError('VD_PIPELINE_TIMEOUT', `The segment took longer than ${timeoutMs} ms`, { cause: error });
    throw queueError('VD_PIPELINE_STRATEGY_FAILED', error instanceof Error ? error.message : String(error), { cause: error });
  } finally {
    clearTimeout(grace);
    for (const one of signals) one.removeEventListener('abort', onAbort);
  }
}
