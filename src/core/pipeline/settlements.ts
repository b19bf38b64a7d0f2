import type { Settlement } from '../persistence/ledger/run-ledger.js';
import type { TaskOutcome } from '../plugin-api/index.js';

type Ending = Settlement extends infer One ? (One extends Settlement ? Omit<One, 'runId' | 'attempt'> : never) : never;

/**
 * A strategy's answer as the ledger keeps it. Frames seen are held against frames expected here, whatever the strategy
 * calls it: a segment of which frames are missing is never `done`.
 */
export function toSettlement(task: TaskOutcome, retryInMs: number | undefined): Ending {
  switch (task.status) {
    case 'skipped':
      return { state: 'skipped', reason: task.reason };
    case 'failed':
      return toFailure(task, retryInMs);
    case 'done':
    case 'partial': {
      const short = task.framesSeen < task.framesExpected;
      const reason = task.reason ?? (short ? `${task.framesSeen} of ${task.framesExpected} frames` : undefined);
      return {
        state: short ? 'partial' : task.status,
        ...(reason === undefined ? {} : { reason }),
        framesSeen: task.framesSeen,
        framesExpected: task.framesExpected,
        cpuMs: task.cpuMs,
        results: task.results,
        ...(task.checkpoint === undefined ? {} : { checkpoint: task.checkpoint }),
      };
    }
  }
}

/** A segment that turned out to be gone has not failed: there is nothing to analyse. Some learn it only when they fetch it. */
export function toFailure({ code, message, retryable }: { readonly code: string; readonly message: string; readonly retryable: boolean }, retryInMs: number | undefined): Ending {
  if (code === 'VD_MEDIA_SEGMENT_GONE') return { state: 'skipped', reason: 'missing' };
  return { state: 'failed', code, message, ...(retryable && retryInMs !== undefined ? { retryInMs } : {}) };
}
