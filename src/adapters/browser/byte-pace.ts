import { setTimeout as delay } from 'node:timers/promises';

/** So much may come at once after a pause: what a page kept while its connection was slow. */
const BURST_S = 8;

/** Lets bytes through at a rate in the long run. */
export class BytePace {
  private credit: number;
  private readonly burst: number;
  private filledAtMs: number;

  constructor(
    private readonly bytesPerS: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.burst = this.credit = bytesPerS * BURST_S;
    this.filledAtMs = nowMs();
  }

  /** @returns how long to wait before more is read, in ms */
  take(bytes: number): number {
    const nowMs = this.nowMs();
    this.credit = Math.min(this.burst, this.credit + ((nowMs - this.filledAtMs) / 1000) * this.bytesPerS) - bytes;
    this.filledAtMs = nowMs;
    return this.credit >= 0 ? 0 : Math.ceil((-this.credit / this.bytesPerS) * 1000);
  }

  async pass(bytes: number, signal: AbortSignal): Promise<void> {
    const waitMs = this.take(bytes);
    if (waitMs > 0) await delay(waitMs, undefined, { signal }).catch(() => undefined);
  }
}
