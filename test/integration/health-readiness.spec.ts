import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderWriteCheck } from '../../src/core/media/store/folder-write-check.js';
import { MediaPresence } from '../../src/core/media/server/media-presence.js';
import { Database } from '../../src/core/persistence/database.js';
import { EmbeddedDatabase } from '../../src/core/persistence/embedded-postgres.js';
import { InstanceHeartbeat } from '../../src/core/persistence/instance-heartbeat.js';
import { MediaNodes } from '../../src/core/persistence/media/media-nodes.js';
import { migrateDatabase } from '../../src/core/queue/queue-migrations.js';
import * as wire from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { SilentLogger } from '../support/fakes/silent-logger.js';
import { query } from '../support/query.js';
import { RestReader } from '../support/rest-reader.js';
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

const ROLES = `INSERT INTO instances (id, role, host, pid, version, heartbeat_at)
  VALUES ('i', 'ingest', 'h', 1, '1', now() + interval '1 hour'), ('w', 'worker', 'h', 2, '1', now() + interval '1 hour')`;

let api: ApiApp | undefined;
afterEach(async () => {
  await api?.stop();
  api = undefined;
});
afterAll(() => mounted.forEach((one) => one.unmount()));

const healthOf = async (app: ApiApp): Promise<wire.HealthWire & { http: number }> => {
  const response = await app.call('GET', '/api/health');
  return { http: response.status, ...wire.healthWire.strict().parse(await response.json()) };
};
const reasonsOf = async (app: ApiApp): Promise<string> => (await healthOf(app)).reasons.join();

describe.skipIf(!mayMount)('readiness (needs the right to mount)', () => {
  it('is lost, and says why, while a media folder is nearly full, read-only or full, and comes back', async () => {
    const started = (api = await ApiApp.start());
    await started.sql.query(ROLES);
    const media = disk(130);
    const presence = new MediaPresence({
      nodes: started.app.get(MediaNodes, { strict: false }),
      node: { id: randomUUID(), name: 'cam-1', url: null, host: 'h' },
      folder: new FolderWriteCheck(media.folder),
      logger: new SilentLogger(),
    });
    await presence.start();
    try {
      expect(await healthOf(started)).toEqual({ http: 200, status: 'ok', reasons: [], issues: [] });
      const becomes = (reasons: string): Promise<boolean> =>
        until(`health to say ${JSON.stringify(reasons)}`, async () => (await reasonsOf(started)) === reasons);
      writeFileSync(join(media.folder, 'filler-1'), Buffer.alloc(40 * MEBIBYTE, 1));
      await becomes('media-disk-low');
      media.makeReadOnly(true);
      await becomes('media-unwritable');
      const told = await healthOf(started);
      expect([told.http, told.status]).toEqual([503, 'unavailable']);
      expect(told.issues).toEqual([
        {
          code: 'media-unwritable',
          reason: 'A media folder takes nothing',
          fix: expect.stringMatching(/^make room on the disk/) as string,
        },
      ]);
      expect(JSON.stringify(told)).not.toContain('cam-1');
      media.makeReadOnly(false);
      media.fill();
      await becomes('media-unwritable');
      media.makeRoom();
      await becomes('');
    } finally {
      await presence.stop();
    }
  });

  it('is lost, and says why, while the disk of the embedded database is nearly full or full, and comes back', async () => {
    const small = disk(420);
    const server = new EmbeddedDatabase({
      dataDir: small.folder,
      settings: { min_wal_size: '32MB', max_wal_size: '48MB', fsync: 'off' },
    });
    const { url } = await server.start();
    try {
      await migrateDatabase(url);
      await query(url, ROLES);
      const started = (api = await ApiApp.start({ dataDir: small.folder }, () => url));
      expect(await healthOf(started)).toMatchObject({ http: 200, reasons: [] });
      writeFileSync(join(small.folder, 'filler-1'), Buffer.alloc(150 * MEBIBYTE, 1));
      expect(await healthOf(started)).toMatchObject({
        ...{ http: 503, reasons: ['database-disk-low'], issues: [{ reason: "The database's disk is nearly full" }] },
      });
      small.fill();
      await until('the full disk to be told', async () => (await reasonsOf(started)) === 'database-unwritable');
      small.makeRoom();
      await until('the room to be told', async () => (await reasonsOf(started)) === '');
      await started.stop();
      api = undefined;
    } finally {
      await server.stop();
    }
  });
});

