import { type BeforeApplicationShutdown, type DynamicModule, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { LOGGER, type VedetteLogger } from '../observability/logger.js';
import { SegmentFiles } from '../media/store/segment-files.js';
import { FeedRetention } from '../persistence/feed-retention.js';
import { InstanceHeartbeat } from '../persistence/instance-heartbeat.js';
import { EpochEvents } from '../persistence/ledger/epoch-events.js';
import { RunLedger } from '../persistence/ledger/run-ledger.js';
import { PartitionKeeper } from '../persistence/partition-keeper.js';
import { ShadowBook } from '../persistence/places/shadow-book.js';
import { Spending } from '../persistence/places/spending.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { PluginRegistry } from '../plugin-host/plugin-registry.js';
import { QueueBell } from '../queue/queue-bell.js';
import { QueueWorkers } from '../queue/queue-workers.js';
import { QueueModule } from '../queue/queue.module.js';
import { ThrottledWarnings } from '../observability/throttled-warnings.js';
import { ReferenceLibrary } from '../brands/reference-library.js';
import { RuleStore } from '../rules/rule-store.js';
import { PipelineWorker } from './pipeline-worker.js';
import { WORKER_OPTIONS, type WorkerOptions } from './worker-options.js';

const worker = {
  provide: PipelineWorker,
  inject: [
    VEDETTE_CONFIG,
    WORKER_OPTIONS,
    PluginRegistry,
    RunLedger,
    SegmentFiles,
    EpochEvents,
    PartitionKeeper,
    FeedRetention,
    ReferenceLibrary,
    RuleStore,
    Spending,
    ShadowBook,
    InstanceHeartbeat,
    QueueBell,
    QueueWorkers,
    ThrottledWarnings,
    LOGGER,
  ],
  useFactory: (
    config: VedetteConfig,
    options: WorkerOptions,
    registry: PluginRegistry,
    ledger: RunLedger,
    segments: SegmentFiles,
    events: EpochEvents,
    partitions: PartitionKeeper,
    feed: FeedRetention,
    references: ReferenceLibrary,
    rules: RuleStore,
    spending: Spending,
    shadowBook: ShadowBook,
    heartbeat: InstanceHeartbeat,
    bell: QueueBell,
    workers: QueueWorkers,
    warnings: ThrottledWarnings,
    logger: VedetteLogger,
  ) =>
    new PipelineWorker({
      config,
      options,
      registry,
      ledger,
      segments,
      events,
      partitions,
      feed,
      references,
      rules,
      spending,
      shadowBook,
      heartbeat,
      bell,
      workers,
      warnings,
      logger: logger.child({ component: 'pipeline' }),
    }),
};

/**
 * Works the queues. Needs the global ConfigModule, ObservabilityModule and PluginHostModule (with `strategies`), MediaStoreModule, and whatever
 * the strategies ask for.
 */
@Module({})
export class WorkerModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(private readonly pipeline: PipelineWorker) {}

  static forRole(options: WorkerOptions): DynamicModule {
    return {
      module: WorkerModule,
      imports: [PersistenceModule, QueueModule],
      providers: [{ provide: WORKER_OPTIONS, useValue: options }, worker],
    };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.pipeline.start();
  }

  /** Before the analysis hosts and the database go. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.pipeline.stop();
  }
}
