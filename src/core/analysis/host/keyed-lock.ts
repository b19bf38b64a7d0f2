/** Hands out turns by name: who asks first goes first, different names do not wait for each other. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<void>>();

  /**
   * Waits until all of these are free. They are taken one after another in one order for everybody, so that no two can wait for
   * each other.
   * @returns gives them back
   */
  async take(names: Iterable<string>): Promise<() => void> {
    const taken: (() => void)[] = [];
    for (const name of [...new Set(names)].sort()) {
      const before = this.#last.get(name);
      const { promise: turn, resolve } = Promise.withResolvers<void>();
      this.#last.set(name, turn);
      taken.push(() => {
        if (this.#last.get(name) === turn) this.#last.delete(name);
        resolve();
      });
      await before;
    }
    return () => {
      for (const giveBack of taken) giveBack();
    };
  }
}
