import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADVANCE_LANE, ENTER_LANE, IDLE_LANES } from '../../src/core/persistence/ledger/lane-statements.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

/** Streams, with one epoch each, of which all but the last few segments have been analysed on both queues; gaps of long ago. */
const SEED = [
  `INSERT INTO streams (id, name, title, adapter_id) SELECT gen_random_uuid(), 's' || n, 't', 'x' FROM generate_series(1, 20) n`,
  `INSERT INTO epochs (id, stream_id, ordinal, ingest_id, started_at) SELECT gen_random_uuid(), id, 0, 'x', now() FROM streams`,
  `INSERT INTO segments (stream_id, epoch_id, sequence, state, path, size_bytes, pts_start_us, pts_end_us, frame_count, at)
   SELECT stream_id, id, n, 'ready', 'p', 1, n * 2000000::bigint, (n + 1) * 2000000::bigint, 60, now() FROM epochs, generate_series(0, 2499) n ORDER BY n`,
  `INSERT INTO analysis_runs (segment_id, stream_id, epoch_id, epoch_ordinal, sequence, queue, analyzer_id, analyzer_version, config_hash, state, finished_at)
   SELECT s.id, s.stream_id, s.epoch_id, 0, s.sequence, queue, queue || '.a', '1', 'h', CASE WHEN s.sequence < 2490 THEN 'done' ELSE 'queued' END, CASE WHEN s.sequence < 2490 THEN now() END
   FROM segments s, unnest(ARRAY['default', 'visual']) queue ORDER BY s.id`,
  `INSERT INTO analyzer_checkpoints (stream_id, analyzer_id, config_hash, epoch_id, sequence, data) SELECT stream_id, 'default.a', 'h', id, 2489, '{}' FROM epochs`,
  `INSERT INTO gaps (stream_id, epoch_id, after_sequence, missing_sequences, reason) SELECT stream_id, id, 10000 + n, 1, 'missing-segment' FROM epochs, generate_series(1, 1000) n`,
];

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

describe('what a claim costs on a ledger of 100,000 runs', () => {
  let database: TestDatabase;
  let client: pg.Client;
  beforeAll(async () => {
    database = await createTestDatabase();
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    for (const statement of SEED) await client.query(statement);
    await client.query('VACUUM ANALYZE');
  });
  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  /** Pages touched, and which tables were read whole. What the statement did is undone. */
  const cost = async (text: string, values: readonly unknown[]): Promise<{ pages: number; readWhole: string[] }> => {
    await client.query('BEGIN');
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, [
      ...values,
    ]);
    await client.query('ROLLBACK');
    const top = rows[0]?.['QUERY PLAN'][0].Plan;
    if (top === undefined) throw new Error('No plan');
    const nodes = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodes)];
    const whole = nodes(top).flatMap((node) =>
      node['Node Type'] === 'Seq Scan' && node['Relation Name'] !== undefined ? [node['Relation Name']] : [],
    );
    return { pages: top['Shared Hit Blocks'] + top['Shared Read Blocks'], readWhole: [...new Set(whole)] };
  };
  const claim = async (): Promise<unknown[]> => {
    const { rows } = await client.query<{ id: string }>(`SELECT id FROM streams WHERE name = 's1'`);
    return [rows[0]?.id, 'default', 'me', 10_000, 3, 600_000];
  };

  it.each(['entering', 'advancing'])('looks at no table as a whole when %s', async (what) => {
    const values = await claim();
    if (what === 'advancing')
      await client.query(
        `INSERT INTO lanes (stream_id, queue, owner, fence, lease_until) VALUES ($1, 'default', 'me', 1, now() + interval '1 minute')`,
        [values[0]],
      );
    const { pages, readWhole } = await (what === 'entering' ? cost(ENTER_LANE.text, values) : cost(ADVANCE_LANE.text, [...values, 1]));
    // 47 before segments waited for each other, 66 with it.
    expect(pages).toBeLessThan(120);
    expect(readWhole).not.toContain('analysis_runs');
    expect(readWhole).not.toContain('segments');
    expect(readWhole).not.toContain('gaps');
  });

  it('reads only what is beyond a hole when it waits', async () => {
    const values = await claim();
    await client.query('DELETE FROM analysis_runs WHERE stream_id = $1 AND sequence = 2490', [values[0]]);
    await client.query('DELETE FROM segments WHERE stream_id = $1 AND sequence = 2490', [values[0]]);
    const { pages, readWhole } = await cost(ENTER_LANE.text, values);
    expect(pages).toBeLessThan(120);
    expect(readWhole).not.toContain('segments');
  });

  it('finds idle lanes by what is waiting, however much is done', async () => {
    const { pages, readWhole } = await cost(IDLE_LANES.text, [null, 600_000]);
    // 400 runs wait: a look at each, and one more at each of 40 lanes.
    expect(pages).toBeLessThan(900);
    expect(readWhole).not.toContain('analysis_runs');
    expect(readWhole).not.toContain('segments');
  });
});
