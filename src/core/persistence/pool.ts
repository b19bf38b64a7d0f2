import pg from 'pg';

export interface PoolOptions {
  readonly databaseUrl: string;
  readonly size: number;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Schema that unqualified names mean. Default `public`. */
  readonly schema?: string;
}

/** What a query needs; satisfied by pools, clients and TypeORM's own pool. */
export type Queryable = Pick<pg.Pool, 'query'>;
export type ConnectionPool = pg.Pool;

/**
 * A pool's connection. Whoever queries is told of a break by the query; while a connection closes nobody listens, and a server that
 * ends it at that moment would end the process.
 */
export class PooledClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

/** A pool whose broken connections are replaced silently: whoever queries sees the error, an idle loss is none. */
export function createPool(options: PoolOptions): ConnectionPool {
  const pool = new pg.Pool({
    Client: PooledClient,
    connectionString: options.databaseUrl,
    max: options.size,
    application_name: options.name,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
    ...(options.schema === undefined ? {} : { options: `-c search_path=${options.schema}` }),
  });
  pool.on('error', () => undefined);
  return pool;
}

/** Lends one connection for the length of `work`. */
export async function withConnection<T>(databaseUrl: string, work: (connection: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
