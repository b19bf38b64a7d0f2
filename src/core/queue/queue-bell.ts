import { Inject, Injectable } from '@nestjs/common';
import { JobBell, type PendingJob } from '../persistence/ledger/ingest-ledger.js';
import type { LaneKey } from '../persistence/ledger/run-ledger.js';
import { laneJob, type QueuedJob, segmentJob } from './analyze-segment-job.js';
import { QueueDirectory } from './queue-directory.js';
import { ThrottledWarnings } from '../observability/throttled-warnings.js';
import { QUEUES_CONFIG, type QueuesConfig } from './queues-config.js';

const MAX_BATCH = 1_000;
/** On PostgreSQL, BullMQ makes two temporary tables for every bulk: dearer than so many jobs one by one. */
const FEW = 3;

/**
 * Rings for work. What is rung while a queue is being written to goes into that queue's next batch.
 * Never rejects: a bell that cannot be heard now is made good by the reconciler.
 */
@Injectable()
export class QueueBell extends JobBell {
  private readonly waiting = new Map<string, QueuedJob[]>();
  private readonly writing = new Map<string, Promise<void>>();

  constructor(
    private readonly queues: QueueDirectory,
    @Inject(QUEUES_CONFIG) private readonly config: QueuesConfig,
    private readonly warnings: ThrottledWarnings,
  ) {
    super();
  }

  async ring(jobs: readonly PendingJob[]): Promise<void> {
    await this.add(jobs.map((job) => ({ queue: job.queue, job: segmentJob(job, this.config) })));
  }

  /** Rings for lanes with work and nobody at them, or for the work that is left when a holder lets go. */
  async ringLanes(lanes: readonly LaneKey[], occasion = 'idle', delayMs = 0): Promise<void> {
    await this.add(lanes.map((lane) => ({ queue: lane.queue, job: laneJob(lane, occasion, delayMs) })));
  }

  private async add(jobs: readonly { queue: string; job: QueuedJob }[]): Promise<void> {
    for (const { queue, job } of jobs) {
      const waiting = this.waiting.get(queue);
      if (waiting === undefined) this.waiting.set(queue, [job]);
      else waiting.push(job);
    }
    await Promise.all([...new Set(jobs.map(({ queue }) => queue))].map((queue) => this.write(queue)));
  }

  private write(queue: string): Promise<void> {
    const writing = this.writing.get(queue);
    // The batch being written has left already: ours goes with the next one.
    if (writing !== undefined) return writing.then(() => this.write(queue));
    const batch = this.waiting.get(queue)?.splice(0, MAX_BATCH) ?? [];
    if (batch.length === 0) return Promise.resolve();
    const written = this.addAll(queue, batch).finally(() => this.writing.delete(queue));
    this.writing.set(queue, written);
    return written.then(() => this.write(queue));
  }

  private async addAll(name: string, batch: QueuedJob[]): Promise<void> {
    try {
      const queue = this.queues.get(name);
      if (batch.length > FEW) await queue.addBulk(batch);
      else await Promise.all(batch.map((job) => queue.add(job.name, job.data, job.opts)));
    } catch (error) {
      this.warnings.warn(`Ringing for ${name}`, error);
    }
  }
}
