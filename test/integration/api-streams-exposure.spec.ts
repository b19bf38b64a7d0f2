import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { streamsExposureWire, type StreamsExposureWire } from '../../src/core/wire/exposure.wire.js';
import { ApiApp } from '../support/api-app.js';
import { jpegSaying } from '../support/evidence.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { seeBrands, type SeenBrand } from '../support/seen-brands.js';

const STARTED_AT = new Date(Math.floor(Date.now() / 1000 - 600) * 1000);
const PTS_ORIGIN_US = 1_400_000;
const acme = { subjectId: 'b-acme', sampleMs: 400 };
const bolt = { subjectId: 'b-bolt', sampleMs: 400 };

describe('exposure over several streams', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let cookie: string;
  let viewer: string;
  let arena: { streamId: string; epochId: string };
  let lobby: { streamId: string; epochId: string };

  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    await seed.partitions(STARTED_AT);
    cookie = await api.signIn();
    viewer = (await api.apiToken('viewer')).token;
    arena = await showing({ name: 'arena' }, [
      { label: 'Acme', fromS: 0, frames: 3, attributes: acme },
      { label: 'Acme', fromS: 3.6, frames: 1, attributes: acme },
    ]);
    lobby = await showing({ name: 'lobby' }, [
      { label: 'Acme', fromS: 0.4, frames: 1, box: [0, 0, 0.1, 0.1], attributes: acme },
      { label: 'Bolt', fromS: 0.4, frames: 1, box: [0.5, 0, 0.1, 0.1], attributes: bolt },
    ]);
    await showing({ name: 'vault', private: true }, [
      { label: 'Secret Brand', fromS: 0, frames: 2, attributes: { subjectId: 'b-secret' } },
    ]);
  });
  afterAll(() => api.stop());

  async function showing(stream: { name: string; private?: boolean }, seen: readonly SeenBrand[]): Promise<typeof arena> {
    const streamId = await seed.stream(stream);
    const epochId = await seed.epoch(streamId, { startedAt: STARTED_AT, ptsOriginUs: PTS_ORIGIN_US });
    const segments = [await seed.segment(streamId, epochId, 0), await seed.segment(streamId, epochId, 1)];
    const [runId] = [await seed.run(segments[0]!, []), await seed.run(segments[1]!, [])];
    await seeBrands(api.sql, { runId, streamId, epochId, startedAt: STARTED_AT, ptsOriginUs: PTS_ORIGIN_US }, seen);
    return { streamId, epochId };
  }

  const call = (query: string, bearer?: string): Promise<Response> =>
    api.call('GET', `/api/exposure${query}`, bearer === undefined ? { cookie } : { bearer });
  async function overview(query = '', bearer?: string): Promise<StreamsExposureWire> {
    const response = await call(query, bearer);
    const body: unknown = await response.json();
    expect([query, response.status, JSON.stringify(body).slice(0, 200)]).toEqual([query, 200, expect.any(String)]);
    return streamsExposureWire.strict().parse(body);
  }
  async function refusal(query: string): Promise<{ status: number; code: string; detail: string }> {
    return (await (await call(query)).json()) as { status: number; code: string; detail: string };
  }

  it('adds brands up over all streams that the user may see', async () => {
    const { brands, streams, totals, analysedSeconds } = await overview('', viewer);
    expect(streams.map(({ name, visibleSeconds, appearances }) => [name, visibleSeconds, appearances]).sort()).toEqual([
      ['arena', 1.6, 2],
      ['lobby', 0.8, 2],
    ]);
    expect(
      brands.map(({ label, visibleSeconds, appearances, shareOfVoice }) => [label, visibleSeconds, appearances, shareOfVoice]),
    ).toEqual([
      ['Acme', 2, 3, 0.833333],
      ['Bolt', 0.4, 1, 0.166667],
    ]);
    expect(brands[0]!.byStream).toEqual([
      { streamId: arena.streamId, visibleSeconds: 1.6, appearances: 2 },
      { streamId: lobby.streamId, visibleSeconds: 0.4, appearances: 1 },
    ]);
    expect(totals).toMatchObject({ brands: 2, appearances: 4, visibleSeconds: 2.4 });
    expect(analysedSeconds).toBe(8);
    expect((await overview()).brands.map(({ label }) => label)).toContain('Secret Brand');
  });

  it('tells where, when and on which stream, the latest first', async () => {
    const { appearances, series, brands, heatGrid } = await overview(`?streamId=${arena.streamId},${lobby.streamId}`);
    expect(appearances.map(({ streamId, label, startAt }) => [streamId, label, Date.parse(startAt) - STARTED_AT.getTime()])).toEqual([
      [arena.streamId, 'Acme', 3_600],
      [lobby.streamId, 'Bolt', 400],
      [lobby.streamId, 'Acme', 400],
      [arena.streamId, 'Acme', 0],
    ]);
    expect(series.reduce((sum, { seconds }) => sum + (seconds['b-acme'] ?? 0), 0)).toBeCloseTo(2, 6);
    expect(brands[0]!.heat).toHaveLength(heatGrid.columns * heatGrid.rows);
  });

  it('is the report of the stream, where there is one', async () => {
    const [one] = (await overview(`?streamId=${lobby.streamId}`)).brands;
    const report = (await (await api.call('GET', `/api/streams/${lobby.streamId}/exposure/report`, { cookie })).json()) as {
      brands: { label: string }[];
    };
    expect(one).toMatchObject(report.brands.find(({ label }) => label === one!.label)!);
  });

  it('shows the best pictures that were kept of a brand', async () => {
    const { rows } = await api.sql.query<{ id: string; last_run_id: string }>(
      `UPDATE events SET data = '{"subjectId":"b-acme"}' WHERE stream_id = $1 RETURNING id, last_run_id`,
      [arena.streamId],
    );
    for (const [at, { id, last_run_id }] of rows.entries()) {
      await api.sql.query(
        `INSERT INTO evidence (event_id, run_id, pts_us, rank, x, y, width, height, region_x, region_y, region_width, region_height,
          width_px, height_px, jpeg) VALUES ($1, $2, $3, $4, 0.5, 0.25, 0.1, 0.1, 0.25, 0, 0.5, 0.5, 320, 180, $5)`,
        [id, last_run_id, PTS_ORIGIN_US + at * 3_600_000, 0.4 + at * 0.3, jpegSaying(id)],
      );
    }
    const acmes = (await overview()).brands.find(({ label }) => label === 'Acme')!;
    expect(acmes.evidence.map(({ streamId, picture: { rank } }) => [streamId, rank])).toEqual([
      [arena.streamId, 0.7],
      [arena.streamId, 0.4],
    ]);
    expect((await api.call('GET', acmes.evidence[0]!.picture.url, { cookie })).headers.get('content-type')).toBe('image/jpeg');
  });

  it('narrows to brands, a session, a range', async () => {
    expect((await overview('?brand=Bolt')).brands).toMatchObject([{ label: 'Bolt', shareOfVoice: 1 }]);
    const session = await overview(`?streamId=${arena.streamId}&epochId=${arena.epochId}`);
    expect(session.brands).toMatchObject([{ label: 'Acme', visibleSeconds: 1.6 }]);
    const from = new Date(STARTED_AT.getTime() + 3_000).toISOString();
    expect((await overview(`?streamId=${arena.streamId}&from=${from}`)).brands).toMatchObject([{ visibleSeconds: 0.4, appearances: 1 }]);
  });

  it('exports a row per brand, per brand and stream, and per appearance', async () => {
    const csv = async (of: string): Promise<string[][]> => {
      const response = await call(`/export?streamId=${arena.streamId},${lobby.streamId}&of=${of}`);
      expect(response.headers.get('content-disposition')).toMatch(
        new RegExp(`^attachment; filename="exposure-${of}-\\d{4}-\\d\\d-\\d\\d\\.csv"$`),
      );
      expect(response.headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/);
      return (await response.text())
        .trim()
        .split('\r\n')
        .map((line) => line.split(','));
    };
    const brands = await csv('brands');
    expect(brands.slice(1).map((row) => row[brands[0]!.indexOf('visible_s')])).toEqual(['2', '0.4']);
    const streams = await csv('streams');
    const columns = ['stream', 'brand', 'visible_s'].map((name) => streams[0]!.indexOf(name));
    expect(streams.slice(1).map((row) => columns.map((at) => row[at]))).toEqual([
      ['arena', 'Acme', '1.6'],
      ['lobby', 'Acme', '0.4'],
      ['lobby', 'Bolt', '0.4'],
    ]);
    expect(await csv('appearances')).toHaveLength(1 + 4);
  });

  it('refuses what it cannot add up, and tells nobody of what they may not see', async () => {
    const month = 'from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z';
    expect(await refusal('?from=2026-01-01T00:00:00Z&to=2026-03-01T00:00:00Z')).toMatchObject({ code: 'VD_API_RANGE_TOO_WIDE' });
    expect(await refusal('?brand=Umbrella')).toMatchObject({ status: 400, code: 'VD_API_NAME_UNKNOWN' });
    expect(await refusal(`?epochId=${arena.epochId}`)).toMatchObject({ status: 400, code: 'VD_API_INVALID' });
    expect(await refusal(`?streamId=${arena.streamId}&epochId=${lobby.epochId}`)).toMatchObject({ status: 404, code: 'VD_API_NOT_FOUND' });
    expect(await refusal('?streamId=nothing')).toMatchObject({ status: 400, code: 'VD_API_INVALID' });
    const { rows } = await api.sql.query<{ id: string }>("SELECT id FROM streams WHERE name = 'vault'");
    expect((await call(`?streamId=${rows[0]!.id}`, viewer)).status).toBe(404);
    expect((await api.call('GET', '/api/exposure')).status).toBe(401);
    for (let more = 0; more < 8; more++) await seed.stream();
    expect(await refusal(`?${month}`)).toMatchObject({ code: 'VD_API_RANGE_TOO_WIDE', detail: expect.stringContaining('11 streams') });
  });
});
