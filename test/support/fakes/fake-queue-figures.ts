import type { LaneKey } from '../../../src/core/persistence/ledger/run-ledger.js';
import { QueueFiguresSource } from '../../../src/core/queue/queue-figures-source.js';
import type { FailedJobWire, QueueWire } from '../../../src/core/wire/wire.js';

/** The queues as the test sets them; it knows of failed jobs in `default` only, and keeps which lanes were rung for. */
export class FakeQueueFigures extends QueueFiguresSource {
  queues: QueueWire[] = [];
  failedJobs: FailedJobWire[] = [];
  readonly rung: LaneKey[] = [];
  /** How often figures were read. */
  reads = 0;

  override async figures(): Promise<QueueWire[]> {
    this.reads += 1;
    return this.queues;
  }

  override async failed(queue: string, limit: number): Promise<FailedJobWire[] | null> {
    return queue === 'default' ? this.failedJobs.slice(0, limit) : null;
  }

  async ringLanes(lanes: readonly LaneKey[]): Promise<void> {
    await Promise.resolve();
    this.rung.push(...lanes);
  }
}
