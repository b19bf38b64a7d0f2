import pg from 'pg';
import { createClient, STATEMENT_TIMEOUT_MS } from '../connection.js';

export interface ChannelListenerOptions {
  readonly databaseUrl: string;
  readonly channel: string;
  /** Called on each notification, and once without payload after every (re)connection: what was rung meanwhile went unheard. */
  readonly onRing: (payload?: string) => void;
  readonly onLost?: (error: Error) => void;
  readonly retryMs?: number;
}

/** LISTEN on a connection of its own that comes back by itself. */
export class ChannelListener {
  private client: pg.Client | null = null;
  private retry: NodeJS.Timeout | null = null;
  private starting: Promise<void> | undefined;
  private stopped = false;

  constructor(private readonly options: ChannelListenerOptions) {}

  /** Connects once, however often it is asked to. */
  start(): Promise<void> {
    return (this.starting ??= this.connect());
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.retry !== null) clearTimeout(this.retry);
    const client = this.client;
    this.client = null;
    await client?.end().catch(() => undefined); // it is going away either way
  }

  private async connect(): Promise<void> {
    const { databaseUrl, channel } = this.options;
    const client = createClient({ databaseUrl, name: `vedette listen ${channel}`, statementTimeoutMs: STATEMENT_TIMEOUT_MS.atOnce });
    let lost = false;
    const onLost = (error: Error): void => {
      if (lost || this.stopped) return;
      lost = true;
      this.client = null;
      this.options.onLost?.(error);
      this.retry = setTimeout(() => void this.connect(), this.options.retryMs ?? 500);
      client.end().catch(() => undefined); // a broken connection cannot be ended twice
    };
    client.on('error', onLost);
    client.on('end', () => onLost(new Error('The connection ended')));
    client.on('notification', ({ payload }) => this.options.onRing(payload ?? ''));
    try {
      await client.connect();
      await client.query(`LISTEN ${pg.escapeIdentifier(channel)}`);
    } catch (error) {
      onLost(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (this.stopped) {
      await client.end();
      return;
    }
    this.client = client;
    this.options.onRing();
  }
}
