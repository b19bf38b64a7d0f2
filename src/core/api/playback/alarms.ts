export interface Alarm {
  /** Settles with the first ring after it was set. */
  readonly rung: Promise<void>;
  clear(): void;
}

/** Wakes all who wait for news of one thing. Nobody misses what happens after his alarm was set. */
export class Alarms {
  private readonly waiting = new Map<string, Set<() => void>>();

  set(key: string): Alarm {
    const { promise: rung, resolve } = Promise.withResolvers<void>();
    const waiting = this.waiting.get(key) ?? new Set();
    this.waiting.set(key, waiting.add(resolve));
    return {
      rung,
      clear: () => {
        waiting.delete(resolve);
        if (waiting.size === 0 && this.waiting.get(key) === waiting) this.waiting.delete(key);
      },
    };
  }

  ring(key: string): void {
    for (const wake of this.waiting.get(key) ?? []) wake();
  }
}
