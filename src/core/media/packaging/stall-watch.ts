/** How often the watch looks. */
const LOOK_EVERY_MS = 500;

export interface StallWatchOptions {
  /** Longest time without progress while there is something to do. */
  readonly timeoutMs: number;
  /** The same until the first progress: a camera takes a while to open. */
  readonly startTimeoutMs: number;
  /** Whether there is something to do now. */
  readonly busy: () => boolean;
  readonly onStall: (idleMs: number) => void;
}

/**
 * Notices a process that stands still though it has work. Time in which this process itself did not run (a sleeping
 * machine, a blocked event loop) is not held against it, nor is time in which it was given nothing to do.
 */
export class StallWatch {
  private idleMs = 0;
  private worked = false;
  private flowing = false;
  private lookedAt = performance.now();
  private readonly timer: NodeJS.Timeout;

  constructor(options: StallWatchOptions) {
    this.timer = setInterval(() => {
      const now = performance.now();
      const elapsedMs = Math.min(now - this.lookedAt, 2 * LOOK_EVERY_MS);
      this.lookedAt = now;
      const hadWork = this.worked || options.busy();
      this.worked = false;
      if (!hadWork) return;
      this.idleMs += elapsedMs;
      if (this.idleMs <= (this.flowing ? options.timeoutMs : options.startTimeoutMs)) return;
      this.stop();
      options.onStall(this.idleMs);
    }, LOOK_EVERY_MS);
  }

  /** It was given something to do. */
  work(): void {
    this.worked = true;
  }

  progress(): void {
    this.idleMs = 0;
    this.flowing = true;
  }

  stop(): void {
    clearInterval(this.timer);
  }
}
