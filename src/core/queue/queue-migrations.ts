import { runMigrations as runBullMigrations } from 'bullmq';
import { STATEMENT_TIMEOUT_MS } from '../persistence/connection.js';
import { withConnection } from '../persistence/pool.js';
import { type MigrationStep, migrateLedger, runMigrations } from '../persistence/run-migrations.js';

/** The PostgreSQL schema the queues live in. */
export const QUEUE_SCHEMA = 'bullmq';

/** Brings the tables of BullMQ's PostgreSQL backend up to date. */
export const migrateQueues: MigrationStep = (databaseUrl) =>
  withConnection({ databaseUrl, name: 'vedette migrations', statementTimeoutMs: STATEMENT_TIMEOUT_MS.unlimited }, async (connection) => {
    await runBullMigrations(connection, QUEUE_SCHEMA);
  });

/**
 * Everything a database needs before the first role starts: the ledger's tables and the queues'.
 * The queues' are made even where Redis carries the queues now, so that leaving Redis needs no further step.
 */
export function migrateDatabase(databaseUrl: string): Promise<void> {
  return runMigrations(databaseUrl, [migrateLedger, migrateQueues]);
}
