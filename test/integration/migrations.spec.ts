import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { ConfigModule } from '../../src/core/config/config.module.js';
import { vedetteConfigSchema } from '../../src/core/config/schema.js';
import { ledgerDataSourceOptions, migrations } from '../../src/core/persistence/data-source.js';
import { EpochNumbers1700000000051 } from '../../src/core/persistence/migrations/1700000000051-epoch-numbers.js';
import { createPool } from '../../src/core/persistence/pool.js';
import { PersistenceModule } from '../../src/core/persistence/persistence.module.js';
import { runMigrations } from '../../src/core/persistence/run-migrations.js';
import { migrateDatabase } from '../../src/core/queue/queue-migrations.js';
import { LedgerSeed } from '../support/ledger-seed.js';
import { createTestDatabase } from '../support/postgres.js';
import { query } from '../support/query.js';

describe('a database that is not there', () => {
  const role = (databaseUrl?: string) =>
    NestFactory.createApplicationContext(
      {
        module: class TestRole {},
        imports: [
          ConfigModule.forRoot({ config: vedetteConfigSchema.parse({ database: { url: databaseUrl } }), file: null, baseDir: '.' }),
          PersistenceModule,
        ],
      },
      { logger: false, abortOnError: false },
    );

  it('stops a role that was given no address, or one where nobody answers', async () => {
    await expect(role()).rejects.toMatchObject({ code: 'VD_DATABASE_URL_MISSING' });
    await expect(role('postgres://x:y@127.0.0.1:1/z')).rejects.toMatchObject({ code: 'VD_DATABASE_UNREACHABLE' });
    await expect(runMigrations('postgres://x:y@127.0.0.1:1/z')).rejects.toMatchObject({ code: 'VD_DATABASE_UNREACHABLE' });
  });
});

describe('migrations', () => {
  it('may be run by several processes at once, and again, and can be undone', async () => {
    const database = await createTestDatabase();
    await query(database.url, 'DROP SCHEMA public CASCADE; DROP SCHEMA bullmq CASCADE; CREATE SCHEMA public');
    await Promise.all([migrateDatabase(database.url), migrateDatabase(database.url), migrateDatabase(database.url)]);
    await migrateDatabase(database.url);
    const source = await new DataSource(ledgerDataSourceOptions({ databaseUrl: database.url, poolSize: 2 })).initialize();
    // What TypeORM would change to make the tables fit the entities: no column may be missing or too many.
    const drift = await source.driver.createSchemaBuilder().log();
    const entityTables = new Set(source.entityMetadatas.map(({ tableName }) => tableName));
    const columns = drift.upQueries
      .map(({ query: sql }) => sql)
      .filter(
        (sql) =>
          /^(ALTER TABLE "\w+" (ADD|DROP COLUMN) "|CREATE TABLE)/.test(sql) &&
          [...entityTables].some((table) => sql.includes(`"${table}"`)),
      );
    // TypeORM knows no xid8.
    expect(columns.filter((sql) => !sql.startsWith('ALTER TABLE "feed" ') || !sql.includes('"xid"'))).toEqual([]);
    for (let undone = 0; undone < migrations.length; undone++) await source.undoLastMigration();
    expect(await source.query(`SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = 'analysis_runs'`)).toEqual([]);
    await source.destroy();
    await database.drop();
  });
});

describe(EpochNumbers1700000000051.name, () => {
  it('gives the epochs that there are the numbers that playlists told', async () => {
    const database = await createTestDatabase();
    const pool = createPool({ databaseUrl: database.url, size: 2, name: 'test', statementTimeoutMs: 30_000 });
    const seed = new LedgerSeed(pool);
    const streamId = await seed.stream();
    await pool.query('UPDATE streams SET gone_sequences = 100, gone_epochs = 3');
    // Of the second nothing came; the newest may still wait for the one before it.
    for (const [ordinal, count] of [3, 0, 2, 1].entries()) {
      const epochId = await seed.epoch(streamId, { ordinal, state: 'closed' });
      for (let sequence = 0; sequence < count; sequence += 1) await seed.segment(streamId, epochId, sequence);
    }
    const source = await new DataSource(ledgerDataSourceOptions({ databaseUrl: database.url, poolSize: 2 })).initialize();
    const runner = source.createQueryRunner();
    await new EpochNumbers1700000000051().down(runner);
    await new EpochNumbers1700000000051().up(runner);
    await runner.release();
    await source.destroy();
    const { rows } = await pool.query('SELECT first_media_sequence::int AS first, discontinuity AS nth FROM epochs ORDER BY ordinal');
    expect(rows.map(({ first, nth }) => [first, nth])).toEqual([
      [100, 3],
      [null, null],
      [103, 4],
      [null, null],
    ]);
    await pool.end();
    await database.drop();
  });
});

describe(createTestDatabase.name, () => {
  it('gives each test a database of its own with the ledger and the queues in it', async () => {
    const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(one.url).not.toBe(two.url);
    const client = new pg.Client({ connectionString: one.url });
    await client.connect();
    const { rows } = await client.query(
      "SELECT to_regclass('public.analysis_runs') IS NOT NULL AS ledger, to_regnamespace('bullmq') IS NOT NULL AS queues",
    );
    await client.end();
    expect(rows).toEqual([{ ledger: true, queues: true }]);
    await Promise.all([one.drop(), two.drop()]);
  });
});
