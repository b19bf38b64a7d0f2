import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import pg from 'pg';
import type { QueryRunner } from 'typeorm';
import { Texts1700000000036 } from '../../src/core/persistence/migrations/1700000000036-texts.js';
import { textWire, type TextWire } from '../../src/core/wire/texts.wire.js';
import { pageOf, problemWire } from '../../src/core/wire/wire.js';
import { ApiApp } from '../support/api-app.js';
import { createTestDatabase, maintain } from '../support/postgres.js';
import { LedgerSeed } from '../support/ledger-seed.js';

const ANALYZER = 'text-detection';
const box = { x: 0.1, y: 0.8, width: 0.4, height: 0.1 };

describe('search for texts', () => {
  let api: ApiApp;
  let cookie: string;
  let viewer: string;
  let open: string;
  let secret: string;

  beforeAll(async () => {
    api = await ApiApp.start();
    const seed = new LedgerSeed(api.sql);
    await seed.partitions();
    cookie = await api.signIn();
    viewer = (await api.apiToken('viewer')).token;
    open = await seed.stream({ name: 'news' });
    secret = await seed.stream({ name: 'secret', private: true });
    const gone = await seed.stream({ name: 'gone' });
    for (const [streamId, texts] of [
      [open, ['BREAKING NEWS: storm', 'Breakfast at 7', '100% wool_blend', '1005 wool blend', 'Ärger in Köln', 'breaking news: calm']],
      [secret, ['breaking news of ours']],
      [gone, ['breaking news of yesterday']],
    ] as const) {
      const epochId = await seed.epoch(streamId);
      const runId = await seed.run(await seed.segment(streamId, epochId, 0), [], { analyzerId: ANALYZER });
      await write(runId, streamId, epochId, texts);
    }
    await api.sql.query('UPDATE streams SET deleted_at = now() WHERE id = $1', [gone]);
  });
  afterAll(() => api.stop());

  /** A tenth of a second apart; the first has an event of its own. */
  async function write(runId: string, streamId: string, epochId: string, texts: readonly string[]): Promise<void> {
    await api.sql.query(
      `INSERT INTO observations (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, type, data)
       SELECT e.started_at + n * interval '100 milliseconds', $1::bigint, n, $2::uuid, $3::uuid, $4, e.pts_origin_us + n * 100000, 'text',
         jsonb_build_object('text', said, 'score', 0.9, 'box', $6::jsonb, 'trackId', 'text-0-1',
           'event', CASE WHEN n = 1 THEN 'text:1' END)
       FROM epochs e, unnest($5::text[]) WITH ORDINALITY AS t(said, n) WHERE e.id = $3
       UNION ALL
       SELECT e.started_at, $1::bigint, 99, $2::uuid, $3::uuid, $4, e.pts_origin_us, 'classification', '{"text": "breaking news too"}'
       FROM epochs e WHERE e.id = $3`,
      [runId, streamId, epochId, ANALYZER, texts, JSON.stringify(box)],
    );
    await api.sql.query(
      `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, first_run_id,
         last_run_id)
       SELECT $2, id, $4, hash, 'text:1', 'text', 'open', pts_origin_us, started_at, $1, $1
       FROM epochs, unnest(ARRAY['0123456789abcdef', 'fedcba9876543210']) AS hash WHERE id = $3`,
      [runId, streamId, epochId, ANALYZER],
    );
  }

  async function search(
    query: string,
    options: Parameters<ApiApp['call']>[2] = { cookie },
  ): Promise<{ items: TextWire[]; next: string | null }> {
    const response = await api.call('GET', `/api/texts?${query}`, options);
    const body: unknown = await response.json();
    expect([response.status, JSON.stringify(body).slice(0, 200)]).toEqual([200, expect.any(String)]);
    return pageOf(textWire.strict()).parse(body);
  }
  const said = async (query: string, options?: Parameters<ApiApp['call']>[2]): Promise<string[]> =>
    (await search(query, options)).items.map(({ text }) => text);

  it('finds a part of a text, whatever its case, newest first, on every stream that is there', async () => {
    expect(new Set(await said('query=Breaking%20news'))).toEqual(
      new Set(['breaking news: calm', 'breaking news of ours', 'BREAKING NEWS: storm']),
    );
    expect(await said(`query=Breaking%20news&streamId=${open}`)).toEqual(['breaking news: calm', 'BREAKING NEWS: storm']);
    expect(await said('query=RGER%20in%20k%C3%B6')).toEqual(['Ärger in Köln']);
    expect(await said('query=nothing%20of%20the%20kind')).toEqual([]);
  });

  it('tells where and when, and for how long the line was there', async () => {
    const [first] = (await search(`query=storm&streamId=${open}`)).items;
    expect(first).toMatchObject({
      streamId: open,
      analyzerId: ANALYZER,
      text: 'BREAKING NEWS: storm',
      score: 0.9,
      box,
      trackId: 'text-0-1',
      event: { key: 'text:1', state: 'open', endAt: null },
    });
    expect((await search('query=breakfast')).items[0]?.event).toBeNull();
  });

  it('finds beginnings only where these are asked for', async () => {
    expect(await said(`query=break&match=beginning&streamId=${open}&order=asc`)).toEqual([
      'BREAKING NEWS: storm',
      'Breakfast at 7',
      'breaking news: calm',
    ]);
    expect(await said(`query=news&match=beginning`)).toEqual([]);
  });

  it('takes signs for themselves', async () => {
    expect(await said('query=100%25%20wool')).toEqual(['100% wool_blend']);
    expect(await said('query=wool_b')).toEqual(['100% wool_blend']);
    expect(await said('query=%5C')).toEqual([]);
  });

  it('goes on page after page, in either order', async () => {
    for (const order of ['asc', 'desc']) {
      const texts: string[] = [];
      let after = '';
      for (let pages = 0; pages < 4; pages++) {
        const page = await search(`streamId=${open}&limit=2&order=${order}${after}`);
        texts.push(...page.items.map(({ text }) => text));
        if (page.next === null) break;
        after = `&after=${page.next}`;
      }
      expect(texts).toHaveLength(6);
      expect(texts).toEqual(await said(`streamId=${open}&order=${order}`));
    }
  });

  it('shows viewers nothing of private streams', async () => {
    const asViewer = { bearer: viewer };
    expect(await said('query=breaking', asViewer)).toEqual(['breaking news: calm', 'BREAKING NEWS: storm']);
    const refused = await api.call('GET', `/api/texts?streamId=${secret}`, asViewer);
    expect([refused.status, problemWire.parse(await refused.json()).code]).toEqual([404, 'VD_API_NOT_FOUND']);
    expect((await api.call('GET', '/api/texts', {})).status).toBe(401);
  });

  it('keeps to the range that is asked for, and to one that can be answered', async () => {
    expect(await said('to=2020-02-01T00:00:00Z&from=2020-01-02T00:00:00Z')).toEqual([]);
    const wide = await api.call('GET', '/api/texts?from=2020-01-01T00:00:00Z', { cookie });
    expect([wide.status, problemWire.parse(await wide.json()).code]).toEqual([400, 'VD_API_RANGE_TOO_WIDE']);
  });

  it('refuses to search what no analyzer of that name said', async () => {
    const unknown = await api.call('GET', '/api/texts?analyzerId=text-detecton&query=storm', { cookie });
    expect([unknown.status, problemWire.parse(await unknown.json()).code]).toEqual([400, 'VD_API_NAME_UNKNOWN']);
    expect(await said(`analyzerId=${ANALYZER}&query=storm`)).toEqual(['BREAKING NEWS: storm']);
  });

  it('has an index for any part of a text where the server has trigrams, and answers the same without', async () => {
    const indices = async (): Promise<string[]> =>
      (
        await api.sql.query<{ name: string }>(
          `SELECT indexname AS name FROM pg_indexes WHERE tablename = 'observations' AND indexname LIKE 'observations_texts%' ORDER BY 1`,
        )
      ).rows.map(({ name }) => name);
    expect(await indices()).toEqual(['observations_texts', 'observations_texts_trigrams']);
    const before = await said('query=breaking');
    await api.sql.query('DROP INDEX observations_texts_trigrams');
    expect(await said('query=breaking')).toEqual(before);
  });
});

describe(Texts1700000000036.name, () => {
  it('does without trigrams where it may not have them', async () => {
    const database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    try {
      await client.connect();
      const runner = { query: (sql: string) => client.query(sql) } as unknown as QueryRunner;
      const indices = async (): Promise<string[]> =>
        (
          await client.query<{ name: string }>(
            `SELECT indexname AS name FROM pg_indexes WHERE indexname LIKE 'observations_texts%' ORDER BY 1`,
          )
        ).rows.map(({ name }) => name);
      await new Texts1700000000036().down(runner);
      expect(await indices()).toEqual([]);
      await client.query('DROP EXTENSION pg_trgm');
      await client.query('GRANT CREATE, USAGE ON SCHEMA public TO CURRENT_USER');
      // Whoever does not own a database may not extend it.
      await maintain(`ALTER DATABASE ${database.name} OWNER TO CURRENT_USER`);
      await new Texts1700000000036().up(runner);
      expect(await indices()).toEqual(['observations_texts']);
      await new Texts1700000000036().down(runner);
    } finally {
      await client.end();
      await database.drop();
    }
  });
});
