import { Inject, Injectable } from '@nestjs/common';
import { type ConnectionOptions, createPostgresBackend, createRedisBackend, setDefaultBackendFactory } from 'bullmq';
import { STATEMENT_TIMEOUT_MS } from '../persistence/connection.js';
import { type ConnectionPool, createPool } from '../persistence/pool.js';
import { QUEUE_SCHEMA } from './queue-migrations.js';

/** Nest token of {@link QueueBackendOptions}. */
export const QUEUE_BACKEND_OPTIONS = Symbol.for('vedette.queue-backend-options');

export interface QueueBackendOptions {
  readonly databaseUrl: string;
  /** Queues on Redis instead of PostgreSQL. */
  readonly redisUrl?: string;
  /** Connections for queries, besides one for each queue a worker listens to. */
  readonly poolSize: number;
}

/** Which database carries the queues, and the connections they share. */
@Injectable()
export class QueueBackend {
  readonly kind: 'postgres' | 'redis';
  private readonly pool: ConnectionPool | undefined;

  constructor(@Inject(QUEUE_BACKEND_OPTIONS) private readonly options: QueueBackendOptions) {
    this.kind = options.redisUrl === undefined ? 'postgres' : 'redis';
    if (this.kind === 'postgres') {
      this.pool = createPool({
        databaseUrl: options.databaseUrl,
        size: options.poolSize,
        name: 'vedette queues',
        statementTimeoutMs: STATEMENT_TIMEOUT_MS.queues,
        // A job is a bell: what rings when the server dies is rung for anew, from the ledger, whose own commits wait for the disk.
        settings: { search_path: QUEUE_SCHEMA, synchronous_commit: 'off' },
        isPrepared: true,
      });
    }
    // Queues are built by @nestjs/bullmq, which has no place to name a backend but BullMQ's default.
    setDefaultBackendFactory(this.factory);
  }

  get factory(): typeof createRedisBackend {
    return (this.kind === 'postgres' ? createPostgresBackend : createRedisBackend) as typeof createRedisBackend;
  }

  /** For adding and counting: gives up soon when Redis is away, since whoever rings must not wait for it. */
  get producer(): ConnectionOptions {
    return this.connection({ maxRetriesPerRequest: 1, enableOfflineQueue: true });
  }

  /** For workers: waits as long as it takes. */
  get consumer(): ConnectionOptions {
    return this.connection({ maxRetriesPerRequest: null });
  }

  /** A worker borrows a connection for as long as it lives, to listen on; the others' statements must find one all the same. */
  makeRoomFor(listeners: number): void {
    if (this.pool !== undefined) this.pool.options.max += listeners;
  }

  /** After the queues and workers were closed. */
  async close(): Promise<void> {
    await this.pool?.end();
  }

  private connection(redis: { maxRetriesPerRequest: number | null; enableOfflineQueue?: boolean }): ConnectionOptions {
    if (this.pool !== undefined) return this.pool as unknown as ConnectionOptions;
    return { url: this.options.redisUrl, ...redis } as ConnectionOptions;
  }
}
