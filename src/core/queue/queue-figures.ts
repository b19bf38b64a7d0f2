import { Injectable } from '@nestjs/common';
import { QueueFiguresSource } from './queue-figures-source.js';
import type { FailedJobWire, QueueWire } from '../wire/wire.js';
import { LedgerFigures } from '../persistence/ledger/ledger-figures.js';
import { QueueBackend } from './queue-backend.js';
import { QueueDirectory } from './queue-directory.js';

const NONE = { waiting: 0, active: 0, delayed: 0, failed: 0 };

/** What the queues and the ledger say of each queue. */
@Injectable()
export class QueueFigures extends QueueFiguresSource {
  constructor(
    private readonly queues: QueueDirectory,
    private readonly ledger: LedgerFigures,
    private readonly backend: QueueBackend,
  ) {
    super();
  }

  /** Queues first that the plugins name, then those that only the ledger still remembers. */
  async figures(): Promise<QueueWire[]> {
    const fromLedger = new Map((await this.ledger.queues()).map((figures) => [figures.queue, figures]));
    const names = [...new Set([...this.queues.names, ...fromLedger.keys()])];
    return Promise.all(
      names.map(async (name) => {
        const { runsQueued = 0, runsRunning = 0, lagMs = 0, lastMinute, skipReasons = [] } = fromLedger.get(name) ?? {};
        return {
          name,
          backend: this.backend.kind,
          ...(await this.jobCounts(name)),
          runsQueued,
          runsRunning,
          lagMs,
          lastMinute: lastMinute ?? { done: 0, partial: 0, skipped: 0, failed: 0 },
          skipReasons: [...skipReasons],
        };
      }),
    );
  }

  async failed(name: string, limit: number): Promise<FailedJobWire[] | null> {
    const queue = this.queues.find(name);
    if (queue === undefined) return null;
    const jobs = await queue.getJobs(['failed'], 0, limit - 1, false);
    return jobs.map((job) => ({
      id: String(job.id),
      queue: name,
      failedAt: job.finishedOn === undefined ? null : new Date(job.finishedOn).toISOString(),
      attempts: job.attemptsMade,
      error: job.failedReason ?? '',
      data: { ...job.data },
    }));
  }

  private async jobCounts(name: string): Promise<typeof NONE> {
    const queue = this.queues.find(name);
    if (queue === undefined) return NONE;
    const {
      waiting = 0,
      active = 0,
      delayed = 0,
      failed = 0,
      prioritized = 0,
    } = await queue.getJobCounts('waiting', 'active', 'delayed', 'failed', 'prioritized');
    return { waiting: waiting + prioritized, active, delayed, failed };
  }
}
