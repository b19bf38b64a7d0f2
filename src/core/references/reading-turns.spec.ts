import { setImmediate as settled } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ReadingTurns } from './reading-turns.js';

describe(ReadingTurns.name, () => {
  it('lets one read at a time, in the order they came, and turns away those for whom there is no place to wait', async () => {
    const turns = new ReadingTurns(2);
    const order: string[] = [];
    const done = Promise.withResolvers<void>();
    const read = (name: string): Promise<void> =>
      turns.take(async () => {
        order.push(name);
        await done.promise;
      });
    const reading = ['first', 'second', 'third'].map(read);
    await expect(read('fourth')).rejects.toMatchObject({ code: 'VD_PICTURE_BUSY' });
    await settled();
    expect(order).toEqual(['first']);
    done.resolve();
    await Promise.all(reading);
    await read('fifth');
    expect(order).toEqual(['first', 'second', 'third', 'fifth']);
  });

  it('gives the turn on where reading fails', async () => {
    const turns = new ReadingTurns(1);
    const failing = turns.take(() => Promise.reject(new Error('damaged')));
    const next = turns.take(() => Promise.resolve('read'));
    await expect(failing).rejects.toThrow('damaged');
    await expect(next).resolves.toBe('read');
  });
});
