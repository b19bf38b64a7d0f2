import { DataSource } from 'typeorm';
import { databaseError } from '../errors/database.errors.js';
import { createClient, STATEMENT_TIMEOUT_MS } from './connection.js';
import { ledgerDataSourceOptions } from './data-source.js';
import { errorText } from '../plugin-api/error.js';

/** Serialises everything that migrates, whichever library does it: several roles may start at once. The letters VDMG. */
const MIGRATION_LOCK = 0x56444d47;

/** One library's migrations. Must be idempotent. */
export type MigrationStep = (databaseUrl: string) => Promise<void>;

/** Brings the ledger's tables up to date. A change of a large table takes as long as it takes. */
export const migrateLedger: MigrationStep = async (databaseUrl) => {
  const source = new DataSource(ledgerDataSourceOptions({ databaseUrl, poolSize: 2, statementTimeoutMs: STATEMENT_TIMEOUT_MS.unlimited }));
  await source.initialize();
  try {
    await source.runMigrations({ transaction: 'each' });
  } finally {
    await source.destroy();
  }
};

/**
 * Runs the steps in order, one process at a time.
 * @throws VD_DATABASE_UNREACHABLE
 */
export async function runMigrations(databaseUrl: string, steps: readonly MigrationStep[] = [migrateLedger]): Promise<void> {
  const lock = createClient({ databaseUrl, name: 'vedette migrations', statementTimeoutMs: STATEMENT_TIMEOUT_MS.unlimited });
  try {
    await lock.connect();
  } catch (cause) {
    throw databaseError('VD_DATABASE_UNREACHABLE', `No connection for migrations: ${errorText(cause)}`, { cause });
  }
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    for (const step of steps) await step(databaseUrl);
  } finally {
    await lock.end();
  }
}
