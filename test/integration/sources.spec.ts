import { hostname } from 'node:os';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { streamKeyCommands } from '../../src/cli/commands/stream-keys.js';
import { sourcesCommand, type SourcesFacts } from '../../src/cli/commands/sources.js';
import { adapterOnWire } from '../../src/core/api/resources/adapter-on-wire.js';
import { AuditLog } from '../../src/core/persistence/access/audit-log.js';
import { PublishRefusals } from '../../src/core/persistence/access/publish-refusals.js';
import { RefusalRecord } from '../../src/core/persistence/access/refusal-record.js';
import { InstanceHeartbeat } from '../../src/core/persistence/instance-heartbeat.js';
import { SystemReads } from '../../src/core/persistence/read/system-reads.js';
import { StreamStore } from '../../src/core/persistence/streams/stream-store.js';
import { PluginRegistry } from '../../src/core/plugin-host/plugin-registry.js';
import { RefusedPublishers } from '../../src/core/streams/refused-publishers.js';
import { publishRefusalWire, sourceAdapterWire } from '../../src/core/wire/sources.wire.js';
import * as wire from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { LiveSocket } from '../support/api/live-socket.js';
import { SilentLogger } from '../support/fakes/silent-logger.js';
import { RestReader } from '../support/rest-reader.js';
import { until } from '../support/until.js';

