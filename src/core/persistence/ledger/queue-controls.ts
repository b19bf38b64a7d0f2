import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Actor } from '../../audit/actor.js';
import { recordIn } from '../access/audit-log.js';
import { Database, queryOf } from '../database.js';
import { printable } from '../postgres-text.js';

/** A queue that rests: nothing further of it is begun, whoever asks. */
export interface QueuePause {
  readonly queue: string;
  /** Name, role and kind of token of who said so. */
  readonly by: string;
  readonly since: Date;
}

/** What people decide about queues. It holds for every worker, whatever carries the queue's jobs, and outlasts all of them. */
@Injectable()
export class QueueControls {
  constructor(private readonly database: Database) {}

  pauses(): Promise<QueuePause[]> {
    return this.database.query<QueuePause>(
      'SELECT queue, paused_by AS by, paused_at AS since FROM queue_pauses ORDER BY paused_at, queue LIMIT 1000',
    );
  }

  /** Segments under way are ended. A queue that rests already goes on resting, as it was said first. */
  async pause(queue: string, by: Actor): Promise<void> {
    await this.decide(
      (query) =>
        query('INSERT INTO queue_pauses (queue, paused_by) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING queue', [
          queue,
          printable(by.name),
        ]),
      (manager) => recordIn(manager, { by, action: 'queue.pause', target: queue }),
    );
  }

  async resume(queue: string, by: Actor): Promise<void> {
    await this.decide(
      (query) => query('WITH gone AS (DELETE FROM queue_pauses WHERE queue = $1 RETURNING queue) SELECT queue FROM gone', [queue]),
      (manager) => recordIn(manager, { by, action: 'queue.resume', target: queue }),
    );
  }

  /** What has failed up to this run is told no longer; it stays in the ledger. */
  async markSeen(queue: string, upToRunId: string, by: Actor): Promise<void> {
    await this.decide(
      (query) =>
        query(
          `INSERT INTO queue_failures_seen AS s (queue, up_to_run_id, seen_by) VALUES ($1, $2::bigint, $3)
           ON CONFLICT (queue) DO UPDATE SET up_to_run_id = EXCLUDED.up_to_run_id, seen_by = EXCLUDED.seen_by, seen_at = now()
             WHERE s.up_to_run_id < EXCLUDED.up_to_run_id RETURNING queue`,
          [queue, upToRunId, printable(by.name)],
        ),
      (manager) => recordIn(manager, { by, action: 'queue.failures.seen', target: queue, detail: { upToRunId } }),
    );
  }

  /** All that is in the ledger yet is told again. */
  async forgetSeen(queue: string, by: Actor): Promise<void> {
    await this.decide(
      (query) => query('WITH gone AS (DELETE FROM queue_failures_seen WHERE queue = $1 RETURNING queue) SELECT queue FROM gone', [queue]),
      (manager) => recordIn(manager, { by, action: 'queue.failures.unseen', target: queue }),
    );
  }

  /** On record only where something was changed. */
  private async decide(
    change: (query: ReturnType<typeof queryOf>) => Promise<readonly unknown[]>,
    record: (manager: EntityManager) => Promise<void>,
  ): Promise<void> {
    await this.database.transaction(async (manager) => {
      const rows = await change(queryOf(manager));
      if (rows.length > 0) await record(manager);
    });
  }
}
