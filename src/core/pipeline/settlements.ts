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
        reason,
        framesSeen: task.framesSeen,
        framesExpected: task.framesExpected,
        cpuMs: task.cpuMs,
        results: task.results,
        ...(task.checkpoint === undefined ? {} : { checkpoint: task.checkpoint }),
      };
    }
  }
}

/** How a run ends whose segment is gone. */
export const MISSING = { state: 'skipped', reason: 'missing' } as const;

/** When a run whose segment cannot be had now looks again. */
const LOOK_AGAIN_MS = 2_000;

/**
 * A segment that turned out to be gone has not failed: there is nothing to analyse. Some learn it only when they fetch it. One whose
 * machine is away has not been tried: its run waits until it is back, or is too old.
 */
export function toFailure(
  { code, message, retryable }: { readonly code: string; readonly message: string; readonly retryable: boolean },
  retryInMs: number | undefined,
): Ending {
  if (code === 'VD_MEDIA_SEGMENT_GONE') return MISSING;
  if (code === 'VD_MEDIA_NODE_AWAY')
    return { state: 'returned', strategyReason: `waits for its segment: ${message}`, retryInMs: LOOK_AGAIN_MS };
  return { state: 'failed', code, message, ...(retryable && retryInMs !== undefined ? { retryInMs } : {}) };
}
