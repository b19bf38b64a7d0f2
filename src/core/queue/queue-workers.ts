import { Inject, Injectable } from '@nestjs/common';
import { UnrecoverableError, Worker } from 'bullmq';
import { doneWithin } from '../runtime/within.js';
import type { AnalyzeSegmentJob } from './analyze-segment-job.js';
import { QueueBackend } from './queue-backend.js';
import { ThrottledWarnings } from '../observability/throttled-warnings.js';
import { QUEUES_CONFIG, type QueuesConfig } from './queues-config.js';

/** Throw this from a job that no retry can mend; it stays in the queue as failed, with its message. */
export { UnrecoverableError as DeadJobError };

/** More than a few crashes of one job are judged by the ledger (a run that takes its worker down is poison), not by the queue. */
const MAX_STALLED_COUNT = 10;

/** This process' consumers: one BullMQ worker per queue. What a job does must leave the event loop free to renew its lock. */
@Injectable()
export class QueueWorkers {
  private workers: Worker[] = [];

  constructor(
    private readonly backend: QueueBackend,
    @Inject(QUEUES_CONFIG) private readonly config: QueuesConfig,
    private readonly warnings: ThrottledWarnings,
  ) {}

  async start(queues: readonly string[], work: (job: AnalyzeSegmentJob) => Promise<void>): Promise<void> {
    this.backend.makeRoomFor(queues.length);
    this.workers = queues.map((queue) => {
      const worker = new Worker<AnalyzeSegmentJob>(
        queue,
        (job) => work(job.data),
        {
          connection: this.backend.consumer,
          concurrency: this.concurrencyOf(queue),
          lockDuration: this.config.lockDuration,
          stalledInterval: this.config.stalledInterval,
          maxStalledCount: MAX_STALLED_COUNT,
          // After an outage, look again soon: the default is 15 s.
          runRetryDelay: 1_000,
        },
        this.backend.factory,
      );
      worker.on('error', (error) => this.warnings.warn(`Worker of ${queue}`, error));
      return worker;
    });
    await Promise.all(this.workers.map((worker) => worker.waitUntilReady()));
  }

  /** Jobs of a queue at once. */
  concurrencyOf(queue: string): number {
    return this.config.concurrency[queue] ?? this.config.defaultConcurrency;
  }

  /** Takes no further jobs; those under way go on. */
  async pause(): Promise<void> {
    await Promise.allSettled(this.workers.map((worker) => worker.pause(true)));
  }

  /** Waits for jobs under way, at most so long; what is left is given up and taken over by another worker. */
  async close(patienceMs: number): Promise<void> {
    const closed = Promise.allSettled(this.workers.map((worker) => worker.close()));
    if (await doneWithin(patienceMs, closed)) return;
    await Promise.allSettled(this.workers.map((worker) => worker.disconnect()));
  }
}
