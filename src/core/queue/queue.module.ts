import { BullModule, getSharedConfigToken } from '@nestjs/bullmq';
import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { QueueFiguresSource } from './queue-figures-source.js';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { componentLoggers } from '../observability/component-logger.js';
import { JobBell } from '../persistence/ledger/ingest-ledger.js';
import { databaseUrlOf } from '../persistence/database-url.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { PluginRegistry } from '../plugin-host/plugin-registry.js';
import { QUEUE_BACKEND_OPTIONS, QueueBackend, type QueueBackendOptions } from './queue-backend.js';
import { QueueBell } from './queue-bell.js';
import { QueueDirectory } from './queue-directory.js';
import { QueueFigures } from './queue-figures.js';
import { QueueWorkers } from './queue-workers.js';
import { QUEUES_CONFIG, type QueuesConfig } from './queues-config.js';
import { ThrottledWarnings } from '../observability/throttled-warnings.js';

/** Statements about jobs take a millisecond or two: so many at once are enough for hundreds of streams. */
const QUEUE_CONNECTIONS = 2;

/** The connections, apart from the queues that need them. */
@Global()
@Module({
  providers: [
    {
      provide: QUEUE_BACKEND_OPTIONS,
      inject: [VEDETTE_CONFIG],
      useFactory: (config: VedetteConfig): QueueBackendOptions => ({
        databaseUrl: databaseUrlOf(config),
        redisUrl: config.redis.url,
        poolSize: QUEUE_CONNECTIONS,
      }),
    },
    QueueBackend,
  ],
  exports: [QueueBackend],
})
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
    { provide: QUEUES_CONFIG, inject: [VEDETTE_CONFIG], useFactory: ({ queues }: VedetteConfig): QueuesConfig => queues },
    ...componentLoggers('queue'),
    ThrottledWarnings,
    {
      provide: QueueDirectory,
      inject: [PluginRegistry, LazyModuleLoader, ThrottledWarnings, getSharedConfigToken()],
      useFactory: (registry: PluginRegistry, loader: LazyModuleLoader, warnings: ThrottledWarnings) =>
        QueueDirectory.open(registry.queues, loader, warnings),
    },
    QueueBell,
    { provide: JobBell, useExisting: QueueBell },
    { provide: QueueFiguresSource, useClass: QueueFigures },
    QueueWorkers,
  ],
  exports: [JobBell, QueueBell, QueueDirectory, QueueFiguresSource, QueueWorkers, ThrottledWarnings],
})
export class QueueModule implements OnApplicationShutdown {
  constructor(
    private readonly directory: QueueDirectory,
    private readonly queueBackend: QueueBackend,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.directory.close();
    await this.queueBackend.close();
  }
}
