import pg from 'pg';

export interface PoolOptions {
  readonly databaseUrl: string;
  readonly size: number;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /** Of the server, for these connections. */
  readonly settings?: Readonly<Record<string, string>>;
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

/**
 * A pool's connection. A break surfaces as the error of the query under way; while a connection closes nobody listens, and a server that
 * ends it at that moment would end the process.
 */
export class PooledClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    this.on('error', () => undefined);
  }
}

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

/** Settings of the server as a connection's `options`. */
export const settingsText = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');

/** A pool whose broken connections are replaced silently: whoever queries sees the error, an idle loss is none. */
export function createPool(options: PoolOptions): ConnectionPool {
  const Pool = options.isPrepared === true ? PreparingPool : pg.Pool;
  const pool = new Pool({
    Client: PooledClient,
    connectionString: options.databaseUrl,
    max: options.size,
    application_name: options.name,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    ...(options.settings === undefined ? {} : { options: settingsText(options.settings) }),
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
