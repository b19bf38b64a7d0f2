import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FEED_CHANNEL } from '../../src/core/persistence/notify/feed-bell.js';
import { FeedRetention } from '../../src/core/persistence/feed-retention.js';
import { RunLedger } from '../../src/core/persistence/ledger/run-ledger.js';
import { dayOf, PartitionKeeper } from '../../src/core/persistence/partition-keeper.js';
import { Database } from '../../src/core/persistence/database.js';
import { until } from '../support/until.js';
import { PipelineHarness } from './support/pipeline-harness.js';

let harness: PipelineHarness;
beforeAll(async () => {
  harness = await PipelineHarness.start();
});
afterAll(() => harness.close());

describe(PartitionKeeper.name, () => {
  it('makes a day once although many ask at once, and leaves the others alone', async () => {
    const day = dayOf(Date.UTC(2021, 4, 5) * 1_000);
    const keepers = Array.from({ length: 8 }, () => new PartitionKeeper(harness.get(Database)));
    await Promise.all(keepers.map((keeper) => keeper.ensure([day, day + 1])));
    const tables = await harness.rows<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname ~ '_2021_05_0[0-9]$' ORDER BY 1`,
    );
    expect(tables.map(({ name }) => name)).toEqual(
      ['detections', 'ledger_archive', 'metrics', 'observations'].flatMap((table) => [`${table}_2021_05_05`, `${table}_2021_05_06`]),
    );
  });

  it('makes the days around today ahead of time', async () => {
    await harness.get(PartitionKeeper).keepAhead();
    const today = new Date().toISOString().slice(0, 10).replaceAll('-', '_');
    expect(await harness.rows(`SELECT count(*)::int AS count FROM pg_class WHERE relkind = 'r' AND relname = 'metrics_${today}'`)).toEqual([
      { count: 1 },
    ]);
  });

  it('makes room for results of any day at the moment they come, and again after it was dropped', async () => {
    const runs = harness.get(RunLedger);
    const stream = await harness.openStream(undefined, Date.UTC(1999, 11, 31, 23, 59, 59));
    await harness.register(stream, 0, 2);
    for (const sequence of [0, 1]) {
      const turn = await runs.enter({ streamId: stream.streamId, queue: 'default' }, 'me');
      if (turn.kind !== 'claimed') throw new Error(`Not claimed: ${turn.kind}`);
      const [run] = turn.work.runs;
      if (run === undefined) throw new Error('No run');
      const metric = (ptsUs: number) => ({ type: 'metric', name: 'n', unit: '1', value: 1, ptsUs }) as const;
      const results = [metric(sequence * 2_000_000), metric(sequence * 2_000_000 + 1_500_000)];
      const settled = await runs.settle('me', turn.work, [
        { runId: run.runId, attempt: run.attempt, state: 'done', framesSeen: 1, framesExpected: 1, cpuMs: 1, results },
      ]);
      expect([...settled.keys()]).toEqual([run.runId]);
      await runs.leave(turn.lane, 'me', false);
      await harness.rows('DROP TABLE IF EXISTS metrics_2000_01_01');
    }
    const days = await harness.rows<{ day: string }>(
      `SELECT DISTINCT to_char(at, 'YYYY-MM-DD') AS day FROM metrics WHERE stream_id = $1 ORDER BY 1`,
      [stream.streamId],
    );
    expect(days.map(({ day }) => day)).toEqual(['1999-12-31']);
  });
});

describe('the feed', () => {
  /** What the API does: everything after the cursor that no older transaction can still come before. */
  const readAfter = (xid: string, id: string) =>
    harness.rows<{ xid: string; id: string; payload: { n?: number } }>(
      `SELECT f.xid::text, f.id::text, f.payload FROM feed f WHERE (f.xid, f.id) > ($1::text::xid8, $2::bigint)
         AND f.xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY f.xid, f.id`,
      [xid, id],
    );

  it('never lets a cursor pass a row whose transaction commits late', async () => {
    const [last] = await harness.rows<{ xid: string; id: string }>(
      `SELECT f.xid::text, f.id::text FROM feed f ORDER BY f.xid DESC, f.id DESC LIMIT 1`,
    );
    let cursor = last ?? { xid: '0', id: '0' };
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for (const row of await readAfter(cursor.xid, cursor.id)) {
        cursor = row;
        if (row.payload.n !== undefined) seen.push(row.payload.n);
      }
    };
    const slow = new pg.Client({ connectionString: harness.database.url });
    await slow.connect();
    const insert = (n: number) => `INSERT INTO feed (kind, payload) VALUES ('test', '{"n": ${n}}')`;
    await slow.query('BEGIN');
    await slow.query(insert(1));
    await harness.rows(insert(2));
    await read();
    expect(seen).toEqual([]);
    await slow.query('COMMIT');
    await slow.end();
    await until('both rows in commit order', async () => {
      await read();
      return seen.length === 2;
    });
    expect(seen).toEqual([1, 2]);

    const writers = Array.from({ length: 100 }, (_, index) => harness.rows(insert(100 + index)));
    const reading = (async () => {
      while (seen.length < 102) await read();
    })();
    await Promise.all([...writers, reading]);
    expect(seen.toSorted((a, b) => a - b)).toEqual([1, 2, ...Array.from({ length: 100 }, (_, index) => 100 + index)]);
  });

  it('rings after what it tells of can be seen', async () => {
    const listener = new pg.Client({ connectionString: harness.database.url });
    await listener.connect();
    await listener.query(`LISTEN ${FEED_CHANNEL}`);
    const rung = new Promise<void>((heard) => listener.once('notification', () => heard()));
    const stream = await harness.openStream();
    await rung;
    expect(await harness.feedOf(stream.streamId)).toContain('stream.changed');
    await listener.end();
  });

  it('forgets what is older than clients may resume from, all but the row that says how far back it is whole', async () => {
    // More than goes in one statement.
    await harness.rows(`INSERT INTO feed (kind, at) SELECT 'oldest', now() - interval '4 hours' FROM generate_series(1, 10100)`);
    await harness.rows(
      `INSERT INTO feed (kind, at) VALUES ('oldest', now() - interval '3 hours'), ('old', now() - interval '2 hours'), ('young', now())`,
    );
    await new FeedRetention(harness.get(Database), 3_600_000).clear();
    expect(await harness.rows(`SELECT kind FROM feed WHERE kind IN ('oldest', 'old', 'young') ORDER BY id`)).toEqual([
      { kind: 'old' },
      { kind: 'young' },
    ]);
  });
});
