import { Queue } from 'bullmq';
import pg from 'pg';
import { vedetteConfigSchema } from '../../src/core/config/schema.js';
import { segmentJob } from '../../src/core/queue/analyze-segment-job.js';
import { QueueBackend } from '../../src/core/queue/queue-backend.js';

export interface Queues {
  readonly databaseUrl: string;
  readonly redisUrl?: string;
  readonly names: readonly string[];
}

/** Adds two more jobs for each segment of a stream that comes in while `during` lasts. @returns how many were added */
export async function deliverThrice({ names, ...where }: Queues, streamId: string, during: () => Promise<void>): Promise<number> {
  const backend = new QueueBackend({ ...where, poolSize: 2 });
  const queues = names.map((name) => new Queue(name, { connection: backend.producer }));
  const client = new pg.Client({ connectionString: where.databaseUrl });
  await client.connect();
  const copied = new Set<string>();
  let lasting = true;
  const chaos = (async () => {
    while (lasting) {
      const { rows } = await client.query<{ id: string; epoch_id: string; sequence: number }>(
        'SELECT id, epoch_id, sequence FROM segments WHERE stream_id = $1 ORDER BY id DESC LIMIT 20',
        [streamId],
      );
      for (const { id, epoch_id: epochId, sequence } of rows.filter((row) => !copied.has(row.id))) {
        copied.add(id);
        for (const queue of queues) {
          const { name, data, opts } = segmentJob(
            { streamId, epochId, segmentId: id, sequence, queue: queue.name },
            vedetteConfigSchema.parse({}).queues,
          );
          await queue.addBulk(['second', 'third'].map((time) => ({ name, data, opts: { ...opts, jobId: `${opts.jobId}-${time}` } })));
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  })();
  try {
    await during();
  } finally {
    lasting = false;
    await chaos;
    await Promise.all(queues.map((queue) => queue.close()));
    await backend.close();
    await client.end();
  }
  return copied.size * queues.length * 2;
}
