import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { searchWire, type SearchWire } from '../../src/core/wire/search.wire.js';
import { LedgerArchiver } from '../../src/core/persistence/archive/ledger-archiver.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { RestReader } from '../support/rest-reader.js';

describe('search', () => {
  let api: ApiApp;
  let admin: RestReader;
  let viewerToken: string;
  let [hall, vault] = ['', ''];

  beforeAll(async () => {
    api = await ApiApp.start();
    const seed = new LedgerSeed(api.sql);
    await seed.partitions();
    admin = new RestReader(api, await api.signIn());
    viewerToken = (await api.apiToken('viewer')).token;
    hall = await seed.stream({ name: 'hall' });
    vault = await seed.stream({ name: 'vault', private: true });
    for (const [streamId, labels] of [
      [hall, ['storm lantern', 'person', 'Stormtrooper', 'person']],
      [vault, ['storm door']],
    ] as const) {
      // Long enough ago to be packed.
      const epochId = await seed.epoch(streamId, { startedAt: new Date(Date.now() - 2_400_000) });
      const runId = await seed.run(await seed.segment(streamId, epochId, 0), labels);
      await api.sql.query(
        `INSERT INTO observations (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, type, data)
         SELECT started_at + n * interval '1 second', $1, 90 + n, stream_id, id, 'text-detection', pts_origin_us + n * 1000000, 'text',
           jsonb_build_object('text', text)
         FROM epochs, (VALUES (0, 'Storm warning 100%'), (1, 'STORM WARNING 100%')) AS said(n, text) WHERE id = $2`,
        [runId, epochId],
      );
      await api.sql.query(`UPDATE events SET data = '{"label": "Storm Cola"}', name = 'logo' WHERE last_run_id = $1`, [runId]);
    }
    for (const name of ['Storm Cola', 'Storm & Sons', 'Acme'])
      expect((await api.call('POST', '/api/brands', { bearer: (await api.apiToken('admin')).token, body: { name } })).status).toBe(201);
  });
  afterAll(() => api.stop());

  const find = (query: string): Promise<SearchWire> => admin.get(`/api/search?${query}`, searchWire.strict());
  const titles = ({ groups }: SearchWire) =>
    Object.fromEntries(groups.map(({ kind, hits }) => [kind, hits.map(({ title, moment }) => `${title} @ ${moment?.streamName ?? '-'}`)]));

  it('finds brands, events, texts and labels, each with the moment to go to', async () => {
    const found = await find('q=sTORM');
    expect(found.groups.map(({ kind }) => kind)).toEqual(['brand', 'event', 'text', 'label']);
    const { label, ...rest } = titles(found);
    expect(rest).toEqual({
      brand: ['Storm & Sons @ -', expect.stringMatching(/^Storm Cola @ (hall|vault)$/)],
      event: expect.arrayContaining(['Storm Cola @ hall', 'Storm Cola @ vault']) as unknown,
      text: expect.arrayContaining(['STORM WARNING 100% @ hall', 'STORM WARNING 100% @ vault']) as unknown,
    });
    expect(new Set(label)).toEqual(new Set(['storm lantern @ hall', 'Stormtrooper @ hall', 'storm door @ vault']));
    const [text] = found.groups[2]!.hits;
    expect(text).toMatchObject({ analyzerId: 'text-detection', eventId: null, moment: { ptsUs: 2_400_000 } });
    expect(found.groups.every(({ hasMore }) => !hasMore)).toBe(true);
  });

  it('counts what had a label, and goes to where it was seen last', async () => {
    const [person] = (await find('q=person&kind=label')).groups[0]!.hits;
    expect(person).toMatchObject({ title: 'person', count: 2, moment: { streamId: hall, ptsUs: 1_400_000 + 300_000 } });
  });

  it('finds labels of what is packed as those of rows', async () => {
    const before = await find('q=storm&kind=label');
    await api.sql.query("UPDATE analysis_runs SET finished_at = now() - interval '1 hour'");
    const { rows: packed } = await api.app.get(LedgerArchiver, { strict: false }).pack();
    expect(packed).toBeGreaterThan(0);
    expect((await api.sql.query('SELECT 1 FROM detections')).rows).toEqual([]);
    expect(new Set((await find('q=storm&kind=label')).groups[0]!.hits)).toEqual(new Set(before.groups[0]!.hits));
  });

  it('keeps to kinds, streams, the range and the number that are asked for', async () => {
    expect(titles(await find(`q=storm&kind=text,brand&streamId=${hall}`))).toEqual({
      brand: ['Storm & Sons @ -', 'Storm Cola @ hall'],
      text: ['STORM WARNING 100% @ hall'],
    });
    const [few] = (await find('q=storm&kind=label&limit=1')).groups;
    expect([few!.hits.length, few!.hasMore]).toEqual([1, true]);
    expect(titles(await find('q=storm&from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z'))).toEqual({
      ...{ event: [], text: [], label: [] },
      brand: ['Storm & Sons @ -', 'Storm Cola @ -'],
    });
    expect(titles(await find('q=100%25&kind=text'))['text']).toHaveLength(2);
    expect(titles(await find('q=10_%25'))).toEqual({ brand: [], event: [], text: [], label: [] });
  });

  it('shows viewers nothing of private streams', async () => {
    const response = await api.call('GET', '/api/search?q=storm', { bearer: viewerToken });
    expect(JSON.stringify(await response.json())).not.toContain('vault');
    expect((await admin.refusal('GET', `/api/search?q=x&streamId=${vault}`, { bearer: viewerToken })).status).toBe(404);
    expect((await api.call('GET', '/api/search?q=x')).status).toBe(401);
  });

  it.each([
    ['', 'q', 'VD_API_INVALID'],
    ['q=', 'q', 'VD_API_INVALID'],
    [`q=${'x'.repeat(201)}`, 'q', 'VD_API_INVALID'],
    ['q=x&kind=everything', 'kind.0', 'VD_API_INVALID'],
    ['q=x&limit=51', 'limit', 'VD_API_INVALID'],
    ['q=x&from=2020-01-01T00:00:00Z', undefined, 'VD_API_RANGE_TOO_WIDE'],
  ])('refuses %j', async (query, path, code) => {
    const refused = await admin.refusal('GET', `/api/search?${query}`);
    expect([refused.status, refused.code, refused.paths[0]]).toEqual([400, code, path]);
  });
});
