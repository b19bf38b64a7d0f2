import { queueError } from '../errors/queue.errors.js';
import { type AnalysisJob, type AnalysisOutcome, CodedError, errorText, type JobProgress } from '../plugin-api/index.js';
import { checkOutcome } from './outcome-check.js';
import type { StrategyPlace } from './routing/strategy-directory.js';
import { isOfTheMedia, isOfTheWork } from './work-faults.js';

/** After its signal aborts, a strategy has this long to come to its end; then its answer is no longer waited for. */
const ABORT_GRACE_MS = 5_000;

/** A strategy did not do a job. */
export class StrategyFailure extends Error {
  override readonly name = 'StrategyFailure';

  constructor(
    /** Why, whatever the strategy threw. */
    override readonly cause: CodedError,
    /** False: the job only ever waited for its turn. It was not tried. */
    readonly hasBegun: boolean,
    /** False: the strategy went silent, or threw what says nothing; what it has spent is not known. */
    readonly isAccountable: boolean,
  ) {
    super(cause.message);
  }
}

/** What a failed job has cost. One that went silent cannot say: a budget errs on the side of the operator's purse. */
export const spentBy = ({ cause, hasBegun, isAccountable }: StrategyFailure): number =>
  hasBegun && !isAccountable ? Number.POSITIVE_INFINITY : cause.cost;

/**
 * Has a strategy do a job, and waits for it no longer than is sensible: so long for its turn, and so long from when it begins.
 * @param signal the lane was lost, or this worker ends
 * @throws StrategyFailure by VD_PIPELINE_TIMEOUT, VD_PIPELINE_NOT_BEGUN, VD_PIPELINE_STRATEGY_FAILED, VD_PIPELINE_OUTCOME_INVALID, or
 * the strategy's own error
 */
export async function callStrategy(
  { id, strategy }: Pick<StrategyPlace, 'id' | 'strategy'>,
  job: AnalysisJob,
  signal: AbortSignal,
  timeoutMs: number,
): Promise<AnalysisOutcome> {
  const limit = new TimeLimit(timeoutMs);
  const silent = Promise.withResolvers<never>();
  let grace: NodeJS.Timeout | undefined;
  const signals = [signal, limit.signal];
  const onAbort = (): void => {
    grace ??= setTimeout(() => silent.reject(new SilenceError()), ABORT_GRACE_MS);
  };
  for (const one of signals) {
    if (one.aborted) onAbort();
    else one.addEventListener('abort', onAbort, { once: true });
  }
  try {
    const answer: unknown = await Promise.race([strategy.execute(job, AbortSignal.any(signals), limit), silent.promise]);
    limit.begins();
    return checkOutcome(answer, job, id);
  } catch (error) {
    throw failureOf(error, limit, signal);
  } finally {
    limit.stop();
    clearTimeout(grace);
    for (const one of signals) one.removeEventListener('abort', onAbort);
  }
}

/** The strategy came to no end by itself. */
class SilenceError extends Error {}

function failureOf(error: unknown, limit: TimeLimit, signal: AbortSignal): StrategyFailure {
  const isSilent = error instanceof SilenceError;
  const own = error instanceof CodedError ? error : undefined;
  const failure = (cause: CodedError): StrategyFailure => new StrategyFailure(cause, limit.hasBegun, own !== undefined);
  const isFinal = own !== undefined && (isOfTheWork(own.code) || isOfTheMedia(own.code));
  if (isFinal) return new StrategyFailure(own, true, true);
  if (limit.signal.aborted && !signal.aborted) {
    const options = { cause: error, cost: own?.cost ?? 0 };
    const { timeoutMs } = limit;
    return failure(
      limit.hasBegun
        ? queueError(
            'VD_PIPELINE_TIMEOUT',
            `The segment took longer than ${timeoutMs} ms${isSilent ? ', and the strategy did not stop' : ''}`,
            options,
          )
        : queueError('VD_PIPELINE_NOT_BEGUN', `The job waited for its turn for ${timeoutMs} ms`, options),
    );
  }
  if (own !== undefined) return failure(own);
  const detail = isSilent ? 'The strategy did not stop when it was called off' : errorText(error);
  return failure(queueError('VD_PIPELINE_STRATEGY_FAILED', detail, { cause: error }));
}

/** How long a job may wait for its turn, and then how long it may take. */
class TimeLimit implements JobProgress {
  private readonly over = new AbortController();
  private timer: NodeJS.Timeout;
  private isWaiting = false;
  /** Until a strategy says that the job waits, it is taken for begun; once it has begun, it has. */
  private hasEverBegun = false;

  constructor(readonly timeoutMs: number) {
    this.timer = this.start();
  }

  get signal(): AbortSignal {
    return this.over.signal;
  }
  get hasBegun(): boolean {
    return this.hasEverBegun || !this.isWaiting;
  }

  waits(): void {
    this.isWaiting = true;
  }

  begins(): void {
    if (this.isWaiting && !this.over.signal.aborted) {
      clearTimeout(this.timer);
      this.timer = this.start();
    }
    this.isWaiting = false;
    this.hasEverBegun = true;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private start(): NodeJS.Timeout {
    return setTimeout(() => this.over.abort(), this.timeoutMs);
  }
}
