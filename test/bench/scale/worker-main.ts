// The process under measurement: Vedette's worker with a strategy of known size, or BullMQ's by itself.
import { createPostgresBackend, createRedisBackend, Worker } from 'bullmq';
import { WorkerModule } from '../../../src/core/pipeline/worker.module.js';
import { barePool, QUEUE } from './bare-queue.js';
import { BusyThreads } from './busy-threads.js';
import { openSide } from './side.js';
import type { FromWorker, WorkerSettings } from './worker-process.js';
import { WorkStrategy } from './work-strategy.js';

const settings = JSON.parse(process.argv[2] ?? '{}') as WorkerSettings;
const tell = (message: FromWorker): void => void process.send?.(message);
const stop = settings.kind === 'bare' ? await workBare() : await workSegments();
process.once('message', () => void stop().then(() => process.exit(0)));
process.once('disconnect', () => process.exit(0));
tell({ kind: 'ready' });

async function workSegments(): Promise<() => Promise<void>> {
  const { rows, workMs, threads } = settings;
  const strategy = new WorkStrategy(rows, workMs > 0 ? new BusyThreads(threads, workMs) : undefined);
  const app = await openSide(settings, [WorkerModule.forRole({ queues: [QUEUE] })], strategy);
  return () => app.close();
}

async function workBare(): Promise<() => Promise<void>> {
  const { redisUrl, databaseUrl, concurrency } = settings;
  let processed = 0;
  const pool = redisUrl === undefined ? barePool(databaseUrl) : undefined;
  const worker = new Worker(
    QUEUE,
    async () => {
      processed += 1;
      if (processed % 100 === 0) tell({ kind: 'processed', count: processed });
    },
    {
      connection: (pool ?? { url: redisUrl, maxRetriesPerRequest: null }) as never,
      concurrency,
    },
    (redisUrl === undefined ? createPostgresBackend : createRedisBackend) as typeof createRedisBackend,
  );
  worker.on('error', (error) => console.error(error));
  await worker.waitUntilReady();
  return async () => {
    await worker.close();
    await pool?.end();
  };
}
