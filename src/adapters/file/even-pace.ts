import { setTimeout as delay } from 'node:timers/promises';

/** How long files are worked on at once: what is live comes in between. */
const SLICE_MS = 5;
/** Rest after work, as a share of it. */
const REST = 1;

/** Leaves at least half of this process's time to what is live. */
export class EvenPace {
  private sinceMs: number;

  constructor(private readonly nowMs: () => number = () => performance.now()) {
    this.sinceMs = nowMs();
  }

  /** Called after each bit of work; waits when it was enough. */
  async rest(): Promise<void> {
    const workedMs = this.nowMs() - this.sinceMs;
    if (workedMs < SLICE_MS) return;
    await delay(Math.min(workedMs, 10 * SLICE_MS) * REST);
    this.sinceMs = this.nowMs();
  }
}
