import { Inject, Injectable } from '@nestjs/common';
import { EpochEvents } from '../persistence/ledger/epoch-events.js';
import { RunLedger } from '../persistence/ledger/run-ledger.js';
import { FeedRetention } from '../persistence/feed-retention.js';
import { PartitionKeeper } from '../persistence/partition-keeper.js';
import type { Logger } from '../plugin-api/index.js';
import { PluginRegistry } from '../plugin-host/plugin-registry.js';
import { QueueBell } from '../queue/queue-bell.js';
import { loggerOf } from '../observability/component-logger.js';
import { ThrottledWarnings } from '../observability/throttled-warnings.js';
import { BackgroundStreams } from './background/background-streams.js';
import { PIPELINE_OPTIONS, type PipelineOptions } from './worker-options.js';

/** Rare upkeep is done every so many rounds. */
const UPKEEP_EVERY_ROUNDS = 60;

/**
 * Makes good what queues and crashes lose: rings for lanes with work and nobody at them, skips what a live stream is too late
 * for and what no analyzer is left for, ends what an epoch's end left open. Every step is idempotent, so that any number of workers may do
 * it at once.
 */
@Injectable()
export class Reconciler {
  private queues: readonly string[] = [];
  private timer: NodeJS.Timeout | undefined;
  private round = 0;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly ledger: RunLedger,
    private readonly bell: QueueBell,
    private readonly events: EpochEvents,
    private readonly partitions: PartitionKeeper,
    private readonly feed: FeedRetention,
    private readonly registry: PluginRegistry,
    private readonly background: BackgroundStreams,
    private readonly warnings: ThrottledWarnings,
    @Inject(PIPELINE_OPTIONS) private readonly options: PipelineOptions,
    @Inject(loggerOf('pipeline')) private readonly logger: Logger,
  ) {}

  /**
   * The first round is run at once: whatever was lost while nobody ran is rung for at start-up.
   * @param queues those that this worker takes
   */
  async start(queues: readonly string[]): Promise<void> {
    this.queues = queues;
    await this.reconcile();
    this.schedule();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /** One round. A step that fails leaves the others alone and is done again in the next round. */
  async reconcile(): Promise<void> {
    const { ledger, bell, events, partitions, feed, background, logger } = this;
    const { maxLagMs } = this.options;
    const analyzers = this.registry.analyzers.map(({ definition, configHash }) => ({ analyzerId: definition.id, configHash }));
    if (this.round++ % UPKEEP_EVERY_ROUNDS === 0) {
      await this.step('making partitions', () => partitions.keepAhead());
      await this.step('clearing the feed', () => feed.clear());
    }
    await this.step('skipping runs of analyzers that are gone', async () => {
      const skipped = await ledger.skipUnknown(analyzers);
      if (skipped > 0) logger.info(`Skipped ${skipped} runs of analyzers that are no longer configured`, { skipped });
    });
    await this.step('skipping overdue runs', async () => {
      const skipped = await ledger.skipOverdue(maxLagMs, background.adapters);
      if (skipped > 0)
        logger.warn(`Live streams lag more than ${maxLagMs} ms: skipped their ${skipped} oldest runs`, { skipped, reason: 'overload' });
    });
    await this.step('ringing for idle lanes', async () => bell.ringLanes(await ledger.idleLanes(this.queues, background.liveLanes)));
    await this.step('ending events of closed epochs', async () => void (await events.endLeftOpen(null)));
  }

  private async step(name: string, work: () => Promise<void>): Promise<void> {
    if (this.stopped) return;
    try {
      await work();
    } catch (error) {
      this.warnings.warn(`Reconciler, ${name}`, error);
    }
  }

  private schedule(): void {
    if (this.stopped) return;
    // A little jitter keeps many workers from asking all at once.
    const waitMs = this.options.reconcileIntervalMs * (0.9 + Math.random() * 0.2);
    this.timer = setTimeout(() => {
      this.running = this.reconcile().finally(() => this.schedule());
    }, waitMs);
  }
}
