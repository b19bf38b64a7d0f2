import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BackfillDiffWire, BackfillQuoteWire, BackfillWire } from '../../src/core/wire/backfills.wire.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';

const ANALYZER = 'vedette.test.look';
const START = new Date(Date.now() - 3_600_000);
const RANGE = { from: new Date(START.getTime() - 60_000).toISOString(), to: new Date(START.getTime() + 3_600_000).toISOString() };

describe('backfills by REST', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let admin: string;
  let viewer: string;
  let streamId: string;

  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions(START);
    admin = (await api.apiToken('admin')).token;
    viewer = (await api.apiToken('viewer')).token;
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    await api.sql.query('DELETE FROM backfills');
    streamId = await seed.stream();
    const epochId = await seed.epoch(streamId, { startedAt: START });
    for (let sequence = 0; sequence < 4; sequence++) await seed.segment(streamId, epochId, sequence, sequence === 3 ? 'deleted' : 'ready');
  });

  const call = async <T>(
    method: string,
    path: string,
    body?: unknown,
    bearer = admin,
  ): Promise<{ status: number; body: T & { code?: string } }> => {
    const response = await api.call(method, `/api/${path}`, { bearer, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return { status: response.status, body: (text.startsWith('{') ? JSON.parse(text) : { text }) as T & { code?: string } };
  };
  const asked = (more: object = {}): object => ({ streamIds: [streamId], analyzerId: ANALYZER, ...RANGE, ...more });

  it('tells what it would cost, begins, is paused, goes on, is cancelled and forgotten, each on record', async () => {
    const quote = await call<BackfillQuoteWire>('POST', 'backfills/quote', asked());
    expect(quote.body).toEqual({ segments: 3, mediaSeconds: 6, missing: 1, analysed: 0, cpuSeconds: null });
    const { status, body: made } = await call<BackfillWire>('POST', 'backfills', asked({ title: 'Yesterday' }));
    expect([status, made]).toMatchObject([202, { title: 'Yesterday', state: 'queued', phase: 'analysing', progress: 0, fills: false }]);
    expect(made.segments).toMatchObject({ queued: 3, done: 0 });
    expect((await call<BackfillWire>('GET', `backfills/${made.id}`, undefined, viewer)).body).toEqual(made);
    expect((await call<{ items: unknown[] }>('GET', `backfills?state=queued,running&streamId=${streamId}`)).body.items).toEqual([made]);
    expect((await call<BackfillWire>('POST', `backfills/${made.id}/pause`)).body.state).toBe('paused');
    expect(await call('POST', `backfills/${made.id}/apply`)).toMatchObject({ status: 409, body: { code: 'VD_BACKFILL_STATE' } });
    expect((await call<BackfillWire>('POST', `backfills/${made.id}/resume`)).body.state).toBe('running');
    expect(await call('DELETE', `backfills/${made.id}`)).toMatchObject({ status: 409, body: { code: 'VD_BACKFILL_STATE' } });
    expect((await call<BackfillWire>('POST', `backfills/${made.id}/cancel`)).body).toMatchObject({ state: 'cancelled' });
    expect((await call('DELETE', `backfills/${made.id}`)).status).toBe(204);
    expect(await call('GET', `backfills/${made.id}`)).toMatchObject({ status: 404, body: { code: 'VD_BACKFILL_UNKNOWN' } });
    const { rows } = await api.sql.query<{ action: string }>(`SELECT action FROM audit WHERE target = $1 ORDER BY id`, [made.id]);
    expect(rows.map(({ action }) => action)).toEqual(['create', 'pause', 'resume', 'cancel', 'delete'].map((what) => `backfill.${what}`));
  });

  it('shows how what was found differs, as JSON and as CSV', async () => {
    const { body: made } = await call<BackfillWire>('POST', 'backfills', asked());
    await api.sql.query(`UPDATE backfill_runs SET state = 'done', difference = $2::jsonb WHERE backfill_id = $1`, [
      made.id,
      JSON.stringify({
        detections: { '=cat, "grey"': [1, 2, 3] },
        metrics: { 'seen count': [2, 4, 1, 5] },
        others: {},
        examples: [],
        events: [],
      }),
    ]);
    const { body } = await call<BackfillDiffWire>('GET', `backfills/${made.id}/diff`, undefined, viewer);
    expect(body).toMatchObject({
      segments: 3,
      detections: [{ label: '=cat, "grey"', matched: 3, onlyOld: 6, onlyNew: 9 }],
      metrics: [{ name: 'seen', unit: 'count', oldCount: 6, newCount: 3, oldMean: 2, newMean: 5 }],
    });
    const { body: csv } = await call<{ text: string }>('GET', `backfills/${made.id}/diff.csv`);
    expect(csv.text).toBe(`kind,name,matched,only_old,only_new\r\ndetection,"'=cat, ""grey""",3,6,9\r\n`);
  });

  it('looks for a brand in everything that is looked at for brands', async () => {
    const brand = await call<{ id: string }>('POST', 'brands', { name: `Acme ${streamId}` });
    const { status, body } = await call<BackfillWire>('POST', `brands/${brand.body.id}/find`, RANGE);
    expect([status, body]).toMatchObject([
      202,
      { analyzerId: ANALYZER, title: `Acme ${streamId} in the past`, applies: true, onlyMissing: false },
    ]);
    expect(body.streamIds).toContain(streamId);
  });

  it('refuses what cannot be, in words', async () => {
    const code = async (body: object, bearer = admin): Promise<unknown> => (await call('POST', 'backfills', body, bearer)).body.code;
    expect(await code(asked({ analyzerId: 'nobody' }))).toBe('VD_BACKFILL_ANALYZER_UNKNOWN');
    expect(await code(asked({ from: RANGE.to, to: RANGE.from }))).toBe('VD_BACKFILL_RANGE_INVALID');
    expect(await code(asked({ from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' }))).toBe('VD_BACKFILL_NOTHING');
    expect(await code(asked({ streamIds: ['00000000-0000-4000-8000-000000000000'] }))).toBe('VD_API_NOT_FOUND');
    expect(await code(asked({ config: { minScore: 5 } }))).toBe('VD_BACKFILL_CONFIG_INVALID');
    expect((await call('POST', 'backfills', asked(), viewer)).status).toBe(403);
    expect((await call('POST', 'backfills/quote', asked(), viewer)).status).toBe(403);
  });

  it('takes so much at once and no more', async () => {
    const code = async (): Promise<unknown> => (await call('POST', 'backfills', asked())).body.code;
    await api.sql.query(
      `INSERT INTO backfills (id, title, analyzer_id, analyzer_version, from_at, to_at, only_missing, fills, applies, state, created_by)
       SELECT gen_random_uuid(), 't', 'a', '1', now(), now(), false, false, false, 'paused', 'x' FROM generate_series(1, 20)`,
    );
    expect(await code()).toBe('VD_BACKFILL_TOO_MANY');
    await api.sql.query('DELETE FROM backfills');
    await api.sql.query(
      `INSERT INTO segments (stream_id, epoch_id, sequence, state, path, size_bytes, pts_start_us, pts_end_us, frame_count, keyframe_pts_us, at)
       SELECT s.stream_id, s.epoch_id, n, 'ready', 'p' || n, 1, n * 10, n * 10 + 10, 1, '{}', s.at + n * interval '10 microseconds'
       FROM segments s, generate_series(100, 200100) n WHERE s.stream_id = $1 AND s.sequence = 0`,
      [streamId],
    );
    expect(await code()).toBe('VD_BACKFILL_TOO_MUCH');
    await api.sql.query('DELETE FROM segments WHERE stream_id = $1', [streamId]);
  });

  it('does not exist for viewers where a stream of it is private', async () => {
    const secret = await seed.stream({ private: true });
    const epochId = await seed.epoch(secret, { startedAt: START });
    await seed.segment(secret, epochId, 0);
    const { body: made } = await call<BackfillWire>('POST', 'backfills', asked({ streamIds: [streamId, secret] }));
    expect((await call('GET', `backfills/${made.id}`, undefined, viewer)).status).toBe(404);
    expect((await call<{ items: unknown[] }>('GET', 'backfills', undefined, viewer)).body.items).toEqual([]);
  });
});
