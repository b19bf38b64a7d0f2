import pg from 'pg';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ADVANCE_LANES, ENTER_LANES, IDLE_LANES } from '../../src/core/persistence/ledger/lane-statements.js';
import { REGISTER } from '../../src/core/persistence/ledger/register-segments.js';
import { SETTLE } from '../../src/core/persistence/ledger/settle-statement.js';
import { Database } from '../../src/core/persistence/database.js';
import { LEDGER_SETTINGS, ledgerDataSourceOptions } from '../../src/core/persistence/data-source.js';
import { connectionConfig } from '../../src/core/persistence/connection.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';

/** Streams, with one epoch each, of which all but the last few segments have been analysed on both queues; gaps of long ago. */
const SEED = [
  `INSERT INTO streams (id, name, title, adapter_id) SELECT gen_random_uuid(), 's' || n, 't', 'x' FROM generate_series(1, 20) n`,
  `INSERT INTO epochs (id, stream_id, ordinal, ingest_id, started_at) SELECT gen_random_uuid(), id, 0, 'x', now() FROM streams`,
  `INSERT INTO segments (stream_id, epoch_id, sequence, state, path, size_bytes, pts_start_us, pts_end_us, frame_count, at)
   SELECT stream_id, id, n, 'ready', 'p', 1, n * 2000000::bigint, (n + 1) * 2000000::bigint, 60, now()
     FROM epochs, generate_series(0, 2499) n ORDER BY n`,
  `INSERT INTO analysis_runs (segment_id, stream_id, epoch_id, epoch_ordinal, sequence, queue, analyzer_id, analyzer_version,
    config_hash, state, finished_at)
   SELECT s.id, s.stream_id, s.epoch_id, 0, s.sequence, queue, queue || '.a', '1', 'h', CASE WHEN s.sequence < 2490 THEN 'done'
     ELSE 'queued' END, CASE WHEN s.sequence < 2490 THEN now() END
   FROM segments s, unnest(ARRAY['default', 'visual']) queue ORDER BY s.id`,
  `INSERT INTO analyzer_checkpoints (stream_id, analyzer_id, config_hash, epoch_id, sequence, data)
    SELECT stream_id, 'default.a', 'h', id, 2489, '{}' FROM epochs`,
  `INSERT INTO gaps (stream_id, epoch_id, after_sequence, missing_sequences, reason)
    SELECT stream_id, id, 10000 + n, 1, 'missing-segment' FROM epochs, generate_series(1, 1000) n`,
];

/** Each by its name in the session, as the driver prepares them. */
const STATEMENTS = {
  enter: `PREPARE enter (uuid[], text[], text, float8, int, float8) AS ${ENTER_LANES.text}`,
  advance: `PREPARE advance (uuid[], text[], bigint[], text, float8, int, float8) AS ${ADVANCE_LANES.text}`,
  settle: `PREPARE settle (text, jsonb, bigint[], int[], bigint[], text[], real[], real[], real[], real[], real[], text[], jsonb[],
    bigint[], int[], bigint[], text[], text[], float8[], bigint[], int[], bigint[], text[], jsonb[], jsonb, jsonb) AS ${SETTLE.text}`,
  idle: `PREPARE idle (text[], float8, text[], boolean) AS ${IDLE_LANES.text}`,
} as const;
const NO_RESULTS = `${Array.from({ length: 22 }, () => `'{}'`).join()}, '[]', '[]'`;
const NOBODY = '00000000-0000-4000-8000-000000000000';

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Shared Hit Blocks': number;
  readonly 'Shared Read Blocks': number;
  readonly Plans?: readonly PlanNode[];
}

/** What the planner knew when it planned: it plans once per connection, and keeps to it. */
const KNOWING = ['what was there when the tables were empty', 'no statistics', 'statistics'] as const;

