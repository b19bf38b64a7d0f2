import { BullModule, getSharedConfigToken } from '@nestjs/bullmq';
import { Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { QueueFiguresSource } from './queue-figures-source.js';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { LOGGER, type VedetteLogger } from '../observability/logger.js';
import { JobBell } from '../persistence/ledger/ingest-ledger.js';
import { LedgerFigures } from '../persistence/ledger/ledger-figures.js';
import { databaseUrlOf } from '../persistence/database-url.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { PluginRegistry } from '../plugin-host/plugin-registry.js';
import { QueueBackend } from './queue-backend.js';
import { QueueBell } from './queue-bell.js';
import { QueueDirectory } from './queue-directory.js';
import { QueueFigures } from './queue-figures.js';
import { QueueWorkers } from './queue-workers.js';
import { ThrottledWarnings } from '../observability/throttled-warnings.js';

/** Statements about jobs take a millisecond or two: so many at once are enough for hundreds of streams. */
const QUEUE_CONNECTIONS = 3;

const backend = {
  provide: QueueBackend,
  inject: [VEDETTE_CONFIG],
  useFactory: (config: VedetteConfig) =>
    new QueueBackend({
      databaseUrl: databaseUrlOf(config),
      redisUrl: config.redis.url,
      poolSize: QUEUE_CONNECTIONS,
    }),
};

/** The connections, apart from the queues that need them. */
@Global()
@Module({ providers: [backend], exports: [QueueBackend] })
class QueueBackendModule {}

/**
 * BullMQ, on PostgreSQL or Redis. Provides {@link JobBell}, {@link QueueBell}, {@link QueueFiguresSource} and, for workers,
 * {@link QueueWorkers}. Needs the global ConfigModule, ObservabilityModule and PluginHostModule.
 */
@Global()
@Module({
  imports: [
    PersistenceModule,
    QueueBackendModule,
    BullModule.forRootAsync({ inject: [QueueBackend], useFactory: ({ producer }: QueueBackend) => ({ connection: producer }) }),
  ],
  providers: [
    {
      provide: ThrottledWarnings,
      inject: [LOGGER],
      useFactory: (logger: VedetteLogger) => new ThrottledWarnings(logger.child({ component: 'queue' })),
    },
    {
      provide: QueueDirectory,
      inject: [PluginRegistry, LazyModuleLoader, ThrottledWarnings, getSharedConfigToken()],
      useFactory: (registry: PluginRegistry, loader: LazyModuleLoader, warnings: ThrottledWarnings) =>
        QueueDirectory.open(registry.queues, loader, warnings),
    },
    {
      provide: QueueBell,
      inject: [QueueDirectory, VEDETTE_CONFIG, ThrottledWarnings],
      useFactory: (directory: QueueDirectory, config: VedetteConfig, warnings: ThrottledWarnings) =>
        new QueueBell(directory, config.queues, warnings),
    },
    { provide: JobBell, useExisting: QueueBell },
    {
      provide: QueueFiguresSource,
      inject: [QueueDirectory, LedgerFigures, QueueBackend],
      useFactory: (directory: QueueDirectory, ledger: LedgerFigures, queueBackend: QueueBackend) =>
        new QueueFigures(directory, ledger, queueBackend),
    },
    {
      provide: QueueWorkers,
      inject: [QueueBackend, VEDETTE_CONFIG, ThrottledWarnings],
      useFactory: (queueBackend: QueueBackend, config: VedetteConfig, warnings: ThrottledWarnings) =>
        new QueueWorkers(queueBackend, config.queues, warnings),
    },
  ],
  exports: [JobBell, QueueBell, QueueDirectory, QueueFiguresSource, QueueWorkers, ThrottledWarnings],
})
export class QueueModule implements OnApplicationShutdown {
  constructor(
    @Inject(QueueDirectory) private readonly directory: QueueDirectory,
    @Inject(QueueBackend) private readonly queueBackend: QueueBackend,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.directory.close();
    await this.queueBackend.close();
  }
}
