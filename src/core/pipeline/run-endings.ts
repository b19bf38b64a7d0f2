import { queueError } from '../errors/queue.errors.js';
import type { ClaimedRun, Settlement } from '../persistence/ledger/run-ledger.js';
import { CodedError, errorText, type TaskOutcome } from '../plugin-api/index.js';
import { countedAttempts, type PlannedRun } from './planned-run.js';
import type { Route } from './routing/router.js';
import { toFailure, toSettlement } from './settlements.js';
import { mayBeOfTheState } from './work-faults.js';
import type { PipelineOptions } from './worker-options.js';

/** When a run that no strategy can take now looks again. */
const LOOK_AGAIN_MS = 1_000;

/** How attempts end, as the ledger keeps it. */
export class RunEndings {
  constructor(private readonly options: Pick<PipelineOptions, 'attempts' | 'backoffMs'>) {}

  /** @param isOfTask the run's own task failed, as opposed to something around it: then the state it went on from may be to blame */
  failure(run: ClaimedRun, error: unknown, isOfTask = false): Settlement {
    const coded = error instanceof CodedError ? error : queueError('VD_PIPELINE_BROKEN', errorText(error), { cause: error });
    return this.suspecting(run, { ...idOf(run), ...toFailure(coded, this.retryInMs(run)) }, isOfTask);
  }

  /** A task's end, as the strategy tells it. */
  ended(run: ClaimedRun, task: TaskOutcome): Settlement {
    return this.suspecting(run, { ...idOf(run), ...toSettlement(task, this.retryInMs(run)) }, true);
  }

  unrouted({ run, lastError, isStateSuspect, spent }: PlannedRun, route: Exclude<Route, { kind: 'go' }>): Settlement {
    const cost = spent === 0 ? {} : { cost: spent };
    switch (route.kind) {
      case 'wait':
        return { ...idOf(run), ...cost, state: 'returned', strategyReason: route.reason, retryInMs: LOOK_AGAIN_MS };
      case 'skip':
        return { ...idOf(run), ...cost, state: 'skipped', reason: route.reason };
      case 'fail':
        return this.failure(run, route.error);
      case 'exhausted':
        return { ...cost, ...this.failure(run, lastError, isStateSuspect) };
    }
  }

  /** A run that fails for good takes the state with it that may be to blame, so that the next segment's does not fail likewise. */
  private suspecting(run: ClaimedRun, settlement: Settlement, isOfTask: boolean): Settlement {
    if (settlement.state !== 'failed' || settlement.retryInMs !== undefined) return settlement;
    return isOfTask && run.checkpoint !== undefined && mayBeOfTheState(settlement.code) ? { ...settlement, dropsState: true } : settlement;
  }

  /** Doubles with every attempt; absent after the last one. */
  private retryInMs(run: ClaimedRun): number | undefined {
    const attempts = countedAttempts(run);
    return attempts < this.options.attempts ? this.options.backoffMs * 2 ** (attempts - 1) : undefined;
  }
}

export function idOf(run: ClaimedRun): { runId: string; attempt: number } {
  return { runId: run.runId, attempt: run.attempt };
}
