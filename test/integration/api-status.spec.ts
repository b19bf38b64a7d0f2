import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { InstallationStatus } from '../../src/core/api/resources/installation-status.js';
import { StreamHealth } from '../../src/core/api/resources/stream-health.js';
import * as wire from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { LiveSocket } from '../support/api/live-socket.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { RestReader } from '../support/rest-reader.js';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const ROLES = `INSERT INTO instances (id, role, host, pid, version, heartbeat_at)
  VALUES ('i', 'ingest', 'h', 1, '1', now() + interval '1 hour'), ('w', 'worker', 'h', 2, '1', now() + interval '1 hour')`;

/** The harness has a plugin that does not load: without it, all would be well. */
const WELL = 'Plugin broken failed: It does not load';
const BUT_FOR_THE_PLUGIN = { level: 'warn', text: WELL, causes: [{ code: 'plugin-failed', params: { id: 'broken' } }] };

/** As ledger rows say it, written by ingest and workers. */
describe('how the installation is', () => {
  let proxy: TcpProxy;
  let api: ApiApp;
  let seed: LedgerSeed;
  let rest: RestReader;
  let cookie: string;
  beforeAll(async () => {
    const server = new URL(inject('postgresUrl'));
    proxy = await TcpProxy.to(server.hostname, Number(server.port));
    api = await ApiApp.start({}, (direct) => {
      const url = new URL(direct);
      url.host = `127.0.0.1:${proxy.port}`;
      return url.href;
    });
    seed = new LedgerSeed(api.sql);
    cookie = await api.signIn();
    rest = new RestReader(api, cookie);
  });
  beforeEach(async () => {
    await api.sql.query('TRUNCATE streams, epochs, segments, analysis_runs, lanes, instances, role_crashes, feed CASCADE');
  });
  afterAll(async () => {
    await api.stop();
    await proxy.close();
  });

  const status = async (as: RestReader = rest): Promise<wire.StatusWire> => {
    for (const kept of [StreamHealth, InstallationStatus]) api.app.get<StreamHealth | InstallationStatus>(kept).forget();
    return as.get('/api/status', wire.statusWire.strict());
  };

  it('has nothing to say of roles that are there, and says which one is not', async () => {
    expect(await status()).toMatchObject({
      level: 'bad',
      causes: [{ code: 'no-ingest' }, { code: 'no-worker' }, { code: 'plugin-failed' }],
    });
    await api.sql.query(ROLES);
    expect(await status()).toMatchObject(BUT_FOR_THE_PLUGIN);
  });

  it('tells a process that died until somebody has seen it', async () => {
    await api.sql.query(ROLES);
    await api.sql.query(
      `INSERT INTO role_crashes (instance_id, role, host, pid, last_heard_at)
       VALUES ('x', 'worker', 'h', 7, '2026-11-28T08:00:00Z')`,
    );
    const told = await status();
    expect(told).toMatchObject({
      level: 'warn',
      text: 'worker on h ended once without being asked to',
      causes: [
        { code: 'process-died', since: '2026-11-28T08:00:00.000Z', params: { role: 'worker', host: 'h', count: 1 } },
        { code: 'plugin-failed' },
      ],
    });
    const upTo = told.causes[0]?.acknowledge;
    expect((await api.call('POST', '/api/system/crashes/acknowledge', { cookie, body: { upTo } })).status).toBe(204);
    expect(await status()).toMatchObject(BUT_FOR_THE_PLUGIN);
  });

  it('says which analyzer fails on which stream, since its last run that did not, and of private streams to admins alone', async () => {
    await api.sql.query(ROLES);
    const streamId = await seed.stream({ name: 'vault', private: true });
    const epochId = await seed.epoch(streamId, { startedAt: new Date(Date.now() - 20_000) });
    const failedAt: Date[] = [];
    for (let sequence = 0; sequence < 6; sequence++) {
      const run = await seed.run(await seed.segment(streamId, epochId, sequence), [], { analyzerId: 'acme.door' });
      await api.sql.query(
        `UPDATE analysis_runs SET finished_at = now() - (20 - $2::int) * interval '1 s', state = CASE WHEN $2::int < 2 THEN 'done' ELSE 'failed' END,
           error_code = CASE WHEN $2::int < 2 THEN NULL ELSE 'ACME_BROKEN' END WHERE id = $1`,
        [run, sequence],
      );
      const { rows } = await api.sql.query<{ finished_at: Date }>('SELECT finished_at FROM analysis_runs WHERE id = $1', [run]);
      failedAt.push(rows[0]!.finished_at);
    }
    const { causes } = await status();
    expect(causes[0]).toMatchObject({
      ...{ code: 'analysis-failing', level: 'bad', since: failedAt[2]!.toISOString(), stream: { name: 'vault' } },
      analyzer: { id: 'acme.door', title: 'acme.door' },
      text: 'acme.door of A <b>title</b> fails for 4 of 6 segments (ACME_BROKEN)',
    });
    const { token } = await api.apiToken('viewer');
    const viewer = await api.call('GET', '/api/status', { bearer: token });
    expect(await viewer.json()).toMatchObject(BUT_FOR_THE_PLUGIN);
    expect((await api.call('GET', '/api/status')).status).toBe(401);
  });

  it('does not take streams that cannot be judged for well ones', async () => {
    await api.sql.query(ROLES);
    await api.sql.query('ALTER TABLE live_measures RENAME TO live_measures_away');
    try {
      expect(await status()).toMatchObject({ level: 'warn', causes: [{ code: 'streams-unknown' }, { code: 'plugin-failed' }] });
    } finally {
      await api.sql.query('ALTER TABLE live_measures_away RENAME TO live_measures');
    }
  });

  it('is told over the socket when it changes, and that the database is away by whoever still has a connection', async () => {
    await api.sql.query(ROLES);
    await status();
    const socket = new LiveSocket(api.url, { cookie, origin: api.url });
    const said = (): string => socket.of('status').at(-1)?.text ?? '';
    try {
      await socket.subscribe(['status']);
      await until('the sentence', () => said() === WELL);
      proxy.cut();
      await until('the loss to be told', () => said() === 'The database does not answer');
      expect(socket.of('status').at(-1)).toMatchObject({ level: 'bad', causes: [{ code: 'database-unreachable' }] });
      const since = socket.of('status').at(-1)?.causes[0]?.since ?? '';
      expect(Date.parse(since)).toBeLessThan(Date.now());
      proxy.mend();
      await until('the return to be told', () => said() === WELL);
      proxy.stall();
      await until('the silence to be told', () => said() !== WELL);
      expect(socket.of('status').at(-1)?.level).toBe('bad');
    } finally {
      proxy.mend();
      socket.socket.terminate();
    }
  });
});