describe('sources', () => {
  let api: ApiApp;
  let rest: RestReader;
  let cookie: string;
  const list = (query = '') => rest.get(`/api/sources/refusals${query}`, wire.pageOf(publishRefusalWire.strict()));
  beforeAll(async () => {
    api = await ApiApp.start();
    cookie = await api.signIn();
    rest = new RestReader(api, cookie);
  });
  afterEach(() => vi.restoreAllMocks());
  afterAll(() => api.stop());

  it('are listed with what they are configured with and where publishers send to', async () => {
    const { items } = await rest.get('/api/sources', wire.pageOf(sourceAdapterWire.strict()));
    expect(items).toMatchObject([
      { id: 'rtmp', kind: 'listener', title: 'RTMP', pluginId: 'vedette.test', publishUrls: ['rtmp://127.0.0.1:1935/live'] },
      { id: 'webcam', kind: 'stream', publishUrls: [], configSchema: { required: ['device'] }, listenerSchema: null },
      { id: 'file', kind: 'stream', publishUrls: [] },
    ]);
    expect(Object.keys(items[0]?.configSchema['properties'] ?? {})).toEqual(['networks', 'takeover']);
    expect(items[0]?.listenerSchema).toMatchObject({ type: 'object' });
  });

  it('tell how listeners are in every ingest process, and a listener that does not run is a problem of the system', async () => {
    const beat = api.app.get(InstanceHeartbeat);
    const detail = 'VD_RTMP_PORT_TAKEN: RTMP cannot listen on 0.0.0.0:1935';
    await beat.start('ingest', '1.0.0', () => ({ listeners: [{ id: 'rtmp', state: 'retrying', detail }] }));
    try {
      const { items } = await rest.get('/api/sources', wire.pageOf(sourceAdapterWire.strict()));
      expect(items.map(({ listeners }) => listeners)).toEqual([[{ host: hostname(), state: 'retrying', detail }], [], []]);
      const { problems } = await rest.get('/api/system', wire.systemWire.strict());
      expect(problems).toContain(`Listener rtmp on ${hostname()} does not run: ${detail}.`);
      const viewer = (await api.apiToken('viewer')).token;
      for (const path of ['/api/sources', '/api/system'])
        expect(await (await api.call('GET', path, { bearer: viewer })).text()).not.toContain('VD_RTMP_PORT_TAKEN');
    } finally {
      await beat.stop();
    }
  });

  it('of publishers take the networks and the policy of a stream, and nothing else', async () => {
    const call = (body: object) => api.call('POST', '/api/streams', { cookie, body: { adapterId: 'rtmp', ...body } });
    const sourceConfig = { networks: ['10.0.0.0/8', '2001:db8::/32'], takeover: true };
    const made = await call({ name: 'studio', sourceConfig });
    expect([made.status, await made.json()]).toEqual([201, expect.objectContaining({ sourceConfig })]);
    for (const wrong of [{ networks: ['10.0.0.0/33'] }, { networks: [] }, { takeOver: true }]) {
      const refused = await call({ name: 'studio-2', sourceConfig: wrong });
      expect([refused.status, await refused.json()]).toEqual([400, expect.objectContaining({ code: 'VD_API_SOURCE_CONFIG_INVALID' })]);
    }
  });

  it('have keys that are replaced with a time of grace or at once, on record', async () => {
    const created = await api.call('POST', '/api/streams', { cookie, body: { name: 'rotating', adapterId: 'rtmp' } });
    const { id, key } = wire.newStreamWire.parse(await created.json());
    const rotate = async (keyId: string, body: object) => {
      const response = await api.call('POST', `/api/streams/${id}/keys/${keyId}/rotate`, { cookie, body });
      expect(response.status).toBe(201);
      return wire.rotatedKeyWire.strict().parse(await response.json());
    };
    const next = await rotate(key!.id, {});
    expect(next.key).not.toBe(key!.key);
    const leftMs = Date.parse(next.replaced.expiresAt ?? '') - Date.now();
    expect(leftMs / 3_600_000).toBeCloseTo(24, 1);
    expect(next.replaced).toMatchObject({ id: key!.id, revokedAt: null });
    const last = await rotate(next.id, { graceSeconds: 0 });
    expect(last.replaced).toMatchObject({ id: next.id, expiresAt: null, revokedAt: expect.any(String) });

    const refusal = await api.call('POST', `/api/streams/${id}/keys/${next.id}/rotate`, { cookie, body: {} });
    expect([refusal.status, await refusal.json()]).toEqual([404, expect.objectContaining({ code: 'VD_API_NOT_FOUND' })]);
    const tooLong = await api.call('POST', `/api/streams/${id}/keys/${last.id}/rotate`, { cookie, body: { graceSeconds: 1e9 } });
    expect(tooLong.status).toBe(400);
    const { rows } = await api.sql.query<{ detail: object }>(`SELECT detail FROM audit WHERE action = 'key.rotate' ORDER BY id`);
    expect(rows.map(({ detail }) => detail)).toEqual([
      { keyId: next.id, replaced: key!.id, graceSeconds: 86_400 },
      { keyId: last.id, replaced: next.id, graceSeconds: 0 },
    ]);
    const listed = await rest.get(`/api/streams/${id}/keys`, wire.pageOf(wire.streamKeyWire.strict()));
    expect(listed.items.map((each) => [each.id, each.lastUsedAt, each.lastAddress])).toEqual([
      [key!.id, null, null],
      [next.id, null, null],
      [last.id, null, null],
    ]);
  });

  it('have keys that the command line lists and replaces', async () => {
    const { id } = await api.app.get(StreamStore).create({ name: 'by-hand', title: 'By hand', adapterId: 'rtmp' });
    const stores = { streams: api.app.get(StreamStore), audit: api.app.get(AuditLog) };
    const run = async (...args: string[]): Promise<string> => {
      const written: string[] = [];
      vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
      const [name, ...rest] = args;
      const command = streamKeyCommands((work) => work(stores)).find((each) => each.name() === name);
      await command?.exitOverride().parseAsync(rest, { from: 'user' });
      vi.restoreAllMocks();
      return written.join('');
    };
    const key = /^Stream key: (vd_[a-z2-7]{32})\n$/.exec(await run('key', 'by-hand'))?.[1] ?? '';
    const keyId = (await stores.streams.findByKey(key))!.keyId;
    await stores.streams.keyUsed(keyId, '192.0.2.7');
    const next = /^Stream key: (.*)\n$/.exec(await run('rotate-key', 'by-hand', keyId, '--grace', '2h'))?.[1] ?? '';
    expect(await stores.streams.findByKey(next)).toMatchObject({ stream: { id }, fault: null });
    const listed = await run('keys', 'by-hand');
    expect(listed).toMatch(new RegExp(`^id .*\\n${keyId} +…${key.slice(-4)} +until 20.*Z +20.*Z +192\\.0\\.2\\.7\\n`));
    for (const secret of [key, next]) expect(listed).not.toContain(secret);
    await expect(run('rotate-key', 'by-hand', 'none')).rejects.toMatchObject({ code: 'VD_STREAM_NOT_FOUND' });
  });

  it('tell admins of refused publishers within a second, added up, and viewers nothing', async () => {
    const streamId = await new LedgerSeed(api.sql).stream({ name: 'near' });
    const admin = new LiveSocket(api.url, { cookie, origin: api.url });
    const viewerToken = (await api.apiToken('viewer')).token;
    const viewer = new LiveSocket(api.url, { authorization: `Bearer ${viewerToken}` });
    await admin.subscribe(['refusals']);
    await viewer.subscribe(['refusals', 'streams']);
    expect(viewer.of('error')).toMatchObject([{ code: 'VD_API_TOPIC_REFUSED' }]);
    const nowMs = Date.now();
    const refused = new RefusedPublishers(api.app.get(PublishRefusals), api.app.get(RefusalRecord), new SilentLogger());
    for (let i = 0; i < 3; i++)
      refused.add({ remote: '[::ffff:192.0.2.9]:1', code: 'VD_INGEST_KEY_UNKNOWN', app: 'live', key: 'vd_cut-short' }, nowMs - i);
    refused.add({ remote: '192.0.2.9', code: 'VD_INGEST_KEY_REVOKED', streamId, key: 'vd_old-key-of-the-stream' }, nowMs + 10);
    const [message] = await until('the news', () => (admin.of('publish.refused').length > 0 ? admin.of('publish.refused') : null));
    expect(message?.refusals).toHaveLength(2);
    const first = await list();
    expect(first.items).toMatchObject([
      { address: '192.0.2.9', code: 'VD_INGEST_KEY_REVOKED', streamId, count: 1, fix: expect.stringContaining('OBS: Settings') },
      { address: '192.0.2.9', code: 'VD_INGEST_KEY_UNKNOWN', streamId: null, app: 'live', keyHint: 'vd_…, 12 characters', count: 3 },
    ]);
    expect(JSON.stringify(first)).not.toContain('cut-short');
    refused.add({ remote: '192.0.2.9', code: 'VD_INGEST_KEY_UNKNOWN', app: 'live', key: 'vd_cut-short' });
    await refused.flush();
    expect((await list()).items[0]).toMatchObject({ code: 'VD_INGEST_KEY_UNKNOWN', count: 4 });
    expect((await list(`?streamId=${streamId}`)).items).toMatchObject([{ code: 'VD_INGEST_KEY_REVOKED' }]);
    await until('the news', () => admin.of('publish.refused').length === 2);
    expect(viewer.of('publish.refused')).toEqual([]);
    expect((await api.call('GET', '/api/sources/refusals', { bearer: viewerToken })).status).toBe(403);
    expect((await api.call('DELETE', `/api/streams/${streamId}`, { cookie })).status).toBe(204);
    expect((await list()).items.map(({ code }) => code)).toEqual(['VD_INGEST_KEY_UNKNOWN']);
    for (const { socket } of [admin, viewer]) socket.terminate();
  });

  it('keep a bounded number of refusals, the latest of them', async () => {
    const rows = api.app.get(PublishRefusals);
    const of = (i: number) => ({
      ...{ address: `10.0.${i >> 8}.${i & 255}`, code: 'VD_INGEST_KEY_UNKNOWN', reason: 'x', fix: null, streamId: null, app: null },
      ...{ keyHint: null, count: 1, firstAtMs: 1_000_000_000_000 + i, lastAtMs: Date.now() - 5_000 + i },
    });
    await rows.add(Array.from({ length: 1_500 }, (_, i) => of(i)));
    const kept = await rows.list({ limit: 2_000 });
    expect(kept).toHaveLength(1_000);
    expect(kept.map(({ address }) => address)).toContain(of(1_499).address);
  });

  it('are printed by the command line, with the streams', async () => {
    await new LedgerSeed(api.sql).stream({ name: 'front-door' });
    const listeners = await api.app.get(SystemReads).listeners();
    const facts: SourcesFacts = {
      adapters: async () => api.app.get(PluginRegistry).sources.map((source) => adapterOnWire(source, 'localhost', listeners)),
      streams: async () =>
        (await api.app.get(StreamStore).list()).map(({ stateDetail, ...stream }) => ({ ...stream, detail: stateDetail })),
      refusals: () => api.app.get(PublishRefusals).list({ limit: 2 }),
    };
    const run = async (name: string): Promise<string> => {
      const written: string[] = [];
      vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
      await sourcesCommand(facts).exitOverride().parseAsync([name], { from: 'user' });
      vi.restoreAllMocks();
      return written.join('');
    };
    expect(await run('refused')).toMatch(/^20\S+Z +\d+ x +[\d.]+ +VD_INGEST_KEY_UNKNOWN: .+\n/);
    const text = await run('list');
    expect(text).toMatch(/^Adapters\n {2}id +kind +title +plugin\n {2}rtmp +listener +RTMP +vedette\.test 1\.0\.0\n/);
    expect(text).toMatch(/\nListeners\n {2}adapter +publish to +state\n {2}rtmp +rtmp:\/\/localhost:1935\/live +no ingest runs\n/);
    expect(text).toMatch(/\nStreams\n {2}name +adapter +state +detail\n(.*\n)* {2}front-door +rtmp +live\n/);
  });
});
