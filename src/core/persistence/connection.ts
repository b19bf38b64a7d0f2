import { Socket } from 'node:net';
import pg from 'pg';

/** The server ends a statement at its limit; what it then says may be so late before it counts as gone. */
const ANSWER_GRACE_MS = 5_000;
/** With nothing under way the kernel asks for a sign of life after so long, and every second from then on: ten without an answer end it. */
const KEEP_ALIVE_AFTER_MS = 5_000;
const CONNECT_TIMEOUT_MS = 10_000;
const CLOSE_TIMEOUT_MS = 2_000;

/** How soon the server misses us, in its own words: locks of a process that is out of reach must not outlive its leases by hours. */
const MISSED_BY_SERVER: Readonly<Record<string, string>> = {
  tcp_keepalives_idle: '5',
  tcp_keepalives_interval: '5',
  tcp_keepalives_count: '3',
  // Where its system has it; elsewhere it says so and goes on without.
  tcp_user_timeout: '20000',
};

export interface ConnectionOptions {
  readonly databaseUrl: string;
  /** Shown in pg_stat_activity. */
  readonly name: string;
  /**
   * The server ends longer statements, and a server that has not answered 5 s later counts as gone. 0: as long as it takes
   * (migrations, waiting for a lock); then only the kernel can tell that a server is out of reach.
   */
  readonly statementTimeoutMs: number;
  /** Of the server, for this connection. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Of a statement by its use, in milliseconds. */
export const STATEMENT_TIMEOUT_MS = {
  /** A statement that hangs would hold its lease's rows and the feed behind it. */
  ledger: 30_000,
  /** About single jobs: a millisecond or two each. */
  queues: 10_000,
  /** LISTEN, a lock that is had or not: answered at once. */
  atOnce: 5_000,
  unlimited: 0,
} as const;

/** How each of our connections is made: to be used with {@link WatchedClient}. */
export function connectionConfig({ databaseUrl, name, statementTimeoutMs, settings }: ConnectionOptions): pg.ClientConfig {
  return {
    connectionString: databaseUrl,
    application_name: name,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
    statement_timeout: statementTimeoutMs,
    // An abandoned open transaction would hold back what clients are told (the feed waits for older writers).
    idle_in_transaction_session_timeout: 30_000,
    options: Object.entries({ ...MISSED_BY_SERVER, ...settings })
      .map(([setting, value]) => `-c ${setting}=${value}`)
      .join(' '),
  };
}

/**
 * A connection that notices when the server falls silent without closing it: a torn network, a machine that lost its power. Until the
 * kernel gives up sending, a quarter of an hour may pass, and while there is something unsent it asks for no sign of life.
 *
 * A break surfaces as the error of the query under way; while a connection closes nobody listens, and a server that ends it at that
 * moment would end the process.
 */
export class WatchedClient extends pg.Client {
  private readonly socket: Socket;
  private readonly answerTimeoutMs: number;

  constructor(config: pg.ClientConfig = {}) {
    const socket = new Socket();
    super({ ...config, stream: () => socket });
    this.socket = socket;
    const limitMs = Number(config.statement_timeout ?? 0);
    this.answerTimeoutMs = limitMs === 0 ? 0 : limitMs + ANSWER_GRACE_MS;
    this.on('error', () => undefined);
    // One that was never connected has no other listener.
    socket.on('error', () => undefined);
    this.on('drain', () => this.socket.setTimeout(0));
    // Counted from the last byte either way: rows that still come are an answer.
    socket.on('timeout', () => socket.destroy(new SilentServerError(socket.timeout ?? 0)));
  }

  override query(...args: readonly unknown[]): any {
    this.socket.setTimeout(this.answerTimeoutMs);
    return super.query(...(args as [string]));
  }

  override end(...args: readonly unknown[]): any {
    this.socket.setTimeout(CLOSE_TIMEOUT_MS);
    return super.end(...(args as []));
  }
}

/** A connection of its own, not yet connected. */
export function createClient(options: ConnectionOptions): pg.Client {
  return new WatchedClient(connectionConfig(options));
}

class SilentServerError extends Error {
  readonly code = 'ETIMEDOUT';

  constructor(silentMs: number) {
    super(`PostgreSQL has not said anything for ${silentMs} ms`);
  }
}
