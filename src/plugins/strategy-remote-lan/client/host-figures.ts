import type { AnalysisJob } from 'vedette/plugin';
import type { HostStatus } from 'vedette/worker-host';
import type { HostLoad } from './host-choice.js';

/** How much a new measurement counts against those before. */
const WEIGHT = 0.2;
/** What is older says nothing of now: a host that was slow once is tried again. */
const STALE_MS = 30_000;
const MAX_QUEUES = 64;

/** How busy a host is and how quick, from what it says and from what was measured here. */
export class HostFigures {
  private ownCount = 0;
  private readonly measured = new Map<string, { readonly ms: number; readonly atMs: number }>();
  private lastStatus: HostStatus | undefined;

  get own(): number {
    return this.ownCount;
  }
  get status(): HostStatus | undefined {
    return this.lastStatus;
  }
  get queues(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.measured].map(([queue, { ms }]) => [queue, Math.round(ms)]));
  }

  told(status: HostStatus): void {
    this.lastStatus = status;
  }

  /** @param capacity as the host said when it was greeted */
  loadFor(queue: string, capacity: number): HostLoad {
    const { running = 0, waiting = 0, yours = 0 } = this.lastStatus ?? {};
    // Its figures are up to a second old; of what this worker sent it knows better.
    const others = Math.max(0, running + waiting - yours);
    return { capacity: this.lastStatus?.capacity ?? capacity, ahead: others + this.ownCount, msPerJob: this.msPerJob(queue) };
  }

  /** @returns what to call when the job has ended, and whether it was done */
  began({ queue }: AnalysisJob, capacity: number): (isDone: boolean) => void {
    const startedMs = performance.now();
    const { ahead, capacity: places } = this.loadFor(queue, capacity);
    this.ownCount++;
    return (isDone) => {
      this.ownCount--;
      // What came before its processes were up had to wait for them.
      if (!isDone || places === 0) return;
      const ms = (performance.now() - startedMs) / Math.max(1, (ahead + 1) / Math.max(1, places));
      const before = this.msPerJob(queue);
      if (!this.measured.has(queue) && this.measured.size >= MAX_QUEUES) return;
      this.measured.set(queue, { ms: before === undefined ? ms : before + WEIGHT * (ms - before), atMs: performance.now() });
    };
  }

  private msPerJob(queue: string): number | undefined {
    const measured = this.measured.get(queue);
    return measured === undefined || performance.now() - measured.atMs > STALE_MS ? undefined : measured.ms;
  }
}
