import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type EmbeddedAddress, EmbeddedDatabase } from '../../../src/core/persistence/embedded-postgres.js';
import { migrateDatabase } from '../../../src/core/queue/queue-migrations.js';
import { startRedis, type TestRedis } from '../../support/redis.js';
import type { Backend } from './scale-options.js';

const TEMPLATE = 'scale_template';
const COUNT_STATEMENTS = {
  shared_preload_libraries: 'pg_stat_statements',
  'pg_stat_statements.track': 'top',
  'pg_stat_statements.track_planning': 'on',
};

/** The servers that everything here runs on, as they run in production: every commit that asks for it reaches the disk. */
export class Stack {
  private constructor(
    readonly home: string,
    private readonly database: EmbeddedDatabase,
    private readonly address: EmbeddedAddress,
    private readonly redis: TestRedis | undefined,
  ) {}

  /** @param withStatements whether PostgreSQL counts what each statement costs, which costs a little itself */
  static async start(backends: readonly Backend[], withStatements = false): Promise<Stack> {
    const home = mkdtempSync(join(tmpdir(), 'vedette-bench-scale-'));
    const database = new EmbeddedDatabase({
      dataDir: join(home, 'data'),
      ...(withStatements ? { settings: COUNT_STATEMENTS } : {}),
    });
    process.once('exit', () => {
      database.stopSoon();
      rmSync(home, { recursive: true, force: true });
    });
    const address = await database.start();
    if (withStatements) await query(address.superuserUrl, 'CREATE EXTENSION pg_stat_statements');
    await query(address.superuserUrl, `CREATE DATABASE ${TEMPLATE} OWNER ${new URL(address.url).username}`);
    await migrateDatabase(withDatabase(address.url, TEMPLATE));
    let redis: TestRedis | undefined;
    if (backends.includes('redis')) {
      mkdirSync(join(home, 'redis'));
      redis = await startRedis(undefined, join(home, 'redis'));
    }
    return new Stack(home, database, address, redis);
  }

  get databasePid(): number {
    return this.database.pid ?? 0;
  }

  /** Versions of what this stands on, for the record. */
  async versions(): Promise<Record<string, string>> {
    const [row] = await query<{ server_version: string }>(this.address.superuserUrl, 'SHOW server_version');
    const info = String((await this.redis?.command('INFO', 'server')) ?? '');
    return { PostgreSQL: row?.server_version ?? '?', ...(info === '' ? {} : { Redis: /redis_version:(\S+)/.exec(info)?.[1] ?? '?' }) };
  }

  /** The costliest statements since this was last asked, in ms per call of them, what was planned in it included. */
  async statements(most = 24): Promise<string[]> {
    const rows = await query<{
      calls: number;
      total_ms: number;
      each_ms: number;
      plans: number;
      plan_ms: number;
      pages: number;
      text: string;
    }>(
      this.address.superuserUrl,
      `SELECT calls::int, total_exec_time + total_plan_time AS total_ms, (total_exec_time + total_plan_time) / calls AS each_ms,
         plans::int, total_plan_time AS plan_ms,
         ((shared_blks_hit + shared_blks_read) / calls)::int AS pages, left(regexp_replace(query, '\\s+', ' ', 'g'), 90) AS text
       FROM pg_stat_statements WHERE query NOT LIKE '%pg_stat_statements%' ORDER BY 2 DESC LIMIT $1`,
      [most],
    );
    await query(this.address.superuserUrl, 'SELECT pg_stat_statements_reset()');
    return rows.map(
      ({ calls, total_ms, each_ms, plans, plan_ms, pages, text }) =>
        `     ${total_ms.toFixed(0)} ms = ${calls} x ${each_ms.toFixed(3)} ms, planned ${plans} x (${plan_ms.toFixed(0)} ms), ${pages} pages: ${text}`,
    );
  }

  /** A new database that nothing was ever counted in, and empty queues. */
  async fresh(backend: Backend): Promise<Ground> {
    const name = `scale_${randomBytes(4).toString('hex')}`;
    await query(this.address.superuserUrl, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} OWNER ${new URL(this.address.url).username}`);
    // What making it left for the disk to do is not to be paid for by what is measured.
    await query(this.address.superuserUrl, 'CHECKPOINT');
    if (backend === 'redis') await this.redis?.command('FLUSHALL');
    const mediaDir = mkdtempSync(join(this.home, 'media-'));
    const databaseUrl = withDatabase(this.address.url, name);
    const looker = new pg.Client({ connectionString: databaseUrl });
    looker.on('error', () => undefined);
    await looker.connect();
    return {
      backend,
      databaseUrl,
      ...(backend === 'redis' && this.redis !== undefined ? { redisUrl: this.redis.url, redisPid: this.redis.pid } : {}),
      databasePid: this.databasePid,
      mediaDir,
      rows: async <T>(text: string, values: unknown[] = []) => (await looker.query(text, values)).rows as T[],
      clear: async () => {
        await looker.end();
        await query(this.address.superuserUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
        rmSync(mediaDir, { recursive: true, force: true });
      },
    };
  }

  async stop(): Promise<void> {
    await this.redis?.stop();
    await this.database.stop();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** What one trial runs on. */
export interface Ground {
  readonly backend: Backend;
  readonly databaseUrl: string;
  readonly redisUrl?: string;
  readonly databasePid: number;
  readonly redisPid?: number;
  readonly mediaDir: string;
  /** Looks into the ledger on a connection that is there already: a new one costs more than many segments. */
  rows<T>(text: string, values?: unknown[]): Promise<T[]>;
  clear(): Promise<void>;
}

/** Runs a statement on a connection of its own. */
export async function query<T>(databaseUrl: string, text: string, values: unknown[] = []): Promise<T[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query(text, values)).rows as T[];
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}
