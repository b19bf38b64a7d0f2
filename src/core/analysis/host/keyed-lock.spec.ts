import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { KeyedLock } from './keyed-lock.js';

describe(KeyedLock.name, () => {
  it('lets one at a time have a name, in the order they asked, and others go by', async () => {
    const turns = new KeyedLock();
    const order: string[] = [];
    const first = await turns.take(['a']);
    const second = turns.take(['a']).then((giveBack) => (order.push('second'), giveBack));
    const third = turns.take(['a']).then((giveBack) => (order.push('third'), giveBack));
    const other = await turns.take(['b']);
    await settled();
    expect(order).toEqual([]);
    first();
    const giveBack = await second;
    await settled();
    expect(order).toEqual(['second']);
    giveBack();
    (await third)();
    other();
    expect(order).toEqual(['second', 'third']);
  });

  it('has no two wait for each other, however they name what they want', async () => {
    const turns = new KeyedLock();
    let inside = 0;
    const one = async (names: string[]): Promise<void> => {
      const giveBack = await turns.take(names);
      expect(++inside).toBe(1);
      await settled();
      inside--;
      giveBack();
    };
    await Promise.all([one(['a', 'b', 'a']), one(['b', 'a']), one(['b', 'c', 'a']), one(['a', 'b'])]);
    expect(inside).toBe(0);
  });

  it('waits for nothing where nothing is wanted', async () => {
    const turns = new KeyedLock();
    await turns.take(['a']);
    await expect(turns.take([])).resolves.toBeTypeOf('function');
  });
});
