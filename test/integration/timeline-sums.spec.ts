import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LedgerArchiver } from '../../src/core/persistence/archive/ledger-archiver.js';
import { ResultDays } from '../../src/core/persistence/retention/result-days.js';
import { TimelineHours } from '../../src/core/persistence/timeline/timeline-hours.js';
import { timelineWire, type TimelineWire } from '../../src/core/wire/timeline.wire.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { RestReader } from '../support/rest-reader.js';
import { byHand, comparable, nearlyEqual } from '../support/timeline-by-hand.js';
import { TimelineScene } from '../support/timeline-scene.js';

const HOUR_MS = 3_600_000;
/** Ahead of a midnight a few days ago, and not at a round time. */
const STARTED_MS = Math.floor(Date.now() / 86_400_000 - 2) * 86_400_000 - 1.7 * HOUR_MS + 12_345;
const STEPS = { '7s': 7_000, '1m': 60_000, '7m': 420_000, '10m': 600_000, '1h': HOUR_MS, '3h': 3 * HOUR_MS, '1d': 24 * HOUR_MS };

expect.addEqualityTesters([nearlyEqual]);

describe('what a timeline adds up to', () => {
  let api: ApiApp;
  let rest: RestReader;
  let scene: TimelineScene;
  let hours: TimelineHours;
  let archiver: LedgerArchiver;

  beforeAll(async () => {
    api = await ApiApp.start();
    const seed = new LedgerSeed(api.sql);
    await seed.partitions(new Date(STARTED_MS));
    rest = new RestReader(api, await api.signIn());
    hours = api.app.get(TimelineHours, { strict: false });
    archiver = api.app.get(LedgerArchiver, { strict: false });
    // What must not be found.
    await new TimelineScene(api.sql, seed, 5).fill('other', STARTED_MS, 1, 20);
    scene = new TimelineScene(api.sql, seed, 77);
    await scene.fill('scene', STARTED_MS, 3, 70);
  }, 60_000);
  afterAll(() => api.stop());

  const path = (query: Record<string, string | number>): string =>
    `/api/streams/${scene.streamId}/timeline?${new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)])).toString()}`;
  const read = (query: Record<string, string | number>): Promise<TimelineWire> => rest.get(path(query), timelineWire.strict());
  const iso = (ms: number): string => new Date(ms).toISOString();

  /** Every step over what of the scene it may be asked for. */
  async function agrees(): Promise<void> {
    const [fromUs, toUs] = scene.span;
    for (const [step, stepMs] of Object.entries(STEPS)) {
      const fromMs = Math.floor(fromUs / 1000) + 777_777;
      const toMs = Math.min(Math.ceil(toUs / 1000) + 60_000, fromMs + (stepMs < 60_000 ? 1.9 * HOUR_MS : 100 * HOUR_MS));
      expect([step, comparable(await read({ from: iso(fromMs), to: iso(toMs), step }))]).toEqual([
        step,
        byHand(scene, fromMs, toMs, stepMs),
      ]);
    }
  }
  const marks = async (): Promise<number> =>
    (await api.sql.query<{ marks: number }>('SELECT count(*)::int AS marks FROM timeline_stale')).rows[0]!.marks;
  const kept = async (): Promise<number> =>
    (await api.sql.query<{ kept: number }>('SELECT count(*)::int AS kept FROM timeline_hours WHERE stream_id = $1', [scene.streamId]))
      .rows[0]!.kept;

  it('is what there is, row by row, before anything is added up', async () => {
    expect(await kept()).toBe(0);
    await agrees();
  });

  it('is the same once hours are added up, and once their rows are packed', async () => {
    const [fromUs, toUs] = scene.span;
    for (const hoursLong of [23, 25, 70]) await scene.eventAt(toUs - hoursLong * 3.6e9, toUs - 1e9);
    await scene.eventAt(fromUs - 90 * 3.6e9, null);
    expect(await hours.refresh(undefined, 0)).toBeGreaterThan(4);
    expect([await marks(), (await kept()) > 4]).toEqual([0, true]);
    await agrees();
    await archiver.pack();
    expect(await marks()).toBe(0);
    await agrees();
  });

  it('is true at once whatever changes, and stays so when it is added up and packed again', async () => {
    for (let round = 0; round < 6; round++) {
      for (let n = 0; n < 12; n++) await scene.change();
      await agrees();
      if (round % 2 === 1) await archiver.pack();
      await hours.refresh(undefined, 0);
      expect(await marks()).toBe(0);
      await agrees();
    }
  }, 120_000);

  it('loses no change that is made while hours are added up', async () => {
    const ending = new AbortController();
    const adding = (async () => {
      while (!ending.signal.aborted) await hours.refresh(undefined, 0);
    })();
    const rival = (async () => {
      while (!ending.signal.aborted) await hours.refresh(undefined, 0);
    })();
    for (let n = 0; n < 120; n++) await scene.change();
    ending.abort();
    await Promise.allSettled([adding, rival]);
    // Marks of a rival that was in the way are taken over after a while.
    await api.sql.query(`UPDATE timeline_stale SET taken_at = now() - interval '1 hour' WHERE taken_at IS NOT NULL`);
    await hours.refresh(undefined, 0);
    expect(await marks()).toBe(0);
    await agrees();
  }, 60_000);

  it('waits for whoever saw a mark that it takes', async () => {
    const client = await api.sql.connect();
    const segment = scene.segments[40]!;
    try {
      await api.sql.query(
        `INSERT INTO timeline_stale (stream_id, hour) VALUES ($1, date_trunc('hour', to_timestamp($2::numeric / 1000000), 'UTC'))`,
        [scene.streamId, segment.fromUs],
      );
      await client.query('BEGIN');
      await client.query(`UPDATE segments SET state = 'lost' WHERE id = $1`, [segment.id]);
      segment.state = 'lost';
      const adding = hours.refresh(undefined, 0);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await client.query('COMMIT');
      await adding;
    } finally {
      client.release();
    }
    expect(await marks()).toBe(0);
    await agrees();
  });

  it('tells why nothing was found, in words', async () => {
    const [fromUs, toUs] = scene.span;
    const { coverage, reasons } = await read({ from: iso(fromUs / 1000), to: iso(toUs / 1000), step: '1d', parts: 'coverage' });
    const codes = new Set(coverage!.flatMap(({ buckets }) => buckets.flatMap(({ why }) => why.map(({ code }) => code))));
    expect(new Set(reasons!.map(({ code }) => code))).toEqual(codes);
    const words = Object.fromEntries(reasons!.map(({ code, text }) => [code, text]));
    expect(words).toMatchObject({
      overload: expect.stringContaining('more to look at'),
      'no-audio': 'There is no sound in it',
      VD_ACME_BROKEN: expect.stringContaining('plugin'),
    });
    expect(coverage!.find(({ analyzerId }) => analyzerId === 'acme.gone')?.isLoaded).toBe(false);
  });

  it('tells the parts that are asked for, of whom is asked for', async () => {
    const [fromUs, toUs] = scene.span;
    const range = { from: iso(fromUs / 1000), to: iso(toUs / 1000), step: '1h' };
    expect(Object.keys(await read({ ...range, parts: 'recorded' }))).toEqual(['from', 'to', 'bucketMs', 'pending', 'recorded']);
    const { series, events } = await read({ ...range, parts: 'series,events', analyzerId: 'acme.gone', name: 'person' });
    expect(new Set(series!.map(({ analyzerId, name }) => `${analyzerId} ${name}`))).toEqual(new Set(['acme.gone person']));
    expect(new Set(events!.map(({ analyzerId }) => analyzerId))).toEqual(new Set(['acme.gone']));
    expect(await rest.refusal('GET', path({ ...range, analyzerId: 'acme.nobody' }))).toMatchObject({ code: 'VD_API_NAME_UNKNOWN' });
  });

  it.each([
    [{ step: '1s', from: iso(STARTED_MS), to: iso(STARTED_MS + HOUR_MS) }, 'VD_API_STEP_TOO_SMALL', '2s or more'],
    [{ step: '90s' }, 'VD_API_INVALID', 'whole minutes'],
    [{ step: '2d' }, 'VD_API_INVALID', 'between 1s and 1d'],
    [{ step: '60' }, 'VD_API_INVALID', ''],
    [{ parts: 'everything' }, 'VD_API_INVALID', ''],
    [{ from: iso(STARTED_MS), to: iso(STARTED_MS - 1) }, 'VD_API_INVALID', 'after'],
    [{ from: iso(STARTED_MS - 400 * 24 * HOUR_MS) }, 'VD_API_RANGE_TOO_WIDE', ''],
  ])('refuses %j', async (query, code, said) => {
    const refusal = await rest.refusal('GET', path(query as Record<string, string>));
    expect(refusal).toMatchObject({ code, status: 400 });
    expect(refusal.detail).toContain(said);
  });

  it('keeps no hour in which too much is told apart, and looks into it', async () => {
    const run = scene.runs.find(({ state }) => state === 'done')!;
    const segment = scene.segments.find(({ id }) => id === run.segmentId)!;
    await api.sql.query(
      `INSERT INTO detections (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, label, score, x, y, width, height)
       SELECT to_timestamp($1::numeric / 1000000), $2, 2000000000 + n, $3, $4, 'acme.flood', 0, 'label ' || n, 0.5, 0, 0, 1, 1
       FROM generate_series(1, 2100) n`,
      [segment.fromUs, run.id, scene.streamId, segment.epochId],
    );
    for (let n = 1; n <= 2_100; n++)
      scene.values.push({ kind: 'detections', analyzerId: 'acme.flood', name: `label ${n}`, atUs: segment.fromUs, value: 0.5 });
    await hours.refresh(undefined, 0);
    const { rows } = await api.sql.query<{ count: number }>('SELECT count(*)::int AS count FROM timeline_hours WHERE hour IS NULL');
    expect([rows[0]!.count, await marks()]).toEqual([1, 0]);
    const [fromUs, toUs] = scene.span;
    const series = async (): Promise<number> =>
      (await read({ from: iso(fromUs / 1000), to: iso(toUs / 1000), step: '1h', parts: 'series', analyzerId: 'acme.flood' })).series!
        .length;
    expect(await series()).toBe(2_100);
    await api.sql.query(`DELETE FROM detections WHERE analyzer_id = 'acme.flood'`);
    scene.values.splice(0, scene.values.length, ...scene.values.filter(({ analyzerId }) => analyzerId !== 'acme.flood'));
    expect(await rest.refusal('GET', path({ analyzerId: 'acme.flood' }))).toMatchObject({ code: 'VD_API_NAME_UNKNOWN' });
    await hours.refresh(undefined, 0);
    await agrees();
  });

  it('does not tell viewers of a private stream', async () => {
    const { token } = await api.apiToken('viewer');
    const ask = async (): Promise<number> => (await api.call('GET', path({}), { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await ask()).toBe(200);
    await api.sql.query('UPDATE streams SET private = true WHERE id = $1', [scene.streamId]);
    expect([await ask(), (await api.call('GET', path({}))).status]).toEqual([404, 401]);
  });

  it('says which hours are pending where there are more than it looks into', async () => {
    const [{ hours: first }] = (
      await api.sql.query<{ hours: Date[] }>('SELECT array_agg(at ORDER BY at) AS hours FROM timeline_hours WHERE stream_id = $1', [
        scene.streamId,
      ])
    ).rows as [{ hours: Date[] }];
    await api.sql.query(
      `INSERT INTO timeline_stale (stream_id, hour) SELECT $1, $2::timestamptz - n * interval '1 hour' FROM generate_series(0, 12) n`,
      [scene.streamId, first.at(-1)],
    );
    const { pending } = await read({
      from: iso(first[0]!.getTime() - 20 * HOUR_MS),
      to: iso(first.at(-1)!.getTime() + HOUR_MS),
      step: '1h',
    });
    expect(pending).toEqual([{ from: iso(first.at(-1)!.getTime() - 12 * HOUR_MS), to: iso(first.at(-1)!.getTime() - 11 * HOUR_MS) }]);
    await hours.refresh(undefined, 0);
  });

  it('forgets what retention takes', async () => {
    await api.sql.query('UPDATE holds SET released_at = now()');
    const days = api.app.get(ResultDays, { strict: false });
    for (const day of await days.list()) expect(await days.drop('ledger', 'age', day)).toBe(true);
    scene.values.length = 0;
    const { rows } = await api.sql.query<{ id: string }>('SELECT id FROM analysis_runs');
    const left = new Set(rows.map(({ id }) => id));
    scene.runs.splice(0, scene.runs.length, ...scene.runs.filter(({ id }) => left.has(id)));
    await hours.refresh(undefined, 0);
    await agrees();
    for (const table of ['analysis_runs', 'events', 'segments'])
      await api.sql.query(`DELETE FROM ${table} WHERE stream_id = $1`, [scene.streamId]);
    await hours.refresh(undefined, 0);
    expect([await kept(), await marks()]).toEqual([0, 0]);
  });
});
