import { createPostgresBackend, createRedisBackend, Queue } from 'bullmq';
import pg from 'pg';
import { QUEUE_SCHEMA } from '../../../src/core/queue/queue-migrations.js';
import { QUEUE } from './side.js';
import type { Ground } from './stack.js';

export { QUEUE };
const POOL_SIZE = 13;
const CHUNK = 100;

/** Connections for BullMQ by itself, as its manual has them: as many as Vedette's queues take by default, durable commits. */
export function barePool(databaseUrl: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL_SIZE, keepAlive: true, options: `-c search_path=${QUEUE_SCHEMA}` });
  pool.on('error', () => undefined);
  return pool;
}

/** BullMQ's producing side by itself: nothing but jobs with a small payload, in bulk. */
export class BareQueue {
  private readonly pool: pg.Pool | undefined;
  private readonly queue: Queue;

  constructor({ redisUrl, databaseUrl }: Pick<Ground, 'redisUrl' | 'databaseUrl'>) {
    this.pool = redisUrl === undefined ? barePool(databaseUrl) : undefined;
    this.queue = new Queue(
      QUEUE,
      { connection: (this.pool ?? { url: redisUrl }) as never },
      (redisUrl === undefined ? createPostgresBackend : createRedisBackend) as typeof createRedisBackend,
    );
  }

  async add(count: number): Promise<void> {
    for (let added = 0; added < count; added += CHUNK) {
      const size = Math.min(CHUNK, count - added);
      await this.queue.addBulk(
        Array.from({ length: size }, (_, index) => ({ name: 'noop', data: { index: added + index }, opts: { removeOnComplete: true } })),
      );
    }
  }

  async close(): Promise<void> {
    await this.queue.close();
    await this.pool?.end();
  }
}
