import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { databaseFinding } from '../../src/cli/commands/doctor.js';
import { vedetteConfigSchema } from '../../src/core/config/schema.js';
import { findPostgresBinaries } from '../../src/core/persistence/embedded/postgres-binaries.js';
import { migrateDatabase } from '../../src/core/queue/queue-migrations.js';
import { isRunning } from '../../src/core/persistence/embedded/server-process.js';
import { EmbeddedDatabase } from '../../src/core/persistence/embedded-postgres.js';
import { reservePort } from '../support/reserve-port.js';
import { until } from '../support/until.js';
import { query } from '../support/query.js';

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

  it('keeps its data over a stop and a start, and its password in a file only the owner reads', async () => {
    const first = embedded();
    await query((await first.start()).url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const pid = first.pid as number;
    await first.stop();
    expect(isRunning(pid)).toBe(false);

    const { url } = await embedded().start();
    expect(await query(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    for (const name of ['postgres-password', 'postgres-app-password'])
      expect((await stat(join(dataDir, 'secrets', name))).mode & 0o777).toBe(0o600);
    expect(url).toContain(encodeURIComponent((await readFile(join(dataDir, 'secrets', 'postgres-app-password'), 'utf8')).trim()));
  });

  it('connects roles as one that owns its database and may do nothing outside it', async () => {
    const { url, superuserUrl } = await embedded().start();
    expect(
      await query(url, 'SELECT rolsuper, rolcreaterole, rolcreatedb, rolbypassrls FROM pg_roles WHERE rolname = current_user'),
    ).toEqual([{ rolsuper: false, rolcreaterole: false, rolcreatedb: false, rolbypassrls: false }]);
    await query(url, 'CREATE TABLE told (line text)');
    for (const statement of [
      `COPY told FROM PROGRAM 'id'`,
      `COPY told FROM '/etc/passwd'`,
      `COPY told TO '/tmp/vedette-told'`,
      `SELECT pg_read_file('/etc/passwd')`,
      `SELECT lo_import('/etc/passwd')`,
      `ALTER SYSTEM SET archive_command = 'id'`,
      'ALTER ROLE CURRENT_USER SUPERUSER',
    ])
      await expect(query(url, statement), statement).rejects.toMatchObject({ code: '42501' });
    const finding = (databaseUrl: string) =>
      databaseFinding({ config: vedetteConfigSchema.parse({ database: { url: databaseUrl } }), file: null, baseDir: '.' }, false);
    expect(await finding(url)).toMatch(/^PostgreSQL \S+ answers$/);
    expect(await finding(superuserUrl)).toEqual({ note: expect.stringMatching(/role vedette is a superuser/) });
  });

  it('gives the data of a cluster whose roles were superuser to the role that is not', async () => {
    const before = embedded();
    const { superuserUrl } = await before.start();
    // As it was: one role, the cluster's superuser, made the database and everything in it.
    await query(superuserUrl, 'ALTER DATABASE vedette OWNER TO vedette; DROP ROLE vedette_app');
    const old = new URL(superuserUrl);
    old.pathname = '/vedette';
    await migrateDatabase(old.href);
    await query(
      old.href,
      `CREATE SCHEMA odd; CREATE TYPE odd.mood AS ENUM ('fine'); CREATE TYPE odd.pair AS (a int, b int); CREATE DOMAIN odd.positive AS int;
       CREATE SEQUENCE odd.counter; CREATE TABLE odd."a table" (id serial PRIMARY KEY, mood odd.mood); CREATE VIEW odd.seen AS SELECT *
         FROM odd."a table";
       CREATE MATERIALIZED VIEW odd.kept AS SELECT 1; CREATE FUNCTION odd.two() RETURNS int LANGUAGE sql AS 'SELECT 2'; INSERT INTO odd."a table" (mood) VALUES ('fine')`,
    );
    await before.stop();

    const { url } = await embedded().start();
    const owners = await query(
      url,
      `SELECT DISTINCT pg_get_userbyid(owner) AS owner FROM (
         SELECT oid, relowner AS owner, relnamespace AS schema FROM pg_class UNION ALL SELECT oid, proowner, pronamespace FROM pg_proc
         UNION ALL SELECT oid, typowner, typnamespace FROM pg_type UNION ALL SELECT oid, nspowner, oid FROM pg_namespace) AS everything
       JOIN pg_namespace n ON n.oid = schema WHERE
         -- What an extension brings is the cluster's, whoever installs it.
         NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = everything.oid AND d.deptype = 'e') AND nspname !~ '^pg_' AND nspname <> 'information_schema'
         AND pg_get_userbyid(owner) <> 'pg_database_owner'`,
    );
    expect(owners).toEqual([{ owner: 'vedette_app' }]);
    expect(await query(url, `SELECT pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = 'vedette'`)).toEqual([
      { owner: 'vedette_app' },
    ]);
    expect(await query(url, `INSERT INTO odd."a table" (mood) VALUES ('fine') RETURNING id`)).toEqual([{ id: 2 }]);
    await migrateDatabase(url);
    await query(url, 'DROP SCHEMA odd CASCADE; ALTER TABLE analysis_runs ADD COLUMN more int');
  });

  it.runIf(process.getuid?.() === 0)('runs without a capability, also below a folder that its user cannot pass through', async () => {
    // mkdtemp's folder is root's alone.
    const database = embedded();
    const { url } = await database.start();
    const status = await readFile(`/proc/${database.pid}/status`, 'utf8');
    for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb']) expect(status).toMatch(new RegExp(`Cap${set}:\\s0000000000000000`));
    expect(status).toMatch(/NoNewPrivs:\s1/);
    expect(status).not.toMatch(/Uid:\s0/);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
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

  it.runIf(process.platform === 'linux').each(['is as it was', 'names another process by now'])(
    'ends what is left of a server that was killed and has not noticed, when its pid file %s',
    async (how) => {
      const crashed = embedded();
      const { url } = await crashed.start();
      await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
      const busy = new pg.Client({ connectionString: url });
      busy.on('error', () => undefined);
      await busy.connect();
      const { rows } = await busy.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const endless = busy.query('DO $$ BEGIN LOOP END LOOP; END $$').catch((error: unknown) => error);
      const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
      const content = await readFile(pidFile, 'utf8');
      process.kill(crashed.pid as number, 'SIGKILL');
      await crashed.exited();
      expect(isRunning(rows[0]!.pid)).toBe(true);

      if (how !== 'is as it was') await writeFile(pidFile, content.replace(/^\d+/, String(process.pid)));
      const { url: again } = await embedded().start();
      expect(isRunning(rows[0]!.pid)).toBe(false);
      expect(await query(again, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
      expect(await endless).toBeInstanceOf(Error);
    },
  );

  it('takes another port when the one that was free is taken, and that one again after it died', async () => {
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
    const choices = [(taken.address() as AddressInfo).port, await reservePort(), await reservePort()];
    const second = choices[1];
    const database = new EmbeddedDatabase({ dataDir, settings: { fsync: 'off' }, choosePort: async () => choices.shift() ?? 0 });
    started.push(database);
    expect((await database.start()).port).toBe(second);
    taken.close();
    process.kill(database.pid as number, 'SIGKILL');
    await database.exited();
    expect((await database.start()).port).toBe(second);
  });

  it('starts with its data after a power cut that emptied the small files, or left half of them', async () => {
    const path = (name: string): string => join(dataDir, name);
    const crashed = embedded();
    await query((await crashed.start()).url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    process.kill(crashed.pid as number, 'SIGKILL');
    await crashed.exited();
    const orphanPid = await readFile(path('postgres/postmaster.pid'), 'utf8');
    const damages = [
      { name: 'postgres/postmaster.pid', content: '' },
      { name: 'postgres/postmaster.pid', content: orphanPid.slice(0, 2) },
      { name: 'postgres/PG_VERSION', content: '' },
      { name: 'postgres/PG_VERSION', content: null },
      { name: 'postgres/pg_hba.conf', content: '\0\0\0' },
      { name: 'postgres/pg_hba.conf', content: '# TYPE  DATABASE        USER' },
      { name: 'secrets/postgres-password', content: '' },
      { name: 'secrets/postgres-password', content: null },
      { name: 'secrets/postgres-password', content: 'half_of_a_passwo' },
    ];
    // All first, each in one of two starts: a start takes a second.
    for (const round of [damages.filter((_, i) => i % 2 === 0), damages.filter((_, i) => i % 2 === 1)]) {
      for (const { name, content } of round) await (content === null ? rm(path(name)) : writeFile(path(name), content));
      const database = embedded();
      const { url } = await database.start();
      expect(await query(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
      await database.stop();
    }
  });

  it('ends a server that still runs although its pid file was emptied', async () => {
    const orphan = embedded();
    await orphan.start();
    const pid = orphan.pid as number;
    await writeFile(join(dataDir, 'postgres', 'postmaster.pid'), '');
    await embedded().start();
    expect(isRunning(pid)).toBe(false);
  });

  it('makes no new cluster in the place of files that may be an old one, and says what to do', async () => {
    await mkdir(join(dataDir, 'postgres', 'base'), { recursive: true });
    await writeFile(join(dataDir, 'postgres', 'base', 'rows'), 'somebody misses them');
    await expect(embedded().start()).rejects.toMatchObject({
      code: 'VD_DATABASE_FILES_DAMAGED',
      message: expect.stringContaining('PG_VERSION'),
    });
    expect(await readFile(join(dataDir, 'postgres', 'base', 'rows'), 'utf8')).toBe('somebody misses them');
  });

  it('starts although the killed server is still a zombie that nobody reaps', async () => {
    const crashed = embedded();
    await crashed.start();
    const pidFile = join(dataDir, 'postgres', 'postmaster.pid');
    const content = await readFile(pidFile, 'utf8');
    process.kill(crashed.pid as number, 'SIGKILL');
    await crashed.exited();

    // The shell starts a child and becomes a program that does not wait for it; both belong to the server's user, as the server did.
    const { uid, gid } = await stat(join(dataDir, 'postgres'));
    const neglectful = spawn('/bin/sh', ['-c', 'sleep 0.5 & echo $!; exec sleep 60'], {
      uid,
      gid,
      cwd: '/',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [line] = (await once(neglectful.stdout, 'data')) as [Buffer];
      const zombie = Number(String(line));
      await until('the child to be a zombie', () => !isRunning(zombie));
      process.kill(zombie, 0); // it still has its pid
      await writeFile(pidFile, content.replace(/^\d+/, String(zombie)));
      const { url } = await embedded().start();
      expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    } finally {
      neglectful.kill('SIGKILL');
    }
  });

  it('says where to look when the server cannot start, and leaves nothing behind', async () => {
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
    const { port } = taken.address() as AddressInfo;
    const database = new EmbeddedDatabase({ dataDir, port, settings: { fsync: 'off' } });
    await expect(database.start()).rejects.toMatchObject({
      code: 'VD_DATABASE_START_FAILED',
      message: expect.stringContaining('Address already in use'),
    });
    expect(database.pid).toBeUndefined();
    taken.close();
  });

  it('leaves no half cluster when making one fails', async () => {
    // Longer than PostgreSQL takes, shorter than the file system does.
    const deep = join(dataDir, ...Array.from({ length: 5 }, () => 'x'.repeat(240)));
    const database = new EmbeddedDatabase({ dataDir: deep });
    await expect(database.start()).rejects.toMatchObject({ code: 'VD_DATABASE_INIT_FAILED' });
    await expect(stat(join(deep, 'postgres'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('does not wait for a server that refuses its password', async () => {
    await embedded()
      .start()
      .then(() => started.pop()?.stop());
    const secret = join(dataDir, 'secrets', 'postgres-password');
    await writeFile(secret, `${'another_'.repeat(4)}\n`);
    await expect(embedded().start()).rejects.toMatchObject({
      code: 'VD_DATABASE_START_FAILED',
      message: expect.stringContaining('password authentication failed'),
      fix: expect.stringContaining(secret),
    });
  });

  it('says what to do when the data folder cannot be written', async () => {
    const file = join(dataDir, 'a-file');
    await writeFile(file, '');
    const database = new EmbeddedDatabase({ dataDir: join(file, 'data') });
    await expect(database.start()).rejects.toMatchObject({ code: 'VD_DATABASE_DIR_UNUSABLE', fix: expect.stringContaining('dataDir') });
  });
});

describe(findPostgresBinaries.name, () => {
  it('says what to do where there is no PostgreSQL for the platform', async () => {
    await expect(findPostgresBinaries('sunos', 'x64')).rejects.toMatchObject({
      code: 'VD_DATABASE_PLATFORM',
      fix: expect.stringContaining('DATABASE_URL'),
    });
  });
});
