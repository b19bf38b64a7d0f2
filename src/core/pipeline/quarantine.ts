import { Injectable } from '@nestjs/common';
import { Mutex } from 'async-mutex';

/**
 * Keeps work that may have ended a worker apart from everything else in this process. Should it end this process too, nothing else
 * was under way that would be held to have done so.
 */
@Injectable()
export class Quarantine {
  private readonly gate = new Mutex();
  private readonly underWay = new Set<Promise<unknown>>();

  /** Does ordinary work, beside other ordinary work. Waits while something is done alone. */
  async beside<T>(work: () => Promise<T>): Promise<T> {
    while (this.gate.isLocked()) await this.gate.waitForUnlock();
    // No await before it is among what is under way: nothing can begin alone in between.
    const running = work();
    this.underWay.add(running);
    try {
      return await running;
    } finally {
      this.underWay.delete(running);
    }
  }

  /** Waits until nothing is under way, and lets nothing begin until this work is done. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    return this.gate.runExclusive(async () => {
      await Promise.allSettled(this.underWay);
      return work();
    });
  }
}
