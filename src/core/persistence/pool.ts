import pg from 'pg';
import { connectionConfig, type ConnectionOptions, createClient, WatchedClient } from './connection.js';

export interface PoolOptions extends ConnectionOptions {
  readonly size: number;
  /** Prepares every statement under a name of its own: for callers that have few and do not name them. */
  readonly isPrepared?: boolean;
}

/**
 * So long a connection stays that nobody asks anything. Each new one has to plan every statement afresh, and each that is kept is a
 * process of PostgreSQL: those in use come round within seconds, and what only a burst needed goes after a minute.
 */
export const IDLE_TIMEOUT_MS = 60_000;

/** What a query needs; satisfied by pools, clients and TypeORM's own pool. */
export type Queryable = Pick<pg.Pool, 'query'>;
export type ConnectionPool = pg.Pool;

/** A statement is parsed and planned once per connection, whoever sends it. */
class PreparingPool extends pg.Pool {
  private readonly names = new Map<string, string>();

  override query(...args: readonly unknown[]): any {
    const [text, values] = args;
    if (args.length > 2 || typeof text !== 'string' || !Array.isArray(values)) return super.query(...(args as [string]));
    let name = this.names.get(text);
    if (name === undefined) this.names.set(text, (name = `q${this.names.size}`));
    return super.query({ name, text, values });
  }
}

/** A pool whose broken connections are replaced silently: whoever queries sees the error, an idle loss is none. */
export function createPool({ size, isPrepared = false, ...connection }: PoolOptions): ConnectionPool {
  const Pool = isPrepared ? PreparingPool : pg.Pool;
  const pool = new Pool({ Client: WatchedClient, ...connectionConfig(connection), max: size, idleTimeoutMillis: IDLE_TIMEOUT_MS });
  pool.on('error', () => undefined);
  return pool;
}

/** Lends one connection for the length of `work`. */
export async function withConnection<T>(options: ConnectionOptions, work: (connection: pg.Client) => Promise<T>): Promise<T> {
  const client = createClient(options);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
