import { EventEmitter } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SilentLogger } from '../../../../test/support/fakes/silent-logger.js';
import { until } from '../../../../test/support/until.js';
import { FolderWatch, type WatchFolder } from './folder-watch.js';

/** What Node throws where inotify is used up. */
const usedUp = (code: string): never => {
  throw Object.assign(new Error(`${code}: System limit for number of file watchers reached, watch '/media'`), { code, syscall: 'watch' });
};

describe(FolderWatch, () => {
  let folder: string;
  let watching: FolderWatch | undefined;
  const logger = new SilentLogger();
  let wakes = 0;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-folder-'));
    logger.lines.length = 0;
    wakes = 0;
  });
  afterEach(async () => {
    vi.useRealTimers();
    watching?.close();
    await rm(folder, { recursive: true });
  });
  const watch = (watchFolder?: WatchFolder): void => {
    const options = { logger, lookEveryMs: 10, ...(watchFolder === undefined ? {} : { watchFolder }) };
    watching = new FolderWatch(folder, 'index.m3u8', () => (wakes += 1), options);
  };

  it('wakes when the file is replaced, and not for others', async () => {
    watch();
    await writeFile(join(folder, '000000.ts'), 'x');
    await writeFile(join(folder, 'index.m3u8.tmp'), 'x');
    await rename(join(folder, 'index.m3u8.tmp'), join(folder, 'index.m3u8'));
    await until('a notice of the file', () => wakes > 0);
    expect(logger.lines).toEqual([]);
  });

  it.each([
    ['ENOSPC', 'fs.inotify.max_user_instances'],
    ['EMFILE', 'ulimit -n'],
  ])('looks by itself where there are no watches (%s), and names the limit', (code, limit) => {
    vi.useFakeTimers();
    watch(() => usedUp(code));
    vi.advanceTimersByTime(30);
    expect(wakes).toBe(3);
    expect(logger.lines).toMatchObject([{ level: 'warn', fields: { usedUp: expect.stringContaining(limit) as unknown } }]);
  });

  it('looks by itself when a watch fails later, and stops when it is closed', () => {
    vi.useFakeTimers();
    const notices = Object.assign(new EventEmitter(), { close: () => undefined });
    watch(() => notices as unknown as ReturnType<WatchFolder>);
    notices.emit('error', new Error('the folder was moved'));
    notices.emit('error', new Error('once more'));
    vi.advanceTimersByTime(20);
    expect(wakes).toBe(2);
    expect(logger.lines).toHaveLength(1);
    watching?.close();
    vi.advanceTimersByTime(100);
    expect(wakes).toBe(2);
  });
});
