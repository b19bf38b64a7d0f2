import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { loadErrorTable } from '../../src/core/errors/error-table.js';
import * as wire from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';

describe('REST', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let cookie: string;
  let viewer: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions();
    cookie = await api.signIn();
    viewer = (await api.apiToken('viewer')).token;
  });
  afterAll(() => api.stop());

  /** The body, held against its schema: a field too many fails as one too few does. */
  async function get<T extends z.ZodType>(path: string, schema: T): Promise<z.output<T>> {
    const response = await api.call('GET', path, { cookie });
    const body: unknown = await response.json();
    expect([path, response.status, JSON.stringify(body).slice(0, 300)]).toEqual([path, 200, expect.any(String)]);
    return schema.parse(body);
  }

  async function refusal(
    method: string,
    path: string,
    options: Parameters<ApiApp['call']>[2] = { cookie },
  ): Promise<{ status: number; code: string; detail: string; fix?: string | undefined; paths: string[] }> {
    const response = await api.call(method, path, options);
    expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    const problem = wire.problemWire.strict().parse(await response.json());
    expect(problem.status).toBe(response.status);
    return { ...problem, paths: (problem.errors ?? []).map((error) => error.path) };
  }

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

      const keys = await get(`/api/streams/${stream.id}/keys`, wire.pageOf(wire.streamKeyWire.strict()));
      expect(keys.items).toMatchObject([{ id: stream.key?.id, hint: stream.key?.hint, revokedAt: null }]);
      const second = wire.newStreamKeyWire
        .strict()
        .parse(await (await api.call('POST', `/api/streams/${stream.id}/keys`, { cookie })).json());
      expect((await api.call('DELETE', `/api/streams/${stream.id}/keys/${stream.key?.id}`, { cookie })).status).toBe(204);
      expect((await refusal('DELETE', `/api/streams/${stream.id}/keys/${stream.key?.id}`)).status).toBe(404);
      const after = await get(`/api/streams/${stream.id}/keys`, wire.pageOf(wire.streamKeyWire.strict()));
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
        await refusal('POST', '/api/streams', { cookie, body: { ...body, name: 'desk-2', sourceConfig: { device: '', shutter: 1 } } }),
      ).toMatchObject({
        status: 400,
        code: 'VD_API_SOURCE_CONFIG_INVALID',
        paths: ['sourceConfig.device', 'sourceConfig'],
      });
      expect(await refusal('POST', '/api/streams', { cookie, body: { name: 'x', adapterId: 'gopher' } })).toMatchObject({
        status: 400,
        code: 'VD_API_ADAPTER_UNKNOWN',
      });
      expect(
        await refusal('POST', '/api/streams', { cookie, body: { name: 'x', adapterId: 'rtmp', sourceConfig: { url: 'file:///etc' } } }),
      ).toMatchObject({
        status: 400,
        code: 'VD_API_SOURCE_CONFIG_INVALID',
      });
      expect(await refusal('PATCH', `/api/streams/${made.id}`, { cookie, body: { sourceConfig: { fps: 1000 } } })).toMatchObject({
        code: 'VD_API_SOURCE_CONFIG_INVALID',
      });
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
      expect(await refusal('POST', '/api/streams', { cookie, body: { name, adapterId: 'rtmp' } })).toMatchObject({
        status: 400,
        code: 'VD_API_INVALID',
        paths: ['name'],
      });
    });

    it('says that a name is taken', async () => {
      await seed.stream({ name: 'taken' });
      expect(await refusal('POST', '/api/streams', { cookie, body: { name: 'taken', adapterId: 'rtmp' } })).toMatchObject({
        status: 409,
        code: 'VD_STREAM_NAME_TAKEN',
      });
    });

    it('changes only what a client may change', async () => {
      const id = await seed.stream({ name: 'patched' });
      for (const field of ['id', 'state', 'name', 'adapterId', 'createdAt', 'deletedAt', 'isPrivate', '__proto__x']) {
        expect(await refusal('PATCH', `/api/streams/${id}`, { cookie, body: { [field]: 'x' } })).toMatchObject({
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
      expect((await refusal('GET', `/api/streams/${id}`)).status).toBe(404);
      expect((await get('/api/streams', wire.pageOf(wire.streamWire.strict()))).items.some((stream) => stream.id === id)).toBe(false);
    });

    it('hides private streams and source configs from viewers, everywhere', async () => {
      const hidden = await seed.stream({ name: 'hidden', private: true });
      const epochId = await seed.epoch(hidden);
      await seed.segment(hidden, epochId, 0);
      const open = await seed.stream({ name: 'open' });
      const listed = wire.pageOf(wire.streamWire).parse(await (await api.call('GET', '/api/streams', { bearer: viewer })).json());
      expect(listed.items.map((stream) => stream.id)).toContain(open);
      expect(listed.items.map((stream) => stream.id)).not.toContain(hidden);
      for (const path of ['', '/epochs', '/segments', '/runs', '/detections', '/metrics', '/events', '/observations']) {
        expect([path, (await refusal('GET', `/api/streams/${hidden}${path}`, { bearer: viewer })).status]).toEqual([path, 404]);
        expect([path, (await api.call('GET', `/api/streams/${hidden}${path}`, { cookie })).status]).toEqual([path, 200]);
      }
      for (const path of ['live.m3u8', `${epochId}/index.m3u8`, `${epochId}/000000.ts`]) {
        expect((await refusal('GET', `/streaming/${hidden}/${path}`, { bearer: viewer })).status).toBe(404);
      }
      const detail = wire.streamDetailWire.parse(await (await api.call('GET', `/api/streams/${open}`, { bearer: viewer })).json());
      expect(detail).toMatchObject({ sourceConfig: {}, problems: [] });
      expect((await get(`/api/streams/${open}`, wire.streamDetailWire.strict())).sourceConfig).toEqual({ device: 'secret' });
    });
  });

  describe('the timeline', () => {
    let streamId: string;
    let epochId: string;
    const startedAt = new Date(Date.now() - 120_000);
    beforeAll(async () => {
      streamId = await seed.stream({ name: 'timeline' });
      epochId = await seed.epoch(streamId, { startedAt });
      for (let sequence = 0; sequence < 10; sequence += 1) {
        const segmentId = await seed.segment(streamId, epochId, sequence, sequence === 7 ? 'unreadable' : 'ready');
        await seed.run(segmentId, sequence % 2 === 0 ? ['cat', 'dog'] : ['cat'], { score: 0.1 * sequence });
      }
    });

    const lists = {
      epochs: wire.epochWire,
      segments: wire.segmentWire,
      runs: wire.runWire,
      detections: wire.detectionWire,
      metrics: wire.metricWire,
      events: wire.eventWire,
      observations: wire.observationWire,
    } as const;
    const counts = { epochs: 1, segments: 10, runs: 10, detections: 15, metrics: 15, events: 10, observations: 0 } as const;

    it.each(Object.keys(lists) as (keyof typeof lists)[])('serves %s page by page, both ways, each row once', async (list) => {
      for (const order of ['asc', 'desc']) {
        const keys: string[] = [];
        let after: string | null = null;
        do {
          const query: string = `limit=3&order=${order}` + (after === null ? '' : `&after=${after}`);
          const page: wire.Page<Record<string, unknown>> = await get(
            `/api/streams/${streamId}/${list}?${query}`,
            wire.pageOf(lists[list].strict() as unknown as z.ZodType<Record<string, unknown>>).strict(),
          );
          expect(page.items.length).toBeLessThanOrEqual(3);
          keys.push(...page.items.map((item) => JSON.stringify([item['id'], item['runId'], item['ordinal']])));
          after = page.next;
        } while (after !== null);
        expect(keys).toHaveLength(counts[list]);
        expect(new Set(keys).size).toBe(keys.length);
      }
    });

    it('finds exactly the frames of a pts range', async () => {
      const path = `/api/streams/${streamId}/detections?epochId=${epochId}`;
      const page = wire.pageOf(wire.detectionWire);
      const from = 1_400_000 + 2 * 2_000_000;
      expect((await get(`${path}&fromPtsUs=${from}&toPtsUs=${from + 1}`, page)).items.map((d) => d.ptsUs)).toEqual([from]);
      expect((await get(`${path}&fromPtsUs=${from}&toPtsUs=${from + 100_000}`, page)).items.map((d) => d.ptsUs)).toEqual([from]);
      expect((await get(`${path}&fromPtsUs=${from}&toPtsUs=${from + 2_000_000}`, page)).items.map((d) => d.ptsUs)).toEqual([
        from,
        from + 100_000,
      ]);
      expect((await get(`${path}&fromPtsUs=${from + 100_001}&toPtsUs=${from + 2_000_000}`, page)).items).toEqual([]);
    });

    it('gives the segments that a range touches', async () => {
      const page = wire.pageOf(wire.segmentWire);
      const at = (ms: number) => encodeURIComponent(new Date(startedAt.getTime() + ms).toISOString());
      expect((await get(`/api/streams/${streamId}/segments?from=${at(3_000)}&to=${at(4_500)}`, page)).items.map((s) => s.sequence)).toEqual(
        [1, 2],
      );
      const origin = 1_400_000;
      expect(
        (
          await get(
            `/api/streams/${streamId}/segments?epochId=${epochId}&fromPtsUs=${origin + 3_000_000}&toPtsUs=${origin + 4_500_000}`,
            page,
          )
        ).items.map((s) => s.sequence),
      ).toEqual([1, 2]);
      expect((await get(`/api/streams/${streamId}/segments?state=unreadable`, page)).items.map((s) => s.sequence)).toEqual([7]);
    });

    it('filters by label, name, score, analyzer, state and segment', async () => {
      const base = `/api/streams/${streamId}`;
      expect((await get(`${base}/detections?label=dog`, wire.pageOf(wire.detectionWire))).items).toHaveLength(5);
      expect(
        (await get(`${base}/detections?label=dog,cat&minScore=0.85`, wire.pageOf(wire.detectionWire))).items.map((d) => d.score.toFixed(1)),
      ).toEqual(['0.9']);
      expect((await get(`${base}/metrics?name=brightness&name=contrast`, wire.pageOf(wire.metricWire))).items).toHaveLength(15);
      expect((await get(`${base}/metrics?name=contrast`, wire.pageOf(wire.metricWire))).items).toHaveLength(0);
      expect((await get(`${base}/events?state=closed`, wire.pageOf(wire.eventWire))).items).toHaveLength(0);
      expect(
        (await get(`${base}/runs?state=done,partial&queue=default&analyzerId=vedette.test.look`, wire.pageOf(wire.runWire))).items,
      ).toHaveLength(10);
      const segment = (await get(`${base}/segments?limit=1`, wire.pageOf(wire.segmentWire))).items[0];
      expect((await get(`${base}/runs?segmentId=${segment?.id}`, wire.pageOf(wire.runWire))).items).toHaveLength(1);
    });

    it('does not serve one stream through another', async () => {
      const other = await seed.stream({ name: 'other' });
      expect(await refusal('GET', `/api/streams/${other}/segments?epochId=${epochId}`)).toMatchObject({
        status: 404,
        code: 'VD_API_NOT_FOUND',
      });
      expect((await get(`/api/streams/${other}/runs`, wire.pageOf(wire.runWire))).items).toEqual([]);
      expect((await refusal('GET', `/streaming/${other}/${epochId}/index.m3u8`)).status).toBe(404);
      expect((await refusal('GET', `/streaming/${other}/${epochId}/000000.ts`)).status).toBe(404);
    });

    it.each([
      'limit=100000',
      'limit=0',
      'limit=-1',
      'limit=1e3',
      'limit=1;DROP TABLE streams',
      'limit=5&limit=6',
      "label=a'--&fields=*",
      'sort=at;DROP TABLE feed',
      'order=at',
      "order=asc'",
      'after=1',
      'after=x',
      "after=1.1.1'",
      'after=99999999999999999999.1.1',
      'epochId=1',
      `epochId=${'%27'} OR 1=1`,
      'fromPtsUs=abc',
      'fromPtsUs=1',
      'fromPtsUs=99999999999999999999',
      'from=yesterday',
      'from=2026-01-01',
      'minScore=2',
      'minScore=NaN',
      'minScore=1 OR 1=1',
      'label[]=x',
      'label[$ne]=x',
      '__proto__[x]=1',
      'unknown=1',
    ])('refuses the filter %s', async (query) => {
      expect(await refusal('GET', `/api/streams/${streamId}/detections?${query}`)).toMatchObject({ status: 400, code: 'VD_API_INVALID' });
    });

    it('takes quotes and wildcards in a label as they are', async () => {
      for (const label of ["' OR '1'='1", '%', "cat'; DELETE FROM detections; --", '\\', '__proto__']) {
        expect(
          (await get(`/api/streams/${streamId}/detections?label=${encodeURIComponent(label)}`, wire.pageOf(wire.detectionWire))).items,
        ).toEqual([]);
      }
    });

    it('refuses a range of ten years', async () => {
      expect(await refusal('GET', `/api/streams/${streamId}/detections?from=2016-01-01T00:00:00Z&to=2026-01-01T00:00:00Z`)).toMatchObject({
        status: 400,
        code: 'VD_API_RANGE_TOO_WIDE',
      });
      expect(await refusal('GET', `/api/streams/${streamId}/events?from=2016-01-01T00:00:00Z`)).toMatchObject({
        status: 400,
        code: 'VD_API_RANGE_TOO_WIDE',
      });
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
      expect((await refusal(method, path)).status).toBe(status);
    });

    it('says that a body is not JSON, not an object, or too large', async () => {
      const send = (body: string, type = 'application/json') =>
        refusal('POST', '/api/streams', { cookie, body, headers: { 'content-type': type } });
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
        const problem = await refusal('POST', '/api/tokens', { cookie, body: { name: 'x', role: 'viewer' } });
        expect(problem).toMatchObject({ status: 500, code: 'VD_API_INTERNAL' });
        expect(JSON.stringify(problem)).not.toMatch(/audit|relation|typeorm|node_modules/i);
      } finally {
        await api.sql.query('ALTER TABLE audit_away RENAME TO audit');
      }
    });

    it('lists every code of core with its fix', async () => {
      const listed = (await get('/api/errors', wire.pageOf(wire.errorSpecWire.strict()))).items;
      expect(listed).toEqual(await loadErrorTable());
      expect(listed.map((error) => error.code)).toContain('VD_AUTH_REQUIRED');
      expect(new Set(listed.map((error) => error.code)).size).toBe(listed.length);
    });
  });

  describe('the system', () => {
    it('tells health to everyone and nothing else', async () => {
      const before = await api.call('GET', '/api/health');
      expect([before.status, await before.json()]).toEqual([503, { status: 'unavailable', reasons: ['no-ingest', 'no-worker'] }]);
      await api.sql.query(
        `INSERT INTO instances (id, role, host, pid, version) VALUES ('i', 'ingest', 'h', 1, '1'), ('w', 'worker', 'h', 2, '1')`,
      );
      const after = await api.call('GET', '/api/health');
      expect([after.status, await after.json()]).toEqual([200, { status: 'ok', reasons: [] }]);
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
        expect((await get(`/api/streams/${hidden}`, wire.streamDetailWire.strict())).problems).toEqual([
          `${said} in the last 10 minutes, last with ACME_BROKEN: the door of failing-in-private`,
        ]);
        const system = await get('/api/system', wire.systemWire.strict());
        expect(system.problems).toContain(`${said} of 1 stream in the last 10 minutes, last with ACME_BROKEN`);
        expect(JSON.stringify(system)).not.toContain('failing-in-private');
        expect((await api.call('DELETE', `/api/streams/${hidden}`, { cookie })).status).toBe(204);
        expect((await get('/api/system', wire.systemWire.strict())).problems.join()).not.toContain('acme.door');
      },
    );

    it('shows plugins, queues and instances', async () => {
      const plugins = await get('/api/plugins', wire.pageOf(wire.pluginWire.strict()));
      expect(plugins.items.map((plugin) => [plugin.id, plugin.state, plugin.sources.length])).toEqual([
        ['vedette.test', 'loaded', 2],
        ['broken', 'failed', 0],
      ]);
      const system = await get('/api/system', wire.systemWire.strict());
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
          lastMinute: { done: 1, partial: 0, skipped: 0, failed: 0 },
        },
      ];
      expect((await get('/api/queues', wire.pageOf(wire.queueWire.strict()))).items).toEqual(api.queues.queues);
      api.queues.failedJobs = [{ id: '1', queue: 'default', failedAt: new Date(0).toISOString(), attempts: 3, error: 'no', data: {} }];
      expect((await get('/api/queues/default/failed', wire.pageOf(wire.failedJobWire.strict()))).items).toEqual(api.queues.failedJobs);
    });
  });

  describe('the dashboard', () => {
    it('is served to everyone, with its own address for every page', async () => {
      for (const path of ['/', '/streams', '/streams/abc']) {
        const page = await api.call('GET', path);
        expect([page.status, page.headers.get('content-type'), page.headers.get('cache-control')]).toEqual([
          200,
          'text/html; charset=utf-8',
          'no-cache',
        ]);
        expect(await page.text()).toContain('<vd-root>');
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

    it('lets no inline script run and no type be guessed', async () => {
      for (const path of ['/', '/api/health', '/api/streams', '/nothing.js']) {
        const { headers } = await api.call('GET', path);
        const policy = headers.get('content-security-policy') ?? '';
        expect(policy).toMatch(/script-src 'self'(;|$)/);
        expect(policy).toContain("worker-src 'self' blob:");
        expect(policy).toContain("frame-ancestors 'none'");
        expect(policy).not.toContain('unsafe-eval');
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
