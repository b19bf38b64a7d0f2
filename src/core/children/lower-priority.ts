import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';

/** What waits for a publisher comes first. Analysis keeps two thirds of a usual process's share where others want all there is. */
export const LOWER_PRIORITY = 2;

/**
 * Lets everything else on this machine go before this process: recording before analysis. Threads that are started later inherit it; those
 * there already (on Linux each has a priority of its own) get it, too. Only ever a wish.
 */
export function lowerPriority(niceness = LOWER_PRIORITY): void {
  for (const thread of threads()) {
    try {
      setPriority(thread, niceness);
    } catch {
      // It has ended, or the system does not let us.
    }
  }
}

/** 0 is this process, or where threads have priorities of their own, its first. */
function threads(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return [0];
  }
}