describe('a database that was made read-only', () => {
  it('is found to take nothing, though it would take what changes no table', async () => {
    const started = (api = await ApiApp.start());
    await started.sql.query(ROLES);
    const name = new URL(started.database.url).pathname.slice(1);
    await started.sql.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
    await started.sql.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()', [
      name,
    ]);
    await until('it to be told', async () => (await reasonsOf(started)) === 'database-unwritable');
  });
});

describe('a role that crashed', () => {
  let started: ApiApp;
  let rest: RestReader;
  let cookie: string;
  let beat: () => Promise<void>;
  beforeEach(async () => {
    started = api = await ApiApp.start();
    cookie = await started.signIn();
    rest = new RestReader(started, cookie);
    const heartbeat = new InstanceHeartbeat(started.app.get(Database, { strict: false }));
    // As the timer of a process that goes on does it.
    beat = async () => {
      await heartbeat.start('worker', '1');
      clearInterval(Reflect.get(heartbeat, 'timer') as NodeJS.Timeout);
    };
  });
  const silent = (id: string, role: string, since: string): Promise<unknown> =>
    started.sql.query(
      `INSERT INTO instances (id, role, host, pid, version, heartbeat_at) VALUES ($1, $2, 'cam-1', 7, '1', now() - $3::interval)`,
      [id, role, since],
    );
  const crashes = async (): Promise<wire.CrashWire[]> => (await rest.get('/api/system', wire.systemWire.strict())).crashes;

  it('is told until somebody acknowledges it, and what crashes after that is told anew', async () => {
    await beat();
    await silent('one', 'ingest', '30 seconds');
    await silent('two', 'ingest', '25 seconds');
    await silent('old', 'worker', '3 hours');
    await silent('well', 'ingest', '5 seconds');
    expect(await crashes()).toEqual([]);
    await beat();
    const told = await crashes();
    expect(told.map(({ role, host, count }) => [role, host, count])).toEqual([
      ['ingest', 'cam-1', 2],
      ['worker', 'cam-1', 1],
    ]);
    await beat();
    expect(await crashes()).toEqual(told);
    const { problems, status } = await rest.get('/api/system', wire.systemWire.strict());
    expect([status, problems.filter((problem) => problem.includes('without being asked to'))]).toEqual([
      'degraded',
      [expect.stringMatching(/^ingest on cam-1 ended 2 times/), expect.stringMatching(/^worker on cam-1 ended once/)],
    ]);
    const { token } = await started.apiToken('viewer');
    expect(await (await started.call('GET', '/api/metrics', { bearer: token })).text()).toContain(
      'vedette_role_crashes{role="ingest",host="cam-1"} 2\n',
    );

    await silent('three', 'ingest', '21 seconds');
    await beat();
    const acknowledge = (body: unknown, how: Parameters<ApiApp['call']>[2] = { cookie }): Promise<Response> =>
      started.call('POST', '/api/system/crashes/acknowledge', { ...how, body });
    expect((await acknowledge({ upTo: told[0]!.upTo }, { bearer: token })).status).toBe(403);
    expect((await acknowledge({ upTo: 'all' })).status).toBe(400);
    expect((await acknowledge({ upTo: told[0]!.upTo })).status).toBe(204);
    expect((await crashes()).map(({ role, count }) => [role, count])).toEqual([['ingest', 1]]);
    const { items } = (await (await started.call('GET', '/api/audit?action=crash.acknowledge', { cookie })).json()) as {
      items: { actor: string; detail: unknown }[];
    };
    expect(items).toMatchObject([{ detail: { count: 3, roles: ['ingest on cam-1', 'worker on cam-1'] } }]);
    expect(items[0]!.actor).toContain('admin');
  });

  it('was none when it beats again: it, or the database, was only away', async () => {
    await beat();
    const own = (await started.sql.query<{ id: string }>(`SELECT id FROM instances WHERE host <> 'cam-1'`)).rows[0]!.id;
    await started.sql.query(`UPDATE instances SET heartbeat_at = now() - interval '2 minutes' WHERE id = $1`, [own]);
    await silent('other', 'ingest', '2 minutes');
    // All were away: the first to come back knows nothing of the others.
    await beat();
    expect(await crashes()).toEqual([]);
    await started.sql.query(`INSERT INTO role_crashes (instance_id, role, host, pid, last_heard_at) VALUES ($1, 'worker', 'h', 1, now())`, [
      own,
    ]);
    await beat();
    expect((await crashes()).map(({ role }) => role)).toEqual(['ingest']);
  });
});
