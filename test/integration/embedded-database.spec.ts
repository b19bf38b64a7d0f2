import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isRunning } from '../../src/core/persistence/embedded/server-process.js';
import { EmbeddedDatabase } from '../../src/core/persistence/embedded-postgres.js';
import { createTestDatabase } from '../support/postgres.js';

describe(EmbeddedDatabase.name, () => {
  let dataDir: string;
  const started: EmbeddedDatabase[] = [];
  const embedded = (): EmbeddedDatabase => {
    const database = new EmbeddedDatabase({ dataDir, settings: { fsync: 'off' } });
    started.push(database);
    return database;
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'vedette-embedded-'));
  });
  afterEach(async () => {
    await Promise.all(started.splice(0).map((database) => database.stop()));
    await rm(dataDir, { recursive: true, force: true });
  });

  const query = async (url: string, sql: string): Promise<unknown[]> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };

  it('keeps its data over a stop and a start, and its password in a file only the owner reads', async () => {
    const first = embedded();
    await query((await first.start()).url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const pid = first.pid as number;
    await first.stop();
    expect(isRunning(pid)).toBe(false);

    const { url } = await embedded().start();
    expect(await query(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    const secret = join(dataDir, 'secrets', 'postgres-password');
    expect((await stat(secret)).mode & 0o777).toBe(0o600);
    expect(url).toContain(encodeURIComponent((await readFile(secret, 'utf8')).trim()));
  });

  it('refuses a connection without the password', async () => {
    const { url } = await embedded().start();
    const wrong = new URL(url);
    wrong.password = 'guess';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('ends the server that a killed parent left behind', async () => {
    const orphan = embedded();
    await orphan.start();
    const pid = orphan.pid as number;

    const { url } = await embedded().start();
    expect(isRunning(pid)).toBe(false);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('starts although the pid in a stale pid file belongs to another process by now', async () => {
    const crashed = embedded();
    await crashed.start();
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    const content = await readFile(pidFile, 'utf8');
    process.kill(crashed.pid as number, 'SIGKILL');
    await crashed.exited();

    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    try {
      await writeFile(pidFile, content.replace(/^\d+/, String(bystander.pid)));
      const { url } = await embedded().start();
      expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
      expect(isRunning(bystander.pid as number)).toBe(true);
    } finally {
      bystander.kill('SIGKILL');
    }
  });

  it('says what to do when the data folder cannot be written', async () => {
    const file = join(dataDir, 'a-file');
    await writeFile(file, '');
    const database = new EmbeddedDatabase({ dataDir: join(file, 'data') });
    await expect(database.start()).rejects.toMatchObject({ code: 'VD_DATABASE_DIR_UNUSABLE', fix: expect.stringContaining('dataDir') });
  });
});

describe(createTestDatabase.name, () => {
  it('gives each test a database of its own with the ledger and the queues in it', async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(one.url).not.toBe(two.url);
    const client = new pg.Client({ connectionString: one.url });
    await client.connect();
    const { rows } = await client.query("SELECT to_regclass('public.analysis_runs') IS NOT NULL AS ledger, to_regnamespace('bullmq') IS NOT NULL AS queues");
    await client.end();
    expect(rows).toEqual([{ ledger: true, queues: true }]);
    await Promise.all([one.drop(), two.drop()]);
  });
});
