import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { EmbeddedDatabase, type EmbeddedAddress } from '../../src/core/persistence/embedded-postgres.js';
import { isRunning, reapStaleServer } from '../../src/core/persistence/embedded/server-process.js';
import { migrateDatabase } from '../../src/core/queue/queue-migrations.js';
import './provided-context.js';
import { TEMPLATE_DATABASE } from './template-database.js';

const PREFIX = 'vedette-test-postgres-';

/**
 * Vitest's global setup for projects that need a database: one embedded server per project and run, ended on every way out.
 * Folders carry the pid of their run, so that what a killed run left is reaped by the next one.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await reapKilledRuns();
  const dataDir = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
  const server = new EmbeddedDatabase({
    dataDir,
    // Nothing here outlives the run: durability would only slow it.
    settings: { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' },
  });
  const onExit = (): void => {
    server.stopSoon();
    rmSync(dataDir, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  const stop = async (): Promise<void> => {
    await server.stop();
    process.off('exit', onExit);
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    const { url, superuserUrl } = await startWithTemplate(server);
    project.provide('postgresUrl', superuserUrl);
    project.provide('applicationUrl', url);
  } catch (error) {
    await stop();
    throw error;
  }
  return stop;
}

async function startWithTemplate(server: EmbeddedDatabase): Promise<EmbeddedAddress> {
  const address = await server.start();
  const client = new pg.Client({ connectionString: address.superuserUrl });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE_DATABASE} OWNER ${new URL(address.url).username}`);
  await client.end();
  const template = new URL(address.url);
  template.pathname = `/${TEMPLATE_DATABASE}`;
  await migrateDatabase(template.href);
  return address;
}

async function reapKilledRuns(): Promise<void> {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number.parseInt(name.startsWith(PREFIX) ? name.slice(PREFIX.length) : '', 10);
    if (!Number.isInteger(pid) || isRunning(pid)) continue;
    const dataDir = join(tmpdir(), name);
    await reapStaleServer(join(dataDir, 'postgres'));
    rmSync(dataDir, { recursive: true, force: true });
  }
}
