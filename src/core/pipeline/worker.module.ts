import { type BeforeApplicationShutdown, type DynamicModule, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { analysisHosts } from '../config/analysis-hosts.js';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { componentLoggers } from '../observability/component-logger.js';
import { BackfillModule } from '../persistence/backfill/backfill.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { QueueModule } from '../queue/queue.module.js';
import { clocks } from '../runtime/clocks.js';
import { ArchiveUpkeep } from './archive-upkeep.js';
import { BackfillTask } from './background/backfill-task.js';
import { BackgroundLanes } from './background/background-lanes.js';
import { BackgroundStreams } from './background/background-streams.js';
import { BackgroundWork } from './background/background-work.js';
import { LaneLeases } from './lane-leases.js';
import { LaneRunner } from './lane-runner.js';
import { PipelineWorker } from './pipeline-worker.js';
import { Reconciler } from './reconciler.js';
import { ResultStage } from './result-stage.js';
import { JobMoney } from './routing/job-money.js';
import { Router } from './routing/router.js';
import { RunTimes } from './routing/run-times.js';
import { Quarantine } from './quarantine.js';
import { StrategyDirectory } from './routing/strategy-directory.js';
import { SegmentProcessor } from './segment-processor.js';
import { ShadowRunner } from './shadow/shadow-runner.js';
import { ThumbnailKeeper } from './thumbnail-keeper.js';
import { PIPELINE_OPTIONS, type PipelineOptions, WORKER_OPTIONS, type WorkerOptions } from './worker-options.js';

/**
 * Works the queues. Needs the global ConfigModule, ObservabilityModule and PluginHostModule (with `strategies`), MediaStoreModule,
 * and whatever the strategies ask for.
 */
@Module({
  imports: [PersistenceModule, BackfillModule, QueueModule],
  providers: [
    {
      provide: PIPELINE_OPTIONS,
      inject: [VEDETTE_CONFIG],
      useFactory: ({ analysis, queues }: VedetteConfig): PipelineOptions => ({
        jobTimeoutMs: analysis.jobTimeout,
        attempts: queues.attempts,
        backoffMs: queues.backoff,
        leaseMs: queues.lease,
        reconcileIntervalMs: queues.reconcileInterval,
        maxLagMs: queues.maxLag,
        hosts: analysisHosts({ analysis }),
        makesThumbnails: analysis.thumbnails,
      }),
    },
    ...clocks,
    ...componentLoggers('pipeline'),
    StrategyDirectory,
    RunTimes,
    Router,
    JobMoney,
    ResultStage,
    SegmentProcessor,
    Quarantine,
    ShadowRunner,
    LaneLeases,
    ThumbnailKeeper,
    LaneRunner,
    Reconciler,
    ArchiveUpkeep,
    BackgroundStreams,
    BackgroundLanes,
    BackfillTask,
    BackgroundWork,
    PipelineWorker,
  ],
})
export class WorkerModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  constructor(private readonly pipeline: PipelineWorker) {}

  static forRole(options: WorkerOptions): DynamicModule {
    return { module: WorkerModule, providers: [{ provide: WORKER_OPTIONS, useValue: options }] };
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.pipeline.start();
  }

  /** Before the analysis hosts and the database go. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.pipeline.stop();
  }
}
