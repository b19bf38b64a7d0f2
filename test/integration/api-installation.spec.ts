import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as wire from '../../src/core/wire/system.wire.js';
import { pageOf } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { zipEntries } from '../support/zip-entries.js';

/** Each stands somewhere else; none may leave. */
const SECRETS = {
  inPluginOptions: 'planted-in-plugin-options',
  inSourceOptions: 'planted-in-source-options',
  inStrategyOptions: 'planted-in-strategy-options',
  inDeclaredStream: 'planted-in-declared-stream',
  redis: 'planted-redis-password',
  sourceUrl: 'planted-source-password',
  stateDetail: 'planted-state-password',
  rtmpInLog: 'planted-rtmp-key',
  bearerInLog: 'planted.bearer.token',
  urlInLog: 'planted-url-password',
  runError: 'planted-error-password',
} as const;
const LOG = [
  '09:21:33.123 INFO  [worker] worker is ready queues=default',
  '09:21:34.000 WARN  [worker/pipeline] A plugin threw by=acme.door',
  '    VD_PLUGIN_THREW: no door',
  `ffmpeg: rtmp://10.0.0.1/live/${SECRETS.rtmpInLog} refused`,
  `09:21:35.000 ERROR [worker] Authorization: Bearer ${SECRETS.bearerInLog} at https://u:${SECRETS.urlInLog}@example.org/x`,
  '',
].join('\n');

