import { Inject, Injectable } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import { type RunChoice, RunOperations } from '../../persistence/ledger/run-operations.js';
import { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { QueueBell } from '../../queue/queue-bell.js';
import type { RetriedWire } from '../../wire/queues.wire.js';
import { QueueReports } from './queue-reports.js';

/** Takes up again what came to nothing, and rings for it. */
@Injectable()
export class RetriedRuns {
  constructor(
    private readonly runs: RunOperations,
    private readonly registry: PluginRegistry,
    private readonly reports: QueueReports,
    @Inject(QueueBell) private readonly bell: Pick<QueueBell, 'ringLanes'>,
  ) {}

  async retry(choice: RunChoice & { readonly state: 'failed' | 'skipped' }, by: Actor, after?: string): Promise<RetriedWire> {
    const known = this.registry.analyzers.map(({ definition, configHash }) => ({ analyzerId: definition.id, configHash }));
    const { retried, gone, behind, lanes, after: next } = await this.runs.retry(choice, known, by, after);
    // Each ring is its own occasion: one that waits for the lane already is enough, a dead one must not swallow it.
    await this.bell.ringLanes(lanes);
    this.reports.forget();
    return {
      retried,
      gone,
      behind: behind.map(({ from, to, streamIds, ...group }) => ({
        ...group,
        streamIds: [...streamIds],
        from: from.toISOString(),
        to: to.toISOString(),
      })),
      after: next,
    };
  }
}
