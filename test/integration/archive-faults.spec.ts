import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataSource } from 'typeorm';
import { Archive1700000000042 } from '../../src/core/persistence/migrations/1700000000042-archive.js';
import { LedgerArchiver } from '../../src/core/persistence/archive/ledger-archiver.js';
import { EmptyPartitions } from '../../src/core/persistence/archive/empty-partitions.js';
import { ARCHIVE_DEFAULTS } from '../../src/core/persistence/archive/archive-options.js';
import { ledgerDataSourceOptions } from '../../src/core/persistence/data-source.js';
import { Database } from '../../src/core/persistence/database.js';
import { PartitionKeeper } from '../../src/core/persistence/partition-keeper.js';
import { TimelineReads } from '../../src/core/persistence/read/timeline-reads.js';
import { ApiApp } from '../support/api-app.js';
import { ArchiveScene } from '../support/archive-scene.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { createTestDatabase } from '../support/postgres.js';
import { until } from '../support/until.js';

const STARTED_AT = new Date(Math.floor(Date.now() / 86_400_000 - 4) * 86_400_000 + 3_600_000);

describe('packing', () => {
  let api: ApiApp;
  let scene: ArchiveScene;
  beforeAll(async () => {
    api = await ApiApp.start();
    const seed = new LedgerSeed(api.sql);
    await seed.partitions(STARTED_AT);
    await seed.partitions();
    scene = new ArchiveScene(api.sql, seed);
    await scene.stream('hall', STARTED_AT, 150);
  });
  afterAll(() => api.stop());

  const count = async (sql: string): Promise<number> => Number((await api.sql.query<{ n: string }>(`SELECT (${sql}) AS n`)).rows[0]!.n);
  const rows = (): Promise<number> =>
    count(
      '(SELECT count(*) FROM detections) + (SELECT count(*) FROM metrics) + (SELECT count(*) FROM observations) + (SELECT count(*) FROM analysis_runs)',
    );
  const packed = (): Promise<number> => count('SELECT COALESCE(sum(row_count), 0) FROM ledger_archive');
  const archiver = (): LedgerArchiver => api.app.get(LedgerArchiver, { strict: false });

  it('moves nothing while a transaction of it is broken off, and nothing twice while several processes pack', async () => {
    const all = await rows();
    await api.sql.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$`);
    await api.sql.query('CREATE TRIGGER refuse BEFORE INSERT ON ledger_archive FOR EACH ROW EXECUTE FUNCTION refuse()');
    await expect(archiver().pack()).rejects.toThrow('no room');
    expect([await rows(), await packed()]).toEqual([all, 0]);
    await api.sql.query('DROP TRIGGER refuse ON ledger_archive');

    const passes = await Promise.all(Array.from({ length: 4 }, () => archiver().pack()));
    await archiver().pack();
    expect(passes.reduce((sum, pass) => sum + pass.rows, 0)).toBeGreaterThan(0);
    expect((await rows()) + (await packed())).toBe(all);
    expect(await count(`SELECT count(*) FROM observations WHERE type <> 'text'`)).toBe(0);
  });

  it('leaves an open run and what ended just now', async () => {
    const seed = new LedgerSeed(api.sql);
    const streamId = await seed.stream({ name: 'now' });
    const epochId = await seed.epoch(streamId, { startedAt: new Date(Date.now() - 1_800_000) });
    const runId = await seed.run(await seed.segment(streamId, epochId, 0));
    await archiver().pack();
    expect(await count(`SELECT count(*) FROM detections WHERE run_id = ${runId}`)).toBe(1);
    await api.sql.query(
      `UPDATE analysis_runs SET finished_at = now() - interval '1 hour', created_at = now() - interval '9 hours', state = 'queued' WHERE id = $1`,
      [runId],
    );
    await archiver().pack();
    expect(await count(`SELECT count(*) FROM detections WHERE run_id = ${runId}`)).toBe(0);
    expect(await count(`SELECT count(*) FROM analysis_runs WHERE id = ${runId}`)).toBe(1);
  });

  it('stops between two transactions', async () => {
    const stopping = new AbortController();
    stopping.abort();
    await scene.stream('yard', STARTED_AT, 20);
    const before = await rows();
    expect(await archiver().pack(stopping.signal)).toEqual({ rows: 0, blocks: 0 });
    expect(await rows()).toBe(before);
  });

  it('gives back the disk of days of which every row is packed', async () => {
    await archiver().pack();
    const day = STARTED_AT.toISOString().slice(0, 10).replaceAll('-', '_');
    const bytes = (): Promise<number> => count(`SELECT pg_total_relation_size('metrics_${day}')`);
    // As many rows as a busy day leaves behind.
    await api.sql.query(
      `INSERT INTO metrics SELECT $1, 1, n, gen_random_uuid(), gen_random_uuid(), 'a', 0, 'n', '1', 0 FROM generate_series(1, 5000) n`,
      [STARTED_AT.toISOString()],
    );
    await api.sql.query('DELETE FROM metrics');
    expect(await bytes()).toBeGreaterThan(262_144);
    const empty = api.app.get(EmptyPartitions, { strict: false });
    const reader = await api.sql.connect();
    await reader.query('BEGIN');
    await reader.query(`SELECT count(*) FROM metrics_${day}`);
    await empty.shrink();
    expect(await bytes()).toBeGreaterThan(262_144);
    await reader.query('COMMIT');
    reader.release();
    await until('the partition to be empty', async () => {
      await empty.shrink();
      return (await bytes()) < 100_000;
    });
  });

  it('leaves the rows of before as they are when a database is migrated', async () => {
    const database = await createTestDatabase();
    const source = await new DataSource(ledgerDataSourceOptions({ databaseUrl: database.url, poolSize: 1 })).initialize();
    const isThere = async (): Promise<boolean> => {
      const [found] = await source.query<{ there: boolean }[]>(`SELECT to_regclass('ledger_archive') IS NOT NULL AS there`);
      return found!.there;
    };
    while (await isThere()) await source.undoLastMigration();
    const stream = `(SELECT id FROM streams)`;
    await source.query(`INSERT INTO streams (id, name, title, adapter_id) VALUES (gen_random_uuid(), 'old', 'Old', 'rtmp')`);
    await source.query(
      `CREATE TABLE metrics_2021_05_05 PARTITION OF metrics FOR VALUES FROM ('2021-05-05 00:00+00') TO ('2021-05-06 00:00+00')`,
    );
    await source.query(
      `INSERT INTO metrics SELECT '2021-05-05 10:00+00', 1, n, ${stream}, gen_random_uuid(), 'a', n, 'n', '1', n FROM generate_series(1, 5) n`,
    );
    await source.runMigrations();
    expect(await source.query('SELECT value FROM metrics ORDER BY ordinal')).toEqual([1, 2, 3, 4, 5].map((value) => ({ value })));
    const sql = new Database(source);
    const keeper = new PartitionKeeper(sql);
    const packed = await new LedgerArchiver(sql, keeper, new EmptyPartitions(sql), ARCHIVE_DEFAULTS).pack();
    expect(packed).toEqual({ rows: 5, blocks: 5 });
    const range = { limit: 10, descending: false, fromUs: 0 };
    const [{ id }] = (await source.query('SELECT id FROM streams')) as [{ id: string }];
    expect((await new TimelineReads(sql).metrics({ ...range, streamId: id })).items.map(({ value }) => value)).toEqual([1, 2, 3, 4, 5]);
    await source.destroy();
    await database.drop();
  });

  it('cannot be undone by taking its table away', async () => {
    const source = await new DataSource(ledgerDataSourceOptions({ databaseUrl: api.database.url, poolSize: 1 })).initialize();
    await expect(new Archive1700000000042().down(source.createQueryRunner())).rejects.toThrow('without losing them');
    await source.destroy();
  });
});
