import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StreamHealth } from '../../src/core/api/resources/stream-health.js';
import * as wall from '../../src/core/wire/wall.wire.js';
import { NEWEST_EVENTS } from '../../src/core/persistence/read/wall-reads.js';
import { ApiApp } from '../support/api-app.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { RestReader } from '../support/rest-reader.js';

describe('the wall', () => {
  let api: ApiApp;
  let seed: LedgerSeed;
  let rest: RestReader;
  let cookie: string;
  beforeAll(async () => {
    api = await ApiApp.start();
    seed = new LedgerSeed(api.sql);
    cookie = await api.signIn();
    rest = new RestReader(api, cookie);
  });
  beforeEach(async () => {
    await api.sql.query('TRUNCATE streams, epochs, segments, analysis_runs, events, lanes, feed CASCADE');
    api.app.get(StreamHealth).forget();
  });
  afterAll(() => api.stop());

  const tiles = async (): Promise<wall.WallTileWire[]> => (await rest.get('/api/wall', wall.wallWire.strict())).items;

  it('has the newest whole picture and the newest event of each stream', async () => {
    const streamId = await seed.stream({ name: 'hall' });
    const startedAt = new Date(Date.now() - 20_000);
    const epochId = await seed.epoch(streamId, { startedAt });
    for (let sequence = 0; sequence < 3; sequence++) await seed.run(await seed.segment(streamId, epochId, sequence), []);
    await seed.segment(streamId, epochId, 3, 'unreadable');
    const soundAlone = await seed.segment(streamId, epochId, 4);
    await api.sql.query(`UPDATE segments SET keyframe_pts_us = '{}' WHERE id = $1`, [soundAlone]);
    await api.sql.query(`UPDATE events SET state = 'closed', end_at = start_at, end_pts_us = start_pts_us WHERE start_at > $1`, [
      new Date(startedAt.getTime() + 1_000),
    ]);
    const [tile] = await tiles();
    const at = new Date(startedAt.getTime() + 4_000).toISOString();
    expect(tile).toMatchObject({
      streamId,
      picture: { url: `/api/streams/${streamId}/frame?epochId=${epochId}&ptsUs=5400000`, at },
      mediaUpTo: new Date(startedAt.getTime() + 10_000).toISOString(),
      event: { name: 'seen', state: 'closed', startAt: at },
      openEvents: ['seen'],
    });
  });

  it('knows nothing of a stream that never had anything, and says so', async () => {
    const streamId = await seed.stream({ name: 'hall', state: 'pending' });
    expect(await tiles()).toEqual([
      { ...{ streamId, picture: null, mediaUpTo: null, analysedUpTo: null, analysisLagMs: null, event: null, openEvents: [] } },
    ]);
  });

  it('shows private streams to admins alone, and nothing to strangers', async () => {
    await seed.stream({ name: 'vault', private: true });
    const open = await seed.stream({ name: 'hall' });
    const { token } = await api.apiToken('viewer');
    const seen = wall.wallWire.parse(await (await api.call('GET', '/api/wall', { bearer: token })).json());
    expect(seen.items.map(({ streamId }) => streamId)).toEqual([open]);
    expect(await tiles()).toHaveLength(2);
    expect((await api.call('GET', '/api/wall')).status).toBe(401);
  });

  it('looks at the end of its indexes, however much is kept', async () => {
    const streamId = await seed.stream({ name: 'hall' });
    const epochId = await seed.epoch(streamId, { startedAt: new Date(Date.now() - 3_600_000) });
    const runId = await seed.run(await seed.segment(streamId, epochId, 0), []);
    await api.sql.query(
      `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at,
         first_run_id, last_run_id)
       SELECT $1, $2, 'a', 'h', 'k' || n, 'seen', 'closed', n, now() - n * interval '1 s', n, now() - n * interval '1 s', $3, $3
       FROM generate_series(1, 100000) n`,
      [streamId, epochId, runId],
    );
    await api.sql.query('ANALYZE events');
    const silent = await seed.stream({ name: 'cellar' });
    const plan = await api.sql.query<{ 'QUERY PLAN': string }>(`EXPLAIN (ANALYZE, BUFFERS OFF) ${NEWEST_EVENTS.text}`, [
      [streamId, silent],
    ]);
    const told = plan.rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(told).toContain('events_stream_at');
    // Neither those of the stream nor, for the one that has none, those of the other.
    expect(told).not.toMatch(/Rows Removed by Filter|actual .*rows=1\d{3,}/);
    const newest = await api.sql.query<{ id: string }>('SELECT id FROM events ORDER BY start_at DESC LIMIT 1');
    expect((await tiles()).find((tile) => tile.streamId === streamId)?.event?.id).toBe(newest.rows[0]!.id);
  });
});
