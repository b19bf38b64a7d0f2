import { QueueFiguresSource } from '../../../src/core/queue/queue-figures-source.js';
import type { FailedJobWire, QueueWire } from '../../../src/core/wire/wire.js';

/** The queues as the test sets them; it knows of failed jobs in `default` only. */
export class FakeQueueFigures extends QueueFiguresSource {
  queues: QueueWire[] = [];
  failedJobs: FailedJobWire[] = [];
  /** How often figures were read. */
  reads = 0;

  override async figures(): Promise<QueueWire[]> {
    this.reads += 1;
    return this.queues;
  }

  override async failed(queue: string, limit: number): Promise<FailedJobWire[] | null> {
    return queue === 'default' ? this.failedJobs.slice(0, limit) : null;
  }
}
