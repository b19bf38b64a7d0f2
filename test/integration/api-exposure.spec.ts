import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exposureReportWire, exposureWire, type ExposureReportWire } from '../../src/core/wire/exposure.wire.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { seeBrands } from '../support/seen-brands.js';
import { until } from '../support/until.js';

const STARTED_AT = new Date(Math.floor(Date.now() / 1000 - 600) * 1000);
const PTS_ORIGIN_US = 1_400_000;

describe('exposure over REST', () => {
  let api: ApiApp;
  let cookie: string;
  let streamId: string;
  let epochId: string;

  beforeAll(async () => {
    api = await ApiApp.start();
    const seed = new LedgerSeed(api.sql);
    await seed.partitions(STARTED_AT);
    cookie = await api.signIn();
    streamId = await seed.stream({ name: 'match' });
    epochId = await seed.epoch(streamId, { startedAt: STARTED_AT, ptsOriginUs: PTS_ORIGIN_US });
    const segments = [];
    for (const sequence of [0, 1, 2]) segments.push(await seed.segment(streamId, epochId, sequence));
    const runId = await seed.run(segments[0]!, []);
    await seed.run(segments[1]!, []);
    await seeBrands(api.sql, { runId, streamId, epochId, startedAt: STARTED_AT, ptsOriginUs: PTS_ORIGIN_US }, [
      { label: 'Acme', fromS: 0, frames: 5, attributes: { subjectId: 'b-acme', clarity: 0.8, sampleMs: 400 } },
      { label: 'Acme', fromS: 3.2, frames: 1, attributes: { subjectId: 'b-acme', clarity: 0.8, sampleMs: 400 } },
      { label: 'Bolt', fromS: 0.8, frames: 2, box: [0, 0, 0.1, 0.1], attributes: { subjectId: 'b-bolt', clarity: 'sharp', sampleMs: -1 } },
      { label: 'Bolt', fromS: 1.6, frames: 5, score: 0.3, attributes: { subjectId: 'b-bolt' } },
    ]);
  });
  afterAll(() => api.stop());

  async function get(path: string): Promise<unknown> {
    const response = await api.call('GET', `/api/streams/${streamId}/exposure${path}`, { cookie });
    const body: unknown = await response.json();
    expect([path, response.status, JSON.stringify(body).slice(0, 200)]).toEqual([path, 200, expect.any(String)]);
    return body;
  }
  const report = async (query = ''): Promise<ExposureReportWire> => exposureReportWire.strict().parse(await get(`/report${query}`));
  const refusal = async (path: string): Promise<{ status: number; code: string; detail: string }> =>
    (await (await api.call('GET', `/api/streams/${streamId}/exposure${path}`, { cookie })).json()) as {
      status: number;
      code: string;
      detail: string;
    };

  it('adds up a range from what is stored', async () => {
    const { brands, totals, appearances, analysedSeconds, series, heatGrid } = await report();
    expect(brands.map(({ subjectId, label, visibleSeconds, appearances: count }) => ({ subjectId, label, visibleSeconds, count }))).toEqual(
      [
        { subjectId: 'b-acme', label: 'Acme', visibleSeconds: 2.4, count: 2 },
        { subjectId: 'b-bolt', label: 'Bolt', visibleSeconds: 0.8, count: 1 },
      ],
    );
    expect(brands[0]).toMatchObject({ meanShare: 0.04, meanClarity: 0.8, shareOfVoice: 0.75, aloneSeconds: 1.6 });
    expect(brands[1]!.gridSeconds[0]).toBe(0.8);
    expect(totals).toMatchObject({ brands: 2, appearances: 3, visibleSeconds: 3.2 });
    expect(appearances[0]).toMatchObject({
      label: 'Acme',
      epochId,
      startPtsUs: PTS_ORIGIN_US,
      endPtsUs: PTS_ORIGIN_US + 2_000_000,
      startAt: STARTED_AT.toISOString(),
    });
    expect(analysedSeconds).toBe(4); // of three segments two have a finished run
    expect(brands[0]!.heat).toHaveLength(heatGrid.columns * heatGrid.rows);
    expect(series.reduce((sum, bucket) => sum + (bucket.seconds['b-acme'] ?? 0), 0)).toBeCloseTo(2.4, 6);
  });

  it('judges the same rows by another threshold, gap, range or choice of brands', async () => {
    expect((await report('?minScore=0.2')).brands.find(({ label }) => label === 'Bolt')?.visibleSeconds).toBe(2.8);
    expect((await report('?maxGapMs=2000')).brands[0]!.appearances).toBe(1);
    expect((await report('?brand=Bolt')).brands).toMatchObject([{ label: 'Bolt', shareOfVoice: 1, meanOthers: 0 }]);
    const from = new Date(STARTED_AT.getTime() + 800).toISOString();
    const to = new Date(STARTED_AT.getTime() + 1_800).toISOString();
    // Frames at 0.8, 1.2 and 1.6 s; the last one is cut at the end of the range.
    expect((await report(`?from=${from}&to=${to}`)).brands[0]!.visibleSeconds).toBe(1);
    expect((await report(`?epochId=${epochId}`)).brands[0]!.visibleSeconds).toBe(2.4);
  });

  it.each([
    ['exposure?brand=Acne', 'brand: nothing is named "Acne"'],
    ['exposure/report?brand=Acme,Umbrella', 'brand: nothing is named "Umbrella"'],
    ['exposure/export?brand=Umbrella', 'brand: nothing is named "Umbrella"'],
    ['runs?queue=visual_analisys', 'queue: nothing is named "visual_analisys" (did you mean "visual_analysis"?)'],
    ...['runs', 'detections', 'metrics', 'observations', 'events'].map((list): [string, string] => [
      `${list}?analyzerId=vedette.test.lok`,
      'analyzerId: nothing is named "vedette.test.lok" (did you mean "vedette.test.look"?)',
    ]),
  ])('refuses a name of nothing: %s', async (path, detail) => {
    const response = await api.call('GET', `/api/streams/${streamId}/${path}`, { cookie });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'VD_API_NAME_UNKNOWN', detail: expect.stringContaining(detail) as string });
  });

  it('gives an empty list of what analyzers may bring forth at any time, and of analyzers that are loaded', async () => {
    for (const path of [
      'detections?label=unicorn',
      'metrics?name=no.such',
      'events?name=no.such',
      'metrics?analyzerId=vedette.test.look',
    ]) {
      const response = await api.call('GET', `/api/streams/${streamId}/${path}`, { cookie });
      expect(await response.json()).toEqual({ items: [], next: null });
    }
  });

  it('groups by session and by day', async () => {
    const bySession = exposureWire.strict().parse(await get('?by=session'));
    expect(bySession.groups.map(({ key, brands }) => [key, brands.length])).toEqual([[epochId, 2]]);
    const byDay = exposureWire.strict().parse(await get('?by=day&timeZone=Pacific/Auckland'));
    expect(byDay.groups[0]!.key).toBe(new Intl.DateTimeFormat('en-CA', { timeZone: 'Pacific/Auckland' }).format(STARTED_AT));
  });

  it('exports CSV and JSON', async () => {
    const response = await api.call('GET', `/api/streams/${streamId}/exposure/export`, { cookie });
    expect(response.headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/);
    expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename="exposure-brands-\d{4}-\d\d-\d\d\.csv"$/);
    const [header, first] = (await response.text()).split('\r\n').map((line) => line.split(','));
    expect(first![header!.indexOf('visible_s')]).toBe('2.4');
    const appearances = await (await api.call('GET', `/api/streams/${streamId}/exposure/export?of=appearances`, { cookie })).text();
    expect(appearances.split('\r\n')).toHaveLength(1 + 3 + 1);
    const json = (await get('/export?of=appearances&format=json')) as { appearances: unknown[] };
    expect(json.appearances).toHaveLength(3);
  });

  it('refuses what it cannot do, and shows a private stream to nobody else', async () => {
    expect(await refusal('?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z')).toMatchObject({
      status: 400,
      code: 'VD_API_RANGE_TOO_WIDE',
    });
    expect(await refusal('?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z')).toMatchObject({ code: 'VD_API_INVALID' });
    expect(await refusal('?by=day&timeZone=Mars/Olympus')).toMatchObject({
      status: 400,
      code: 'VD_API_INVALID',
      detail: expect.stringContaining('Mars/Olympus'),
    });
    expect(await refusal('?minScore=2')).toMatchObject({ status: 400, code: 'VD_API_INVALID' });
    expect(await refusal(`?epochId=${streamId}`)).toMatchObject({ status: 404, code: 'VD_API_NOT_FOUND' });
    await api.sql.query('UPDATE streams SET private = true WHERE id = $1', [streamId]);
    const viewer = (await api.apiToken('viewer')).token;
    expect((await api.call('GET', `/api/streams/${streamId}/exposure`, { bearer: viewer })).status).toBe(404);
    await api.sql.query('UPDATE streams SET private = false WHERE id = $1', [streamId]);
    expect((await api.call('GET', `/api/streams/${streamId}/exposure`, { bearer: viewer })).status).toBe(200);
  });

  it('makes one report at a time for whoever asks, and another one for somebody else', async () => {
    const exposure = (bearer?: string): Promise<Response> =>
      api.call('GET', `/api/streams/${streamId}/exposure`, bearer === undefined ? { cookie } : { bearer });
    const { token: viewer } = await api.apiToken('viewer');
    const holder = await api.sql.connect();
    try {
      await holder.query('BEGIN; LOCK TABLE detections IN ACCESS EXCLUSIVE MODE');
      const mine = [exposure(), exposure()];
      await untilWaiting(1);
      const underWay = [...mine, exposure(viewer)];
      await untilWaiting(2);
      const third = await exposure();
      expect([third.status, ((await third.json()) as { code: string }).code]).toEqual([503, 'VD_API_BUSY']);
      await holder.query('COMMIT');
      expect((await Promise.all(underWay)).map(({ status }) => status)).toEqual([200, 200, 200]);
      expect((await exposure()).status).toBe(200);
    } finally {
      holder.release(true);
    }
  });

  /** Queries that wait for the table to be let go. */
  async function untilWaiting(count: number): Promise<void> {
    await until('reads that wait for the table', async () => {
      const { rows } = await api.sql.query<{ waiting: number }>(
        "SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      );
      return rows[0]!.waiting >= count;
    });
  }

  it('refuses a range that holds more appearances or brands than can be kept', async () => {
    const seed = new LedgerSeed(api.sql);
    const many = async (subject: string, count: number): Promise<string> => {
      const id = await seed.stream();
      const epoch = await seed.epoch(id, { startedAt: STARTED_AT, ptsOriginUs: 0 });
      const run = await seed.run(await seed.segment(id, epoch, 0), []);
      await api.sql.query(
        `INSERT INTO detections (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, label, score, x, y, width, height,
          attributes)
         SELECT $1::timestamptz + n * interval '2 milliseconds', $2::bigint, n, $3::uuid, $4::uuid, 'vedette.test.look', n * 2000,
           'Acme', 0.9, 0.1, 0.1, 0.1, 0.1,
           jsonb_build_object('sampleMs', 1, 'subjectId', ${subject}) FROM generate_series(1, $5::int) n`,
        [STARTED_AT.toISOString(), run, id, epoch, count],
      );
      const response = await api.call('GET', `/api/streams/${id}/exposure?maxGapMs=0`, { cookie });
      const { code, detail } = (await response.json()) as { code?: string; detail?: string };
      return `${response.status} ${code} ${detail}`;
    };
    expect(await many(`'b'`, 100_010)).toContain('400 VD_API_RANGE_TOO_WIDE The range holds more than 100000 appearances');
    expect(await many(`'b' || n`, 6_000)).toContain('400 VD_API_RANGE_TOO_WIDE The range holds more than 5000 brands');
  });
});
