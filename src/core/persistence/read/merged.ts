/**
 * Two lists, each in order and given in pieces, as one in order. Neither is read further than it has to be.
 * @example for await (const rows of merged(some, others, (a, b) => a.at - b.at)) …
 */
export async function* merged<T>(
  one: AsyncIterable<readonly T[]>,
  other: AsyncIterable<readonly T[]>,
  order: (a: T, b: T) => number,
): AsyncGenerator<T[], void, void> {
  const sides = [new Side(one), new Side(other)] as const;
  const [left, right] = sides;
  try {
    while ((await left.fill()) && (await right.fill())) {
      // All that is known of either up to where the one ends that ends first.
      const until = order(left.last, right.last) <= 0 ? left.last : right.last;
      const both = [...left.takeWhile((item) => order(item, until) <= 0), ...right.takeWhile((item) => order(item, until) <= 0)];
      yield both.sort(order);
    }
    for (const side of sides) while (await side.fill()) yield side.takeWhile(() => true);
  } finally {
    for (const side of sides) await side.close();
  }
}

class Side<T> {
  private readonly pieces: AsyncIterator<readonly T[]>;
  private items: readonly T[] = [];

  constructor(list: AsyncIterable<readonly T[]>) {
    this.pieces = list[Symbol.asyncIterator]();
  }

  /** Only after {@link fill} said that there is one. */
  get last(): T {
    return this.items.at(-1)!;
  }

  /** @returns whether there is anything left */
  async fill(): Promise<boolean> {
    while (this.items.length === 0) {
      const piece = await this.pieces.next();
      if (piece.done === true) return false;
      this.items = piece.value;
    }
    return true;
  }

  takeWhile(is: (item: T) => boolean): T[] {
    const end = this.items.findIndex((item) => !is(item));
    const taken = this.items.slice(0, end < 0 ? this.items.length : end);
    this.items = this.items.slice(taken.length);
    return taken;
  }

  async close(): Promise<void> {
    await this.pieces.return?.();
  }
}
