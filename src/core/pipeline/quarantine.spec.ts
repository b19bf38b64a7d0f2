import { describe, expect, it } from 'vitest';
import { Quarantine } from './quarantine.js';

/** Work that says when it begins and ends, and ends when it is told to. */
function pieces(...names: string[]) {
  const said: string[] = [];
  const ends = new Map(names.map((name) => [name, Promise.withResolvers<void>()]));
  const work = (name: string) => async (): Promise<string> => {
    said.push(`${name} begins`);
    await ends.get(name)!.promise;
    said.push(`${name} ends`);
    return name;
  };
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { said, work, end: async (name: string) => (ends.get(name)!.resolve(), settled()), settled };
}

describe(Quarantine.name, () => {
  it('does ordinary work side by side', async () => {
    const { said, work, settled, end } = pieces('a', 'b');
    const quarantine = new Quarantine();
    const both = Promise.all([quarantine.beside(work('a')), quarantine.beside(work('b'))]);
    await settled();
    expect(said).toEqual(['a begins', 'b begins']);
    await end('a');
    await end('b');
    expect(await both).toEqual(['a', 'b']);
  });

  it('begins alone when what is under way has ended, and lets nothing begin meanwhile', async () => {
    const { said, work, settled, end } = pieces('before', 'suspect', 'after', 'other suspect');
    const quarantine = new Quarantine();
    const all = [quarantine.beside(work('before')), quarantine.alone(work('suspect')), quarantine.beside(work('after'))];
    all.push(quarantine.alone(work('other suspect')));
    await settled();
    expect(said).toEqual(['before begins']);
    await end('before');
    expect(said.slice(1)).toEqual(['before ends', 'suspect begins']);
    await end('suspect');
    expect(said.slice(3)).toEqual(['suspect ends', 'other suspect begins']);
    await end('other suspect');
    expect(said.slice(5)).toEqual(['other suspect ends', 'after begins']);
    await end('after');
    expect(await Promise.all(all)).toEqual(['before', 'suspect', 'after', 'other suspect']);
  });

  it('goes on after work that failed, alone or not', async () => {
    const quarantine = new Quarantine();
    const fails = (): Promise<never> => Promise.reject(new Error('no'));
    await expect(quarantine.alone(fails)).rejects.toThrow('no');
    await expect(quarantine.beside(fails)).rejects.toThrow('no');
    expect(await quarantine.alone(async () => 1)).toBe(1);
    expect(await quarantine.beside(async () => 2)).toBe(2);
  });
});
