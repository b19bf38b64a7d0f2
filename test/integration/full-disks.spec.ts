import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DataSource } from 'typeorm';
import { afterAll, describe, expect, it } from 'vitest';
import { FolderWriteCheck } from '../../src/core/media/store/folder-write-check.js';
import { EmbeddedDatabase } from '../../src/core/persistence/embedded-postgres.js';
import { Database } from '../../src/core/persistence/database.js';
import { DatabaseWriteCheck } from '../../src/core/persistence/read/write-check.js';
import { SmallDisk } from '../support/small-disk.js';
import { until } from '../support/until.js';

const MEBIBYTE = 1024 ** 2;
const mounted: SmallDisk[] = [];
function disk(mebibytes: number): SmallDisk {
  const made = SmallDisk.mount(mebibytes * MEBIBYTE);
  if (made === null) throw new Error('This process may not mount');
  mounted.push(made);
  return made;
}
const probe = SmallDisk.mount(MEBIBYTE);
probe?.unmount();
/** Said in the name of what is skipped. */
const mayMount = probe !== null;
afterAll(() => mounted.forEach((one) => one.unmount()));

describe(FolderWriteCheck.name, () => {
  it('finds a folder that is there writable, and one that is not there not', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vedette-writable-'));
    expect(await new FolderWriteCheck(folder).look()).toEqual({ freeBytes: expect.any(Number) as number, writeFault: null });
    rmSync(folder, { recursive: true });
    expect(await new FolderWriteCheck(folder).look()).toEqual({ freeBytes: null, writeFault: expect.stringContaining('ENOENT') as string });
  });

  it.skipIf(!mayMount)('counts what can be written now, on a small disk too (needs the right to mount)', async () => {
    const media = disk(20);
    const check = new FolderWriteCheck(media.folder);
    expect((await check.look()).writeFault).toBeNull();
    media.fill();
    expect((await check.look()).writeFault).toMatch(/ENOSPC|KiB left/);
    media.makeRoom();
    expect((await check.look()).writeFault).toBeNull();
    media.makeReadOnly(true);
    expect((await check.look()).writeFault).toContain('EROFS');
    media.makeReadOnly(false);
    expect((await check.look()).writeFault).toBeNull();
  });
});

describe.skipIf(!mayMount)(`${DatabaseWriteCheck.name} (needs the right to mount)`, () => {
  it('says within seconds that the disk of a server that still answers reads is full, and when there is room again', async () => {
    const small = disk(160);
    const server = new EmbeddedDatabase({ dataDir: small.folder, settings: { min_wal_size: '32MB', max_wal_size: '48MB', fsync: 'off' } });
    const { url } = await server.start();
    const source = await new DataSource({ type: 'postgres', url, extra: { max: 2 } }).initialize();
    try {
      const check = new DatabaseWriteCheck(new Database(source));
      expect(await check.fault()).toBeNull();
      small.fill();
      await until('the full disk to be noticed', async () => /No space left on device/.test((await check.fault()) ?? ''), 10_000);
      expect(await source.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
      small.makeRoom();
      await until('the room to be noticed', async () => (await check.fault()) === null, 10_000);
    } finally {
      await source.destroy();
      await server.stop();
    }
  });
});
