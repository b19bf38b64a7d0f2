/** How often the watch looks. */
const LOOK_EVERY_MS = 500;

export interface StallWatchOptions {
  /** Longest time without progress. */
  readonly timeoutMs: number;
  /** The same until the first progress: a camera takes a while to open. */
  readonly startTimeoutMs: number;
  readonly onStall: (idleMs: number) => void;
}

/**
 * Notices a process that stands still. Time in which this process itself did not run (a sleeping machine, a blocked event loop) is not
 * held against it.
 */
export class StallWatch {
  private idleMs = 0;
  private flowing = false;
  private lookedAt = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor(options: StallWatchOptions) {
    this.timer = setInterval(() => {
      const now = performance.now();
      const elapsedMs = Math.min(now - this.lookedAt, 2 * LOOK_EVERY_MS);
      this.lookedAt = now;
      this.idleMs += elapsedMs;
      if (this.idleMs <= (this.flowing ? options.timeoutMs : options.startTimeoutMs)) return;
      this.stop();
      options.onStall(this.idleMs);
    }, LOOK_EVERY_MS);
  }

  progress(): void {
    this.idleMs = 0;
    this.flowing = true;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
