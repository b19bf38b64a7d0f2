import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { DataSource } from 'typeorm';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClient, STATEMENT_TIMEOUT_MS } from '../../src/core/persistence/connection.js';
import { ledgerDataSourceOptions } from '../../src/core/persistence/data-source.js';
import { Database } from '../../src/core/persistence/database.js';
import { createPool, withConnection } from '../../src/core/persistence/pool.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { TcpProxy } from '../support/tcp-proxy.js';

/** The kernel alone would need a quarter of an hour. */
const PATIENCE_MS = 15_000;
const LIMIT_MS = 300;

describe('a database that falls silent', () => {
  let database: TestDatabase;
  let proxy: TcpProxy;
  let databaseUrl: string;
  const closing: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    const url = new URL(database.url);
    proxy = await TcpProxy.to(url.hostname, Number(url.port));
    url.host = `127.0.0.1:${proxy.port}`;
    databaseUrl = url.href;
  });
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });
  afterAll(async () => {
    await proxy.close();
    await database.drop();
  });

  async function ledger(statementTimeoutMs?: number): Promise<Database> {
    const options = { databaseUrl, poolSize: 3, ...(statementTimeoutMs !== undefined && { statementTimeoutMs }) };
    const source = await new DataSource(ledgerDataSourceOptions(options)).initialize();
    closing.push(() => source.destroy());
    return new Database(source);
  }

  it(
    'is told of as a lost connection, whatever is asked, and asked again by another connection',
    async () => {
      const sql = await ledger(LIMIT_MS);
      const queues = createPool({ databaseUrl, size: 1, name: 'test', statementTimeoutMs: LIMIT_MS, isPrepared: true });
      closing.push(() => queues.end());
      const select = { name: 'test_one', text: 'SELECT 1 AS one' };
      const ask = (): Promise<unknown>[] => [
        sql.rows(select),
        sql.bounded('SELECT 1 AS one', []),
        sql.transaction((manager) => manager.query('SELECT 1 AS one')),
        queues.query('SELECT $1::int AS one', [1]),
      ];
      await Promise.all(ask());

      proxy.mute();
      const outcomes = await Promise.allSettled(ask());
      expect(outcomes).toMatchObject([
        ...Array.from({ length: 3 }, () => ({ status: 'rejected', reason: { code: 'VD_DATABASE_UNREACHABLE' } })),
        { status: 'rejected', reason: { code: 'ETIMEDOUT' } },
      ]);
      expect((await Promise.allSettled(ask())).map(({ status }) => status)).toEqual(Array(4).fill('fulfilled'));
    },
    PATIENCE_MS,
  );

  it('is waited for as long as it says something', async () => {
    const rows = await withConnection({ databaseUrl, name: 'test', statementTimeoutMs: STATEMENT_TIMEOUT_MS.unlimited }, (connection) =>
      connection.query('SELECT pg_sleep(0.2)'),
    );
    expect(rows.rowCount).toBe(1);
  });

  it(
    'does not hold up who closes a connection',
    async () => {
      const client = createClient({ databaseUrl, name: 'test', statementTimeoutMs: STATEMENT_TIMEOUT_MS.unlimited });
      await client.connect();
      proxy.mute();
      await expect(client.end()).resolves.toBeUndefined();
    },
    PATIENCE_MS,
  );

  it('ends statements of the ledger after 30 s, and none of a migration; locks of who is out of reach go within 20 s', async () => {
    const settings = ['statement_timeout', 'idle_in_transaction_session_timeout', 'tcp_keepalives_idle', 'tcp_user_timeout'];
    const shown = async (sql: Database): Promise<unknown> =>
      (
        await sql.query<{ values: string[] }>(`SELECT ARRAY(SELECT current_setting(name) FROM unnest($1::text[]) name) AS values`, [
          settings,
        ])
      )[0]?.values;
    expect(await shown(await ledger())).toEqual(['30s', '30s', '5', '20000']);
    expect(await shown(await ledger(STATEMENT_TIMEOUT_MS.unlimited))).toEqual(['0', '30s', '5', '20000']);
  });

  it.runIf(process.platform === 'linux')('has the kernel ask for a sign of life within 5 s of silence', async () => {
    const client = createClient({ databaseUrl, name: 'test', statementTimeoutMs: STATEMENT_TIMEOUT_MS.atOnce });
    closing.push(() => client.end());
    await client.connect();
    const { localPort = 0 } = (client as unknown as { connection: { stream: Socket } }).connection.stream;
    const timer = await timerOf(localPort);
    expect(timer.kind).toBe('keepalive');
    expect(timer.inMs).toBeLessThanOrEqual(5_000);
  });
});

/** What the kernel waits for on the connection with this port of ours. */
async function timerOf(localPort: number): Promise<{ kind: string; inMs: number }> {
  const port = `:${localPort.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((line) => line.trim().split(/\s+/));
  const [kind = '', ticks = ''] = lines.find(([, local = '']) => local.endsWith(port))?.[5]?.split(':') ?? [];
  return { kind: kind === '02' ? 'keepalive' : `timer ${kind}`, inMs: Number.parseInt(ticks, 16) * 10 };
}
