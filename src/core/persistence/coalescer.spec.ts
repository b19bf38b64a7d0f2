import { describe, expect, it } from 'vitest';
import { Coalescer } from './coalescer.js';

/** A run that takes each batch down and waits to be let on. */
function recorded(
  limits: ConstructorParameters<typeof Coalescer<string, string>>[1],
  refuse: (input: string) => Error | undefined = () => undefined,
) {
  const batches: string[][] = [];
  const coalescer = new Coalescer<string, string>(async (batch) => {
    batches.push([...batch]);
    await Promise.resolve();
    for (const input of batch) {
      const error = refuse(input);
      if (error !== undefined) throw error;
    }
    return batch.map((input) => input.toUpperCase());
  }, limits);
  const all = (inputs: readonly string[]): Promise<PromiseSettledResult<string>[]> =>
    Promise.allSettled(inputs.map((input) => coalescer.do(input)));
  const told = (answers: readonly PromiseSettledResult<string>[]): string[] =>
    answers.map((answer) => (answer.status === 'fulfilled' ? answer.value : String((answer.reason as Error).message)));
  return { batches, coalescer, all: async (inputs: readonly string[]) => told(await all(inputs)) };
}

describe(Coalescer.name, () => {
  it('sends the first at once and what comes meanwhile together', async () => {
    const { batches, all } = recorded({ most: 10 });
    expect(await all(['a', 'b', 'c', 'd'])).toEqual(['A', 'B', 'C', 'D']);
    expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
  });

  it('sends no more at once than it may, by number, by weight and by key, and always at least one', async () => {
    const byNumber = recorded({ most: 2 });
    await byNumber.all(['a', 'b', 'c', 'd']);
    expect(byNumber.batches).toEqual([['a'], ['b', 'c'], ['d']]);
    const byWeight = recorded({ most: 10, weight: 5, weigh: (input) => input.length });
    await byWeight.all(['a', 'bbbbbbbb', 'cc', 'ddd', 'e']);
    expect(byWeight.batches).toEqual([['a'], ['bbbbbbbb'], ['cc', 'ddd'], ['e']]);
    const byKey = recorded({ most: 10, key: (input) => input });
    await byKey.all(['x', 'a', 'b', 'a', 'c']);
    expect(byKey.batches).toEqual([['x'], ['a', 'b'], ['a', 'c']]);
  });

  it('tells a fault to its owner only', async () => {
    const { batches, all } = recorded({ most: 10 }, (input) => (input === 'c' ? new Error('refused') : undefined));
    expect(await all(['a', 'b', 'c', 'd'])).toEqual(['A', 'B', 'refused', 'D']);
    expect(batches).toEqual([['a'], ['b', 'c', 'd'], ['b'], ['c'], ['d']]);
  });

  it('tells all of a batch when the database is away, and goes on with the next', async () => {
    let isAway = false;
    const { batches, all } = recorded({ most: 10 }, () =>
      isAway ? Object.assign(new Error('away'), { code: 'ECONNREFUSED' }) : undefined,
    );
    isAway = true;
    expect(await all(['a', 'b', 'c'])).toEqual(['away', 'away', 'away']);
    expect(batches).toEqual([['a'], ['b', 'c']]);
    isAway = false;
    expect(await all(['d'])).toEqual(['D']);
  });
});
