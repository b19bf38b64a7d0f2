import type { AnalysisJob } from 'vedette/plugin';
import type { HostStatus } from '../protocol/messages.js';
import type { HostLoad } from './host-choice.js';

/** How much a new measurement counts against those before. */
const WEIGHT = 0.2;
const MAX_QUEUES = 64;

/** How busy a host is and how quick, from what it says and from what was measured here. */
export class HostFigures {
  #own = 0;
  readonly #msPerJob = new Map<string, number>();
  #status: HostStatus | undefined;

  get own(): number {
    return this.#own;
  }
  get status(): HostStatus | undefined {
    return this.#status;
  }
  get queues(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#msPerJob].map(([queue, ms]) => [queue, Math.round(ms)]));
  }

  told(status: HostStatus): void {
    this.#status = status;
  }

  /** @param capacity as the host said when it was greeted */
  loadFor(queue: string, capacity: number): HostLoad {
    const { running = 0, waiting = 0, yours = 0 } = this.#status ?? {};
    // Its figures are up to a second old; of what this worker sent it knows better.
    const others = Math.max(0, running + waiting - yours);
    return { capacity: this.#status?.capacity ?? capacity, ahead: others + this.#own, msPerJob: this.#msPerJob.get(queue) };
  }

  /** @returns what to call when the job has ended, and whether it was done */
  began({ queue }: AnalysisJob, capacity: number): (isDone: boolean) => void {
    const startedMs = performance.now();
    const { ahead, capacity: places } = this.loadFor(queue, capacity);
    this.#own++;
    return (isDone) => {
      this.#own--;
      if (!isDone) return;
      const ms = (performance.now() - startedMs) / Math.max(1, (ahead + 1) / Math.max(1, places));
      const before = this.#msPerJob.get(queue);
      if (before === undefined && this.#msPerJob.size >= MAX_QUEUES) return;
      this.#msPerJob.set(queue, before === undefined ? ms : before + WEIGHT * (ms - before));
    };
  }
}