describe('what an installation says of itself', () => {
  let api: ApiApp;
  let admin: string;
  let viewer: string;
  let secrets: readonly string[];
  beforeAll(async () => {
    api = await ApiApp.start({
      redis: { url: `redis://:${SECRETS.redis}@127.0.0.1:6379` },
      plugins: [
        {
          use: 'vedette/test',
          analyzers: { 'vedette.test.look': { config: { note: SECRETS.inPluginOptions, minScore: 0.25 } } },
          sources: { rtmp: { greeting: SECRETS.inSourceOptions } },
          strategies: { cloud: { endpoint: `https://${SECRETS.inStrategyOptions}.example` } },
        },
      ],
      streams: [{ name: 'declared', adapter: 'webcam', config: { device: SECRETS.inDeclaredStream } }],
    });
    const seed = new LedgerSeed(api.sql);
    await seed.partitions();
    const { id: adminId, token } = await api.apiToken('admin');
    [admin, viewer] = [token, (await api.apiToken('viewer')).token];
    const { token: oneTime } = await api.admin.issueOneTimeToken();
    const streamId = await seed.stream({ name: 'hall', adapterId: 'webcam', private: true });
    const key = (await (await call('POST', `/api/streams/${await seed.stream({ name: 'gate' })}/keys`)).json()) as { key?: string };
    await api.sql.query('UPDATE streams SET source_config = $2, state_detail = $3 WHERE id = $1', [
      streamId,
      JSON.stringify({ device: `rtsp://admin:${SECRETS.sourceUrl}@10.0.0.9/1` }),
      `cannot open rtsp://admin:${SECRETS.stateDetail}@10.0.0.9/1`,
    ]);
    const runId = await seed.run(await seed.segment(streamId, await seed.epoch(streamId), 0), []);
    await api.sql.query(`UPDATE analysis_runs SET state = 'failed', error_code = 'VD_X', error_message = $2 WHERE id = $1`, [
      runId,
      `https://cloud:${SECRETS.runError}@example.org refused`,
    ]);
    mkdirSync(join(api.config.dataDir, 'logs'));
    writeFileSync(join(api.config.dataDir, 'logs', 'worker.log'), LOG);
    const databasePassword = new URL(api.config.database.url!).password;
    secrets = [...Object.values(SECRETS), admin, viewer, oneTime, ...(key.key === undefined ? [] : [key.key])];
    if (databasePassword !== '') secrets = [...secrets, `:${databasePassword}@`];
    expect(adminId).not.toBe('');
    expect(key.key).toMatch(/^vd_/);
  });
  afterAll(() => api.stop());

  const call = (method: string, path: string, bearer = admin): Promise<Response> => api.call(method, path, { bearer });
  const get = async (path: string): Promise<unknown> => {
    const response = await call('GET', path);
    expect([path, response.status]).toEqual([path, 200]);
    return response.json();
  };

  it('names versions, machine, and what the database holds', async () => {
    const { version, node, cpus, memoryBytes, database } = wire.aboutWire.strict().parse(await get('/api/system/about'));
    expect([version, node]).toEqual([expect.stringMatching(/^\d+\.\d+\.\d+/), process.versions.node]);
    expect(Math.min(cpus, memoryBytes, database.sizeBytes, database.connections)).toBeGreaterThan(0);
    expect(database.version).toMatch(/^\d+/);
    expect(database.isEmbedded).toBe(false);
    expect(database.tables.map(({ name }) => name)).toContain('detections');
    expect(database.tables.filter(({ name }) => /^detections_/.test(name))).toEqual([]);
  });

  it('lists what it is made of, for everybody', async () => {
    const { items } = pageOf(wire.licenceWire.strict()).parse(await (await call('GET', '/api/system/licences', viewer)).json());
    expect(items.find(({ name }) => name === '@nestjs/core')).toMatchObject({ licence: 'MIT' });
  });

  it('shows the end of each log, by level and by words', async () => {
    const { logs, obstacle } = wire.roleLogsWire.strict().parse(await get('/api/system/logs'));
    expect([logs.map(({ name, sizeBytes }) => [name, sizeBytes]), obstacle]).toEqual([[['worker', Buffer.byteLength(LOG)]], null]);
    const entries = async (query: string) =>
      wire.logEntriesWire
        .strict()
        .parse(await get(`/api/system/logs/worker${query}`))
        .entries.map(({ level, text }) => [level, text]);
    expect((await entries('')).map(([level]) => level)).toEqual(['info', 'warn', null, 'error']);
    expect(await entries('?level=warn&search=NO%20DOOR')).toEqual([['warn', 'A plugin threw by=acme.door\n    VD_PLUGIN_THREW: no door']]);
    expect((await entries('?limit=1')).map(([level]) => level)).toEqual(['error']);
    expect(await entries('?search=%25')).toEqual([]);
  });

  it.each(['nothing', 'worker.log', '..%2Fsecrets', 'worker%00', 'a'.repeat(60)])('opens no other file: %s', async (name) => {
    expect([400, 404]).toContain((await call('GET', `/api/system/logs/${name}`)).status);
  });

  it('has logs, figures and the config in an archive', async () => {
    const response = await call('GET', '/api/system/diagnostics');
    expect(response.headers.get('content-type')).toBe('application/zip');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="vedette diagnostics .*\.zip"/);
    const entries = zipEntries(Buffer.from(await response.arrayBuffer()));
    const text = (name: string): string => entries.get(name)?.toString('utf8') ?? `no ${name}`;
    expect(JSON.parse(text('config.json'))).toMatchObject({
      database: { url: '***' },
      plugins: [{ use: 'vedette/test', analyzers: { 'vedette.test.look': { config: { note: '***', minScore: 0.25 } } } }],
      streams: [{ name: 'declared', config: { device: '***' } }],
    });
    expect(JSON.parse(text('health.json'))).toMatchObject({
      streams: expect.arrayContaining([expect.objectContaining({ name: 'hall' })]) as unknown,
    });
    expect(JSON.parse(text('failures.json'))).toMatchObject([{ analyzerId: 'vedette.test.look', code: 'VD_X' }]);
    expect(JSON.parse(text('plugins.json'))).toContainEqual(expect.objectContaining({ id: 'broken', state: 'failed' }));
    expect(text('logs/worker.log')).toContain('VD_PLUGIN_THREW: no door');
    expect(text('metrics.txt')).toContain('vedette_ready');
    for (const name of ['README.txt', 'about.json', 'system.json', 'storage.json', 'queues.json', 'licences.json'])
      expect(text(name)).not.toMatch(/^no |^could not be read/);
    const { items } = (await get('/api/audit?action=diagnostics.export')) as { items: unknown[] };
    expect(items).toHaveLength(1);
  });

  it('lets no secret out, wherever it stood', async () => {
    const archive = Buffer.from(await (await call('GET', '/api/system/diagnostics')).arrayBuffer());
    const log = await (await call('GET', '/api/system/logs/worker')).text();
    for (const secret of secrets) {
      expect([secret, archive.includes(secret)]).toEqual([secret, false]);
      expect([secret, log.includes(secret)]).toEqual([secret, false]);
    }
  });

  it('is for admins', async () => {
    for (const path of ['about', 'logs', 'logs/worker', 'diagnostics'])
      expect([path, (await call('GET', `/api/system/${path}`, viewer)).status]).toEqual([path, 403]);
    expect((await api.call('GET', '/api/system/licences')).status).toBe(401);
  });
});
