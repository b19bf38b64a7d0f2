import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Keepers, LEDGER_KEEPER, mediaKeeper } from '../../src/core/persistence/retention/keepers.js';
import type { NewHoldWire, RetentionWire, StreamRetentionWire } from '../../src/core/wire/retention.wire.js';
import type { CapacityWire } from '../../src/core/wire/capacity.wire.js';
import { capacityText } from '../../src/cli/capacity/capacity-text.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed, TEST_NODE_ID } from '../support/ledger-seed.js';

const DAY_MS = 86_400_000;
const MEDIA = {
  ...{ nodeId: TEST_NODE_ID, nodeName: 'studio', level: 'ok', freeBytes: 11e9, totalBytes: 20e9, floorBytes: 1e9, reserveBytes: 0.2e9 },
  ...{ keptBytes: 2e9, maxBytes: 10e9, overBytes: 0, undeletedFiles: 0, isForeign: false, lostSegments: 0, scan: null },
};
const LEDGER = {
  databaseBytes: 1e9,
  maxBytes: 5e9,
  freeBytes: 11e9,
  totalBytes: 20e9,
  floorBytes: 1e9,
  days: 3,
  oldestDay: '2026-01-01',
  overBytes: 0,
};

describe('retention', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let cookie: string;
  let keepers: Keepers;
  let streamId: string;
  let epochId: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    cookie = await api.signIn();
    keepers = api.app.get(Keepers, { strict: false });
  });
  afterAll(() => api.stop());
  beforeEach(async () => {
    await api.sql.query('TRUNCATE streams, epochs, segments, events, keepers, purged, disk_samples, holds CASCADE');
    streamId = await seed.stream();
    epochId = await seed.epoch(streamId);
    for (const sequence of [0, 1, 2]) await seed.segment(streamId, epochId, sequence);
  });

  const json = async <T>(answer: Response): Promise<T> => (await answer.json()) as T;
  const get = async <T>(path: string, bearer?: string): Promise<T> =>
    json<T>(await api.call('GET', path, bearer === undefined ? { cookie } : { bearer }));
  const report = async (media: object = {}, ledger: object = {}): Promise<void> => {
    const disk = { usedBytes: 2e9, freeBytes: 11e9, totalBytes: 20e9 };
    await keepers.report(mediaKeeper(TEST_NODE_ID), { ...MEDIA, ...media }, disk);
    await keepers.report(LEDGER_KEEPER, { ...LEDGER, ...ledger }, { ...disk, usedBytes: 1e9 });
  };

  it('of a stream says what holds, and how much there is; only admins change it, and it is on record', async () => {
    const path = `/api/streams/${streamId}/retention`;
    const before = await get<StreamRetentionWire>(path);
    expect(before).toMatchObject({ own: {}, effective: { maxAgeMs: 30 * DAY_MS, events: ['*'] }, use: { bytes: 3_000, segments: 3 } });
    const body = { maxAgeMs: DAY_MS, maxSizeBytes: 5_000_000, resultsMaxAgeMs: null, events: ['motion'] };
    const set = await api.call('PUT', path, { cookie, body });
    expect(set.status).toBe(200);
    expect(await json<StreamRetentionWire>(set)).toMatchObject({
      own: body,
      effective: { maxAgeMs: DAY_MS, maxSizeBytes: 5_000_000, resultsMaxAgeMs: null, eventMaxAgeMs: 90 * DAY_MS },
    });
    const { token: viewer } = await api.apiToken('viewer');
    expect((await api.call('PUT', path, { bearer: viewer, body: {} })).status).toBe(403);
    expect((await get<StreamRetentionWire>(path, viewer)).own).toEqual(body);
    // Whole: what is not given is the config's again.
    await api.call('PUT', path, { cookie, body: { eventMarginMs: 0 } });
    expect(await get<StreamRetentionWire>(path)).toMatchObject({ own: { eventMarginMs: 0 }, effective: { maxAgeMs: 30 * DAY_MS } });
    const { rows } = await api.sql.query(`SELECT detail FROM audit WHERE action = 'retention.update' AND target = $1 ORDER BY id`, [
      streamId,
    ]);
    expect(rows).toEqual([{ detail: body }, { detail: { eventMarginMs: 0 } }]);
    for (const bad of [{ maxAgeMs: 0 }, { maxAgeMs: '1d' }, { maxSizeBytes: 1 }, { unknown: 1 }])
      expect((await api.call('PUT', path, { cookie, body: bad })).status).toBe(400);
    expect((await api.call('GET', `/api/streams/00000000-0000-4000-8000-000000000000/retention`, { cookie })).status).toBe(404);
  });

  it('holds and marks ranges and events, lists them, and lets go of them, with who and why', async () => {
    const path = `/api/streams/${streamId}/holds`;
    const from = new Date(Date.now() - 120_000).toISOString();
    const made = await api.call('POST', path, { cookie, body: { kind: 'hold', why: 'court', from, to: new Date().toISOString() } });
    expect(made.status).toBe(201);
    const hold = await json<NewHoldWire>(made);
    expect(hold).toMatchObject({ why: 'court', from, covered: { segments: 3, bytes: 3_000, missing: 0 }, releasedAt: null });
    const event = await api.sql.query<{ id: string }>(
      `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at,
         first_run_id, last_run_id) VALUES ($1, $2, 'a', 'h', 'k', 'seen', 'closed', 0, now() - interval '30 seconds', 1, now(), 1, 1) RETURNING id`,
      [streamId, epochId],
    );
    const eventId = String(event.rows[0]!.id);
    const marked = await api.call('POST', path, { cookie, body: { kind: 'mark', why: 'a goal', eventId } });
    expect(await json(marked.clone())).toMatchObject({ kind: 'mark', eventId });
    const released = await api.call('POST', `${path}/${hold.id}/release`, { cookie, body: { why: 'settled' } });
    expect(await json(released)).toMatchObject({ id: hold.id, releasedWhy: 'settled' });
    expect((await api.call('POST', `${path}/${hold.id}/release`, { cookie, body: { why: 'again' } })).status).toBe(404);
    const { items } = await get<{ items: { kind: string }[] }>(path);
    expect(items.map(({ kind }) => kind)).toEqual(['mark', 'hold']);
    // Of a removed stream too: what it left is held until somebody lets it go.
    expect((await api.call('DELETE', `/api/streams/${streamId}`, { cookie })).status).toBe(204);
    expect((await get<{ items: object[] }>(path)).items).toHaveLength(2);
    const mark = (await json<NewHoldWire>(marked.clone())).id;
    expect((await api.call('POST', `${path}/${mark}/release`, { cookie, body: { why: 'gone' } })).status).toBe(200);
    const { rows } = await api.sql.query('SELECT action, actor FROM audit WHERE target = $1 AND action LIKE $2 ORDER BY id', [
      streamId,
      'hold.%',
    ]);
    expect(rows.map(({ action }: { action: string }) => action)).toEqual(['hold.create', 'hold.create', 'hold.release', 'hold.release']);
    expect((rows[0] as { actor: string }).actor).toContain('admin');
  });

  it('refuses holds of nothing, and of those who may not', async () => {
    const path = `/api/streams/${streamId}/holds`;
    const to = new Date().toISOString();
    const code = async (body: object) => (await json<{ code: string }>(await api.call('POST', path, { cookie, body }))).code;
    expect(await code({ kind: 'hold', why: 'x', from: to, to })).toBe('VD_RETENTION_RANGE_INVALID');
    expect(await code({ kind: 'hold', why: 'x', from: to })).toBe('VD_RETENTION_RANGE_INVALID');
    expect(await code({ kind: 'hold', why: 'x', eventId: '1', from: to, to })).toBe('VD_RETENTION_RANGE_INVALID');
    expect(await code({ kind: 'hold', why: 'x', eventId: '12345' })).toBe('VD_RETENTION_EVENT_UNKNOWN');
    expect(await code({ kind: 'hold', why: '', from: to, to })).toBe('VD_API_INVALID');
    const body = { kind: 'hold', why: 'x', from: new Date(0).toISOString(), to };
    expect((await api.call('POST', path, { bearer: (await api.apiToken('viewer')).token, body })).status).toBe(403);
    await api.sql.query(
      `INSERT INTO holds (id, stream_id, kind, from_at, to_at, why, made_by)
       SELECT gen_random_uuid(), $1, 'mark', now() - interval '1 day', now(), 'x', 'x' FROM generate_series(1, 10000)`,
      [streamId],
    );
    expect(await code(body)).toBe('VD_RETENTION_TOO_MANY_HOLDS');
  });

  it('says how full the disks are and how long they last, and so does capacity', async () => {
    expect((await get<RetentionWire>('/api/retention')).places).toEqual([]);
    // A gigabyte within the last hour.
    await api.sql.query(`UPDATE epochs SET started_at = now() - interval '1 hour'`);
    await api.sql.query(`UPDATE segments SET at = now() - interval '1 hour', size_bytes = 333333333`);
    await report();
    await api.sql.query(`INSERT INTO disk_samples (keeper, at, used_bytes) VALUES ('ledger', now() - interval '1 day', 900000000)`);
    await api.sql.query(
      `INSERT INTO purged (hour, keeper, what, why, scope, items, bytes) VALUES (date_trunc('hour', now()), 'x', 'media', 'age', 's', 7, 70)`,
    );
    const status = await get<RetentionWire>('/api/retention');
    expect(status.places).toMatchObject([
      { kind: 'media', name: 'studio', usedBytes: 2e9, capacityBytes: 10e9 },
      { kind: 'database', usedBytes: 1e9, capacityBytes: 5e9 },
    ]);
    const [media, database] = status.places;
    expect(media!.bytesPerDay! / 1e9).toBeCloseTo(24, 0);
    expect(media!.fullInDays!).toBeCloseTo(8 / 24, 1);
    expect(media!.keepsDays!).toBeCloseTo(10 / 24, 1);
    expect(database!.bytesPerDay! / 1e9).toBeCloseTo(0.1, 1);
    expect(status.purgedLastDay).toEqual([{ what: 'media', why: 'age', items: 7, bytes: 70 }]);
    expect(status).toMatchObject({ oldestResultsDay: '2026-01-01', problems: [], nodes: [{ name: 'studio', level: 'ok' }] });
    const capacity = await get<CapacityWire>('/api/capacity');
    expect(capacity.storage).toHaveLength(2);
    expect(capacityText(capacity)).toMatch(/media of studio {2}2\.0 GB {2}10\.0 GB {2}11\.0 GB {2}2[34]\.\d GB {2}0\.3 days {2}0\.4 days/);
    expect((await api.call('GET', '/api/retention', { bearer: (await api.apiToken('viewer')).token })).status).toBe(403);
  });

  it('is not ready while nothing can be recorded, and says what is wrong and how to mend it', async () => {
    await report();
    const reasons = async () => (await get<{ reasons: string[] }>('/api/health')).reasons;
    expect(await reasons()).not.toContain('media-unwritable');
    await report({ level: 'full', freeBytes: 1e6, lostSegments: 3, undeletedFiles: 2, isForeign: true }, { overBytes: 5e6 });
    expect(await reasons()).toContain('media-unwritable');
    const { problems } = await get<RetentionWire>('/api/retention');
    expect(problems).toEqual([
      expect.stringContaining('Nothing is recorded on studio: its media disk has 1 MiB left'),
      expect.stringContaining('2 files on studio cannot be deleted'),
      expect.stringContaining('is not the one it recorded into'),
      expect.stringContaining('3 recorded segments on studio are lost'),
      expect.stringContaining('The database has 5 MiB more than it should'),
    ]);
    expect((await get<{ problems: string[] }>('/api/system')).problems).toEqual(expect.arrayContaining(problems));
    await report({ level: 'low', overBytes: 5 });
    expect((await get<RetentionWire>('/api/retention')).problems).toEqual([expect.stringContaining('nothing more may be deleted')]);
    // What was said long ago says nothing of now.
    await api.sql.query(`UPDATE keepers SET reported_at = now() - interval '10 minutes'`);
    expect(await get<RetentionWire>('/api/retention')).toMatchObject({ problems: [], nodes: [] });
  });
});