describe('what a claim and a commit cost on a ledger of 100,000 runs', () => {
  let database: TestDatabase;
  const sessions = new Map<string, pg.Client>();
  const open = async (): Promise<pg.Client> => {
    const client = new pg.Client(
      connectionConfig({ databaseUrl: database.url, name: 'lane-cost', statementTimeoutMs: 0, settings: LEDGER_SETTINGS }),
    );
    await client.connect();
    for (const statement of Object.values(STATEMENTS)) await client.query(statement);
    return client;
  };
  let lane: { streamId: string; runId: string };
  beforeAll(async () => {
    database = await createTestDatabase();
    const early = await open();
    // Nobody but this test counts anything.
    for (const table of ['analysis_runs', 'segments', 'epochs', 'streams', 'gaps', 'lanes', 'analyzer_checkpoints'])
      await early.query(`ALTER TABLE ${table} SET (autovacuum_enabled = false)`);
    for (const call of [
      `enter('{${NOBODY}}', '{default}', 'me', 1, 1, 1)`,
      `advance('{${NOBODY}}', '{default}', '{1}', 'me', 1, 1, 1)`,
      `settle('me', '[{"id": 1, "attempt": 1, "state": "done"}]', ${NO_RESULTS})`,
      "idle(NULL, 1, '{}', false)",
    ])
      await early.query(`EXPLAIN EXECUTE ${call}`);
    for (const statement of SEED) await early.query(statement);
    const { rows } = await early.query<{ streamId: string; runId: string }>(
      `UPDATE analysis_runs SET state = 'running', attempt = 1, owner = 'me' WHERE id = (SELECT r.id FROM analysis_runs r
        JOIN streams s ON s.id = r.stream_id
       WHERE s.name = 's2' AND r.queue = 'visual' AND r.sequence = 2490) RETURNING stream_id AS "streamId", id AS "runId"`,
    );
    if (rows[0] === undefined) throw new Error('No run');
    lane = rows[0];
    await early.query(
      `INSERT INTO lanes (stream_id, queue, owner, fence, lease_until) SELECT id, 'visual', 'me', 1, now() + interval '1 hour'
        FROM streams`,
    );
    sessions.set(KNOWING[0], early);
    const late = await open();
    sessions.set(KNOWING[1], late);
    for (const call of [`enter('{${NOBODY}}', '{default}', 'me', 1, 1, 1)`, "idle(NULL, 1, '{}', false)"])
      await late.query(`EXPLAIN EXECUTE ${call}`);
  });
  afterAll(async () => {
    for (const client of sessions.values()) await client.end();
    await database.drop();
  });

  /** Pages touched, and which tables were read whole. What the statement did is undone. */
  const cost = async (knowing: string, call: string): Promise<{ pages: number; readWhole: string[] }> => {
    let client = sessions.get(knowing);
    if (client === undefined) {
      client = await open();
      // What was planned by other sessions is planned anew with this: they are through by now.
      await client.query('ANALYZE');
      sessions.set(knowing, client);
    }
    await client.query('BEGIN');
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE ${call}`);
    await client.query('ROLLBACK');
    const top = rows[0]?.['QUERY PLAN'][0].Plan;
    if (top === undefined) throw new Error('No plan');
    const nodes = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodes)];
    const whole = nodes(top).flatMap((node) =>
      node['Node Type'] === 'Seq Scan' && node['Relation Name'] !== undefined ? [node['Relation Name']] : [],
    );
    return { pages: top['Shared Hit Blocks'] + top['Shared Read Blocks'], readWhole: [...new Set(whole)] };
  };
  const oneLane = (): Promise<string> =>
    sessions
      .get(KNOWING[0])!
      .query<{ id: string }>(`SELECT id FROM streams WHERE name = 's1'`)
      .then(({ rows }) => rows[0]!.id);

  describe.each(KNOWING)('planned with %s', (knowing) => {
    const expectByKey = ({ pages, readWhole }: { pages: number; readWhole: string[] }, most: number): void => {
      expect(pages).toBeLessThan(most);
      expect(readWhole).not.toContain('analysis_runs');
      expect(readWhole).not.toContain('segments');
      expect(readWhole).not.toContain('gaps');
    };

    it('reads by key what one lane needs when entering', async () => {
      expectByKey(await cost(knowing, `enter('{${await oneLane()}}', '{default}', 'me', 10000, 3, 600000)`), 120);
    });

    it('reads by key what one lane needs when advancing', async () => {
      expectByKey(await cost(knowing, `advance('{${await oneLane()}}', '{visual}', '{1}', 'me', 10000, 3, 600000)`), 120);
    });

    it('reads for twenty lanes no more than twenty times as much', async () => {
      const { rows } = await sessions.get(KNOWING[0])!.query<{ ids: string }>(`SELECT string_agg(id::text, ',') AS ids FROM streams`);
      const of20 = (value: string): string => `{${Array.from({ length: 20 }, () => value).join()}}`;
      const call = `advance('{${rows[0]?.ids}}', '${of20('visual')}', '${of20('1')}', 'me', 10000, 3, 600000)`;
      expectByKey(await cost(knowing, call), 20 * 120);
    });

    it('finds the runs it ends by their key', async () => {
      const input = JSON.stringify([{ id: Number(lane.runId), attempt: 1, state: 'done', frames_seen: 1, frames_expected: 1 }]);
      expectByKey(await cost(knowing, `settle('me', '${input}', ${NO_RESULTS})`), 80);
    });

    it('finds idle lanes by what is waiting, however much is done', async () => {
      // 400 runs wait: a look at each, and one more at each of 40 lanes.
      expectByKey(await cost(knowing, "idle(NULL, 600000, '{}', false)"), 900);
    });
  });

  it('reads only what is beyond a hole when it waits', async () => {
    const client = sessions.get(KNOWING[0])!;
    const streamId = await oneLane();
    await client.query('DELETE FROM analysis_runs WHERE stream_id = $1 AND sequence = 2490', [streamId]);
    await client.query('DELETE FROM segments WHERE stream_id = $1 AND sequence = 2490', [streamId]);
    const { pages, readWhole } = await cost(KNOWING[0], `enter('{${streamId}}', '{default}', 'me', 10000, 3, 600000)`);
    expect(pages).toBeLessThan(120);
    expect(readWhole).not.toContain('segments');
  });

  it('plans each statement once on a connection, for one lane or many, however often it is asked', async () => {
    const source = await new DataSource(ledgerDataSourceOptions({ databaseUrl: database.url, poolSize: 1 })).initialize();
    try {
      const ledger = new Database(source);
      const results = Array.from({ length: 22 }, () => '{}');
      for (const lanes of [1, 1, 1, 1, 1, 1, 1, 1, 20, 1]) {
        const [streams, queues, fences] = [NOBODY, 'default', '1'].map((value) => Array.from({ length: lanes }, () => value));
        await ledger.rows(ADVANCE_LANES, [streams, queues, fences, 'me', 1, 1, 1]);
        await ledger.rows(ENTER_LANES, [[], [], 'me', 1, 1, 1]);
        await ledger.rows(SETTLE, ['me', '[{"id": 1, "attempt": 1, "state": "done"}]', ...results, '[]', '[]']);
        await ledger.rows(REGISTER, ['[]', '[]']);
      }
      const plans = await ledger.query(
        `SELECT name, custom_plans::int AS custom, generic_plans::int AS generic FROM pg_prepared_statements ORDER BY name`,
      );
      expect(plans).toEqual(
        ['lanes_advance', 'lanes_enter', 'register_segments', 'runs_settle'].map((name) => ({ name, custom: 0, generic: 10 })),
      );
    } finally {
      await source.destroy();
    }
  });
});
