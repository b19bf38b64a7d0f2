/** CPU time of this process, all threads, in ms. Wall time would count the neighbours' work. */
export function cpuClockMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** One job's part of the process's CPU time. */
export interface CpuShare {
  /** So far. */
  readonly usedMs: number;
  /** From now on nothing is counted. */
  end(): void;
}

/**
 * Divides the CPU time of this process among the jobs under way: nobody can tell whose thread used it, so each gets the same.
 * All shares together are what was used, and a job that is alone gets all of it.
 */
export class CpuShares {
  private readonly open = new Set<{ usedMs: number }>();
  private settledMs = 0;

  constructor(private readonly clockMs: () => number = cpuClockMs) {}

  begin(): CpuShare {
    this.settle();
    const share = { usedMs: 0 };
    this.open.add(share);
    const settle = (): void => this.settle();
    return {
      get usedMs() {
        settle();
        return share.usedMs;
      },
      end: () => {
        settle();
        this.open.delete(share);
      },
    };
  }

  private settle(): void {
    const nowMs = this.clockMs();
    for (const share of this.open) share.usedMs += (nowMs - this.settledMs) / this.open.size;
    this.settledMs = nowMs;
  }
}
