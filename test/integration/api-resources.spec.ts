import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadErrorTable } from '../../src/core/errors/error-table.js';
import * as wire from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { RestReader } from '../support/rest-reader.js';

describe('REST', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let cookie: string;
  let rest: RestReader;
  let viewer: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions();
    cookie = await api.signIn();
    rest = new RestReader(api, cookie);
    viewer = (await api.apiToken('viewer')).token;
  });
  afterAll(() => api.stop());

  describe('streams', () => {
    it('makes a stream that publishers connect to, with its first key', async () => {
      const response = await api.call('POST', '/api/streams', {
        cookie,
        body: { name: 'front-door', title: 'Front door', adapterId: 'rtmp' },
      });
      expect(response.status).toBe(201);
      const stream = wire.newStreamWire.strict().parse(await response.json());
      expect(stream).toMatchObject({
        name: 'front-door',
        title: 'Front door',
        state: 'pending',
        epoch: null,
        playlistUrl: `/streaming/${stream.id}/live.m3u8`,
      });
      expect(stream.key?.key.length).toBeGreaterThanOrEqual(26);

      const keys = await rest.get(`/api/streams/${stream.id}/keys`, wire.pageOf(wire.streamKeyWire.strict()));
      expect(keys.items).toMatchObject([{ id: stream.key?.id, hint: stream.key?.hint, revokedAt: null }]);
      const second = wire.newStreamKeyWire
        .strict()
        .parse(await (await api.call('POST', `/api/streams/${stream.id}/keys`, { cookie })).json());
      expect((await api.call('DELETE', `/api/streams/${stream.id}/keys/${stream.key?.id}`, { cookie })).status).toBe(204);
      expect((await rest.refusal('DELETE', `/api/streams/${stream.id}/keys/${stream.key?.id}`)).status).toBe(404);
      const after = await rest.get(`/api/streams/${stream.id}/keys`, wire.pageOf(wire.streamKeyWire.strict()));
      expect(after.items.find((key) => key.id === stream.key?.id)?.revokedAt).not.toBeNull();
      expect(after.items.find((key) => key.id === second.id)?.revokedAt).toBeNull();

      const { rows } = await api.sql.query<{ text: string }>(
        `SELECT k::text AS text FROM stream_keys k UNION ALL SELECT a::text FROM audit a UNION ALL SELECT f::text FROM feed f`,
      );
      expect(rows.some((row) => row.text.includes(stream.key?.key ?? '') || row.text.includes(second.key))).toBe(false);
    });

    it('checks a source of its own against the schema of its adapter', async () => {
      const body = { name: 'desk', adapterId: 'webcam', sourceConfig: { device: '/dev/video0' } };
      const made = wire.newStreamWire.strict().parse(await (await api.call('POST', '/api/streams', { cookie, body })).json());
      expect(made).toMatchObject({ key: null, sourceConfig: { device: '/dev/video0' } });
      expect(
        await rest.refusal('POST', '/api/streams', { cookie, body: { ...body, name: 'desk-2', sourceConfig: { device: '', shutter: 1 } } }),
      ).toMatchObject({
        status: 400,
        code: 'VD_API_SOURCE_CONFIG_INVALID',
        paths: ['sourceConfig.device', 'sourceConfig'],
      });
      expect(await rest.refusal('POST', '/api/streams', { cookie, body: { name: 'x', adapterId: 'gopher' } })).toMatchObject({
        status: 400,
        code: 'VD_API_ADAPTER_UNKNOWN',
      });
      expect(
        await rest.refusal('POST', '/api/streams', {
          cookie,
          body: { name: 'x', adapterId: 'rtmp', sourceConfig: { url: 'file:///etc' } },
        }),
      ).toMatchObject({
        status: 400,
        code: 'VD_API_SOURCE_CONFIG_INVALID',
      });
      expect(await rest.refusal('PATCH', `/api/streams/${made.id}`, { cookie, body: { sourceConfig: { fps: 1000 } } })).toMatchObject({
        code: 'VD_API_SOURCE_CONFIG_INVALID',
      });
    });

    it('never shows a secret of a source again, and keeps it where it is given back hidden', async () => {
      const sourceConfig = { device: '/dev/video1', password: 'open sesame' };
      const made = await api.call('POST', '/api/streams', { cookie, body: { name: 'vault', adapterId: 'webcam', sourceConfig } });
      const { id, sourceConfig: shown } = wire.newStreamWire.strict().parse(await made.json());
      const hidden = { device: '/dev/video1', password: '***' };
      expect(shown).toEqual(hidden);
      const kept = async () =>
        (await api.sql.query<{ config: unknown }>(`SELECT source_config AS config FROM streams WHERE id = $1`, [id])).rows[0]?.config;
      const patch = async (given: object) =>
        (await api.call('PATCH', `/api/streams/${id}`, { cookie, body: { sourceConfig: given } })).text();
      expect(await patch({ ...hidden, fps: 10 })).not.toContain('sesame');
      expect(await kept()).toEqual({ ...sourceConfig, fps: 10 });
      await patch({ ...hidden, password: 'another one' });
      expect(await kept()).toEqual({ ...sourceConfig, password: 'another one' });
      await patch({ device: '/dev/video1' });
      expect(await kept()).toEqual({ device: '/dev/video1' });
      // Nothing was given that it could stand for.
      await patch(hidden);
      expect(await kept()).toEqual({ device: '/dev/video1' });
      const texts = await api.sql.query<{ text: string }>(`SELECT a::text AS text FROM audit a UNION ALL SELECT f::text FROM feed f`);
      expect(texts.rows.filter(({ text }) => /sesame|another one/.test(text))).toEqual([]);
    });

    it.each([
      '../etc',
      '%2e%2e',
      '..%5cx',
      'a\0b',
      'a\r\nb',
      'x'.repeat(64),
      'ＡＢ',
      '-i',
      ';rm -rf',
      '.hidden',
      '__proto__',
      '🎥',
      'UPPER',
      '',
    ])('refuses the name %j', async (name) => {
      expect(await rest.refusal('POST', '/api/streams', { cookie, body: { name, adapterId: 'rtmp' } })).toMatchObject({
        status: 400,
        code: 'VD_API_INVALID',
        paths: ['name'],
      });
    });

    it('says that a name is taken', async () => {
      await seed.stream({ name: 'taken' });
      expect(await rest.refusal('POST', '/api/streams', { cookie, body: { name: 'taken', adapterId: 'rtmp' } })).toMatchObject({
        status: 409,
        code: 'VD_STREAM_NAME_TAKEN',
      });
    });

    it('changes only what a client may change', async () => {
      const id = await seed.stream({ name: 'patched' });
      for (const field of ['id', 'state', 'name', 'adapterId', 'createdAt', 'deletedAt', 'isPrivate', '__proto__x']) {
        expect(await rest.refusal('PATCH', `/api/streams/${id}`, { cookie, body: { [field]: 'x' } })).toMatchObject({
          status: 400,
          code: 'VD_API_INVALID',
        });
      }
      const changed = wire.streamDetailWire
        .strict()
        .parse(await (await api.call('PATCH', `/api/streams/${id}`, { cookie, body: { title: 'New', enabled: false } })).json());
      expect(changed).toMatchObject({ name: 'patched', title: 'New', enabled: false });
    });

    it('removes a stream', async () => {
      const id = await seed.stream({ name: 'gone' });
      expect((await api.call('DELETE', `/api/streams/${id}`, { cookie })).status).toBe(204);
      expect((await rest.refusal('GET', `/api/streams/${id}`)).status).toBe(404);
      expect((await rest.get('/api/streams', wire.pageOf(wire.listedStreamWire.strict()))).items.some((stream) => stream.id === id)).toBe(
        false,
      );
    });

    it('hides private streams and source configs from viewers, everywhere', async () => {
      const hidden = await seed.stream({ name: 'hidden', private: true });
      const epochId = await seed.epoch(hidden);
      await seed.segment(hidden, epochId, 0);
      const open = await seed.stream({ name: 'open' });
      const listed = wire.pageOf(wire.listedStreamWire).parse(await (await api.call('GET', '/api/streams', { bearer: viewer })).json());
      expect(listed.items.map((stream) => stream.id)).toContain(open);
      expect(listed.items.map((stream) => stream.id)).not.toContain(hidden);
      for (const path of ['', '/epochs', '/segments', '/runs', '/detections', '/metrics', '/events', '/observations']) {
        expect([path, (await rest.refusal('GET', `/api/streams/${hidden}${path}`, { bearer: viewer })).status]).toEqual([path, 404]);
        expect([path, (await api.call('GET', `/api/streams/${hidden}${path}`, { cookie })).status]).toEqual([path, 200]);
      }
      for (const path of ['live.m3u8', `${epochId}/index.m3u8`, `${epochId}/000000.ts`]) {
        expect((await rest.refusal('GET', `/streaming/${hidden}/${path}`, { bearer: viewer })).status).toBe(404);
      }
      const detail = wire.streamDetailWire.parse(await (await api.call('GET', `/api/streams/${open}`, { bearer: viewer })).json());
      expect(detail).toMatchObject({ sourceConfig: {}, problems: [] });
      expect((await rest.get(`/api/streams/${open}`, wire.streamDetailWire.strict())).sourceConfig).toEqual({ device: 'secret' });
    });
  });

  describe('errors', () => {
    it.each([
      ['GET', '/api/nothing', 404],
      ['POST', '/api/nothing', 404],
      ['GET', '/api', 404],
      ['GET', '/streaming', 404],
      ['GET', '/streaming/x', 404],
      ['GET', '/ws', 404],
      ['PUT', '/api/streams', 404],
      ['GET', '/api/streams/1', 400],
      ['GET', "/api/streams/1'--", 400],
      ['GET', '/api/streams/%00', 400],
      ['GET', '/api/streams/%', 400],
      ['GET', '/api/queues/nothing/failed', 404],
      ['GET', '/api/queues/a.b/failed', 400],
      ['GET', `/api/streams/${randomUUID()}`, 404],
      ['DELETE', `/api/tokens/${randomUUID()}`, 404],
    ])('answers %s %s with a problem, status %i', async (method, path, status) => {
      expect((await rest.refusal(method, path)).status).toBe(status);
    });

    it('says that a body is not JSON, not an object, or too large', async () => {
      const send = (body: string, type = 'application/json') =>
        rest.refusal('POST', '/api/streams', { cookie, body, headers: { 'content-type': type } });
      expect(await send('{"name":')).toMatchObject({ status: 400, code: 'VD_API_BAD_JSON' });
      expect(await send('"x"')).toMatchObject({ status: 400, code: 'VD_API_BAD_JSON' });
      expect(await send('[]')).toMatchObject({ status: 400, code: 'VD_API_INVALID' });
      expect(await send(`{"name":"${'x'.repeat(300_000)}"}`)).toMatchObject({ status: 413, code: 'VD_API_TOO_LARGE' });
      expect(await send('name=x', 'application/x-www-form-urlencoded')).toMatchObject({ status: 400, code: 'VD_API_INVALID' });
      expect(await send('{}', 'application/json; charset=utf-99')).toMatchObject({ status: 415, code: 'VD_API_REFUSED' });
    });

    it('lets no body reach the prototype of objects', async () => {
      for (const key of ['__proto__', 'constructor', 'prototype']) {
        await api.call('POST', '/api/streams', {
          cookie,
          body: `{"${key}":{"polluted":1},"name":"proto","adapterId":"webcam","sourceConfig":{"${key}":{"polluted":1}}}`,
        });
        expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
      }
    });

    it('does not tell of its insides', async () => {
      await api.sql.query('ALTER TABLE audit RENAME TO audit_away');
      try {
        const problem = await rest.refusal('POST', '/api/tokens', { cookie, body: { name: 'x', role: 'viewer' } });
        expect(problem).toMatchObject({ status: 500, code: 'VD_API_INTERNAL' });
        expect(JSON.stringify(problem)).not.toMatch(/audit|relation|typeorm|node_modules/i);
      } finally {
        await api.sql.query('ALTER TABLE audit_away RENAME TO audit');
      }
    });

    it('lists every code of core with its fix', async () => {
      const listed = (await rest.get('/api/errors', wire.pageOf(wire.errorSpecWire.strict()))).items;
      expect(listed).toEqual(await loadErrorTable());
      expect(listed.map((error) => error.code)).toContain('VD_AUTH_REQUIRED');
      expect(new Set(listed.map((error) => error.code)).size).toBe(listed.length);
    });
  });

  describe('the system', () => {
    it('tells health to everyone and nothing else', async () => {
      const before = await api.call('GET', '/api/health');
      expect(before.status).toBe(503);
      expect(wire.healthWire.strict().parse(await before.json())).toMatchObject({
        ...{ status: 'unavailable', reasons: ['no-ingest', 'no-worker'] },
        issues: [{ code: 'no-ingest', reason: 'No ingest is running' }, { code: 'no-worker' }],
      });
      await api.sql.query(
        `INSERT INTO instances (id, role, host, pid, version) VALUES ('i', 'ingest', 'h', 1, '1'), ('w', 'worker', 'h', 2, '1')`,
      );
      const after = await api.call('GET', '/api/health');
      expect([after.status, await after.json()]).toEqual([200, { status: 'ok', reasons: [], issues: [] }]);
      await api.sql.query(`UPDATE instances SET heartbeat_at = now() - interval '1 minute' WHERE id = 'w'`);
      expect((await api.call('GET', '/api/health')).status).toBe(503);
    });

    it(
      'tells which analyzers fail just now: of a stream to those who see it, of all without a word that would tell of ' + 'a private one',
      async () => {
        const hidden = await seed.stream({ name: 'failing-in-private', private: true });
        const epochId = await seed.epoch(hidden);
        const failing = [0, 1, 2].map(async (sequence) =>
          seed.run(await seed.segment(hidden, epochId, sequence), [], { analyzerId: 'acme.door' }),
        );
        const failed = `UPDATE analysis_runs SET state = 'failed', error_code = 'ACME_BROKEN', error_message = 'the door of ' || $2::text,
        finished_at = now() - $3::interval WHERE id = $1`;
        for (const [index, runId] of (await Promise.all(failing)).entries())
          await api.sql.query(failed, [runId, 'failing-in-private', index === 0 ? '11 minutes' : '1 minute']);
        const said = 'Analyzer acme.door failed on 2 segments';
        expect((await rest.get(`/api/streams/${hidden}`, wire.streamDetailWire.strict())).problems).toEqual([
          `${said} in the last 10 minutes, last with ACME_BROKEN: the door of failing-in-private`,
        ]);
        const system = await rest.get('/api/system', wire.systemWire.strict());
        expect(system.problems).toContain(`${said} of 1 stream in the last 10 minutes, last with ACME_BROKEN`);
        expect(JSON.stringify(system)).not.toContain('failing-in-private');
        expect((await api.call('DELETE', `/api/streams/${hidden}`, { cookie })).status).toBe(204);
        expect((await rest.get('/api/system', wire.systemWire.strict())).problems.join()).not.toContain('acme.door');
      },
    );

    it('shows plugins, queues and instances', async () => {
      const plugins = await rest.get('/api/plugins', wire.pageOf(wire.pluginWire.strict()));
      expect(plugins.items.map((plugin) => [plugin.id, plugin.state, plugin.sources.length])).toEqual([
        ['vedette.test', 'loaded', 3],
        ['broken', 'failed', 0],
      ]);
      const system = await rest.get('/api/system', wire.systemWire.strict());
      expect(system).toMatchObject({ status: 'degraded', queueBackend: 'postgres', rtmpUrl: 'rtmp://127.0.0.1:1935/live' });
      expect(system.problems).toEqual(['No worker is running.', 'Plugin broken failed: It does not load']);
      api.queues.queues = [
        {
          name: 'default',
          backend: 'postgres',
          waiting: 1,
          active: 0,
          delayed: 0,
          failed: 0,
          runsQueued: 1,
          runsRunning: 0,
          lagMs: 12,
          lastMinute: { done: 1, partial: 0, skipped: 3, failed: 0 },
          skipReasons: [{ reason: 'overload', count: 3 }],
        },
      ];
      expect((await rest.get('/api/queues', wire.pageOf(wire.queueWire.strict()))).items).toEqual(api.queues.queues);
      api.queues.failedJobs = [{ id: '1', queue: 'default', failedAt: new Date(0).toISOString(), attempts: 3, error: 'no', data: {} }];
      expect((await rest.get('/api/queues/default/failed', wire.pageOf(wire.failedJobWire.strict()))).items).toEqual(api.queues.failedJobs);
    });
  });

  describe('the dashboard', () => {
    it('is served to everyone, with its own address for every page', async () => {
      for (const path of ['/', '/streams', '/streams/abc']) {
        const page = await api.call('GET', path);
        expect([page.status, page.headers.get('content-type'), page.headers.get('cache-control')]).toEqual([
          200,
          'text/html; charset=utf-8',
          'no-store',
        ]);
        expect(await page.text()).toMatch(/<vd-root ngCspNonce="[\w-]{22}">/);
      }
      const script = await api.call('GET', '/main-ABCD1234.js');
      expect([script.headers.get('content-type'), script.headers.get('cache-control')]).toEqual([
        'text/javascript; charset=utf-8',
        'public, max-age=31536000, immutable',
      ]);
      // As browsers ask; fetch alone would say no-cache, which wants the file anew.
      const kept = { 'if-none-match': script.headers.get('etag') ?? '', 'cache-control': 'max-age=0' };
      expect((await api.call('GET', '/main-ABCD1234.js', { headers: kept })).status).toBe(304);
    });

    it.each([
      '/missing.js',
      '/..%2f..%2fetc%2fpasswd.txt',
      '/%2e%2e/%2e%2e/package.json',
      '/.env',
      '/x/.git/config.txt',
      '/a%00b.js',
      '/%E0%A4%A.js',
    ])('serves nothing for %s', async (path) => {
      const response = await api.call('GET', path);
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.headers.get('content-type')).toContain('application/problem+json');
    });

    it('gives each page a nonce for its styles, which its policy has and no other', async () => {
      const nonceOf = async (): Promise<string> => {
        const page = await api.call('GET', '/');
        const nonce = /ngCspNonce="([\w-]+)"/.exec(await page.text())![1]!;
        expect(page.headers.get('content-security-policy')).toMatch(new RegExp(`style-src 'self' 'nonce-${nonce}'(;|$)`));
        return nonce;
      };
      expect(await nonceOf()).not.toBe(await nonceOf());
      expect((await api.call('GET', '/api/health')).headers.get('content-security-policy')).toMatch(/style-src 'self'(;|$)/);
    });

    it('lets no inline script run and no type be guessed', async () => {
      for (const path of ['/', '/api/health', '/api/streams', '/nothing.js']) {
        const { headers } = await api.call('GET', path);
        const policy = headers.get('content-security-policy') ?? '';
        expect(policy).toMatch(/script-src 'self'(;|$)/);
        expect(policy).toContain("worker-src 'self' blob:");
        expect(policy).toContain("frame-ancestors 'none'");
        expect(policy).not.toContain('unsafe-');
        expect(headers.get('x-content-type-options')).toBe('nosniff');
        expect(headers.get('x-powered-by')).toBeNull();
      }
    });

    it('stands outside the folder of media', () => {
      expect(existsSync(api.config.mediaDir)).toBe(true);
      expect(api.webRoot.startsWith(api.config.mediaDir)).toBe(false);
    });
  });
});
