import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SegmentCache, type SegmentLoader } from './segment-cache.js';

const epoch = `${randomUUID()}/${randomUUID()}`;
const pathOf = (sequence: number): string => `${epoch}/${String(sequence).padStart(6, '0')}.ts`;
const never = new AbortController().signal;

let folder: string;
let cache: SegmentCache;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'vd-cache-'));
  cache = new SegmentCache(folder, 250);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const loads: SegmentLoader = async (file) => {
  await writeFile(file, Buffer.alloc(100));
  return 100;
};
const there = (sequence: number): boolean => existsSync(join(cache.root, pathOf(sequence)));
const use = async (sequence: number): Promise<void> => (await cache.hold(pathOf(sequence), never, loads)).release();

describe(SegmentCache.name, () => {
  it('lets the longest unused go first, and its empty folders with it', async () => {
    for (const sequence of [0, 1, 0, 2]) await use(sequence);
    expect([there(0), there(1), there(2)]).toEqual([true, false, true]);
    const other = `${randomUUID()}/${randomUUID()}`;
    for (const name of ['000000.ts', '000001.ts']) (await cache.hold(`${other}/${name}`, never, loads)).release();
    expect(readdirSync(cache.root)).toEqual([other.slice(0, 36)]);
  });

  it('keeps what is held, however full it is, and makes room when it is released', async () => {
    const held = await Promise.all([0, 1, 2, 3].map((sequence) => cache.hold(pathOf(sequence), never, loads)));
    expect([0, 1, 2, 3].map(there)).toEqual([true, true, true, true]);
    const again = await cache.hold(pathOf(0), never, loads);
    for (const one of held) one.release();
    for (const one of held) one.release(); // twice is once
    expect([0, 1, 2, 3].map(there)).toEqual([true, false, false, true]);
    again.release();
    await use(4);
    expect([0, 3, 4].map(there)).toEqual([true, false, true]);
  });

  it('loads once, however many ask', async () => {
    let times = 0;
    const gate = Promise.withResolvers<void>();
    const slow: SegmentLoader = async (file, signal) => {
      times += 1;
      await gate.promise;
      return loads(file, signal);
    };
    const asked = Array.from({ length: 50 }, () => cache.hold(pathOf(0), never, slow));
    gate.resolve();
    const held = await Promise.all(asked);
    expect(times).toBe(1);
    for (const one of held.slice(1)) one.release();
    await use(1);
    await use(2);
    expect(there(0)).toBe(true);
  });

  it('never shows a part of a segment under its name', async () => {
    const half = Promise.withResolvers<void>();
    const rest = Promise.withResolvers<void>();
    const slow: SegmentLoader = async (file) => {
      await writeFile(file, Buffer.alloc(60));
      half.resolve();
      await rest.promise;
      await writeFile(file, Buffer.alloc(100));
      return 100;
    };
    const asked = cache.hold(pathOf(0), never, slow);
    await half.promise;
    expect([there(0), cache.has(pathOf(0))]).toEqual([false, false]);
    rest.resolve();
    await asked;
    expect(await readFile(join(cache.root, pathOf(0)))).toHaveLength(100);
  });

  it('keeps nothing of a load that failed, and tries anew for the next who asks', async () => {
    const fails: SegmentLoader = async (file) => {
      await writeFile(file, 'half');
      throw new Error('cut off');
    };
    await expect(cache.hold(pathOf(0), never, fails)).rejects.toThrow('cut off');
    expect(readdirSync(cache.root)).toEqual([]);
    await use(0);
    expect(there(0)).toBe(true);
  });

  it('goes on while anyone waits, and calls the load off when nobody does', async () => {
    const started = Promise.withResolvers<AbortSignal>();
    const hangs: SegmentLoader = (_, signal) => {
      started.resolve(signal);
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    };
    const [one, two] = [new AbortController(), new AbortController()];
    const first = cache.hold(pathOf(0), one.signal, hangs);
    const second = cache.hold(pathOf(0), two.signal, hangs);
    const load = await started.promise;
    one.abort();
    await expect(first).rejects.toThrow();
    expect(load.aborted).toBe(false);
    two.abort();
    await expect(second).rejects.toThrow();
    expect(load.aborted).toBe(true);
    await use(0);
    expect(there(0)).toBe(true);
  });

  it('tries again for one that needs it what failed for one that would have liked it', async () => {
    const gate = Promise.withResolvers<void>();
    const liked = cache.hold(pathOf(0), never, async () => gate.promise.then(() => Promise.reject(new Error('no'))), true);
    const needed = cache.hold(pathOf(0), never, loads);
    gate.resolve();
    await expect(liked).rejects.toThrow('no');
    await needed;
    expect(there(0)).toBe(true);
  });

  it.each(['../../x.ts', '/etc/passwd', `${epoch}/../000000.ts`, `${epoch}/000000.ts/..`, 'a\\b', `${epoch}/x.ts`])(
    'writes nothing for %s',
    async (path) => {
      await expect(cache.hold(path, never, loads)).rejects.toMatchObject({ code: 'VD_MEDIA_ADDRESS_INVALID' });
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it('removes what earlier processes left, not what another one uses, here or in another container', async () => {
    await use(0);
    const host = hostname();
    const kept = [`${host}-${process.ppid}`, 'other-host-7'];
    for (const name of [`${host}-4194999`, `${host}-odd`, 'gone-host-7', ...kept]) await mkdir(join(folder, name));
    const old = new Date(Date.now() - 25 * 3_600_000);
    await utimes(join(folder, 'gone-host-7'), old, old);
    await new SegmentCache(folder, 250).clean();
    expect(readdirSync(folder).sort()).toEqual(kept.sort());
    await new SegmentCache(join(folder, 'none'), 250).clean();
  });

  it('loads again what somebody took away', async () => {
    await use(0);
    await rm(cache.root, { recursive: true });
    await use(0);
    expect(there(0)).toBe(true);
    await use(1);
    expect([there(0), there(1)]).toEqual([true, true]);
  });

  it('takes its folder along when it ends', async () => {
    await use(0);
    await cache.close();
    expect(readdirSync(folder)).toEqual([]);
  });
});
