import { Mutex } from 'async-mutex';

/** Hands out turns by name: who asks first goes first, different names do not wait for each other. */
export class KeyedLock {
  /** Of the names that somebody has, or waits for. */
  private readonly mutexes = new Map<string, Mutex>();

  /**
   * Waits until all of these are free. They are taken one after another in one order for everybody, so that no two can wait for
   * each other.
   * @returns gives them back
   */
  async take(names: Iterable<string>): Promise<() => void> {
    const taken: (() => void)[] = [];
    for (const name of [...new Set(names)].sort()) taken.push(await this.takeOne(name));
    return () => {
      for (const giveBack of taken) giveBack();
    };
  }

  private async takeOne(name: string): Promise<() => void> {
    const mutex = this.mutexes.get(name) ?? new Mutex();
    this.mutexes.set(name, mutex);
    const release = await mutex.acquire();
    return () => {
      release();
      // Whoever waited has it by now.
      if (!mutex.isLocked()) this.mutexes.delete(name);
    };
  }
}
