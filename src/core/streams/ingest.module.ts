import { Global, Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { FfmpegPackager } from '../media/packaging/ffmpeg-packager.js';
import { Packager } from '../media/packaging/packager.js';
import { SegmentWatcher } from '../media/watcher/segment-watcher.js';
import { LOGGER, type VedetteLogger } from '../observability/logger.js';
import { IngestLedger, JobBell, Routing, StreamStore } from '../persistence/ledger/ingest-ledger.js';
import { PUBLISH_GATE } from '../plugin-api/index.js';
import { PluginRegistry } from '../plugin-host/plugin-registry.js';
import { EpochOpener } from './epoch-opener.js';
import { ingestIdentity } from './ingest-identity.js';
import { IngestRole } from './ingest-role.js';
import { StreamPublishGate } from './publish-gate.js';
import { SourceSupervisor } from './source-supervisor.js';
import { StreamStates } from './stream-states.js';

/**
 * The ingest role: sources, publishers, packaging, the watcher. Global, so that plugins can have {@link PUBLISH_GATE}
 * injected. Needs ConfigModule, ObservabilityModule, PersistenceModule (IngestLedger, StreamStore), QueueModule (JobBell)
 * and PluginHostModule (PluginRegistry, Routing), all global.
 */
@Global()
@Module({
  providers: [
    {
      provide: Packager,
      inject: [VEDETTE_CONFIG, LOGGER],
      useFactory: ({ packaging }: VedetteConfig, logger: VedetteLogger) =>
        new FfmpegPackager(
          {
            segmentDurationMs: packaging.segmentDuration,
            liveWindowSegments: packaging.liveWindowSegments,
            ffmpegPath: packaging.ffmpegPath,
          },
          logger.child({ component: 'packager' }),
        ),
    },
    {
      provide: SegmentWatcher,
      inject: [VEDETTE_CONFIG, IngestLedger, JobBell, Routing, StreamStore, LOGGER],
      useFactory: async (config: VedetteConfig, ledger: IngestLedger, bell: JobBell, routing: Routing, store: StreamStore, logger: VedetteLogger) =>
        new SegmentWatcher(
          {
            mediaDir: config.mediaDir,
            reconcileIntervalMs: config.watcher.reconcileInterval,
            ingestId: await ingestIdentity(config.mediaDir),
          },
          {
            ledger,
            bell,
            routing,
            logger: logger.child({ component: 'watcher' }),
            streamName: async (streamId) => (await store.get(streamId))?.name ?? null,
          },
        ),
    },
    {
      provide: EpochOpener,
      inject: [VEDETTE_CONFIG, Packager, SegmentWatcher, LOGGER],
      useFactory: ({ mediaDir }: VedetteConfig, packager: Packager, watcher: SegmentWatcher, logger: VedetteLogger) =>
        new EpochOpener({ mediaDir, packager, watcher, logger: logger.child({ component: 'streams' }) }),
    },
    {
      provide: StreamStates,
      inject: [StreamStore, LOGGER],
      useFactory: (store: StreamStore, logger: VedetteLogger) => new StreamStates(store, logger.child({ component: 'streams' })),
    },
    {
      provide: PUBLISH_GATE,
      inject: [StreamStore, LOGGER, ModuleRef],
      useFactory: (store: StreamStore, logger: VedetteLogger, modules: ModuleRef) =>
        new StreamPublishGate({
          store,
          logger: logger.child({ component: 'publish-gate' }),
          opener: () => modules.get(EpochOpener),
          states: () => modules.get(StreamStates),
        }),
    },
    {
      provide: SourceSupervisor,
      inject: [PluginRegistry, StreamStore, EpochOpener, StreamStates, LOGGER],
      useFactory: (registry: PluginRegistry, store: StreamStore, opener: EpochOpener, states: StreamStates, logger: VedetteLogger) =>
        new SourceSupervisor({ registry, store, opener, states, logger: logger.child({ component: 'sources' }) }),
    },
    {
      provide: IngestRole,
      inject: [VEDETTE_CONFIG, StreamStore, SegmentWatcher, EpochOpener, PUBLISH_GATE, SourceSupervisor, StreamStates, LOGGER],
      useFactory: (
        config: VedetteConfig,
        store: StreamStore,
        watcher: SegmentWatcher,
        opener: EpochOpener,
        gate: StreamPublishGate,
        supervisor: SourceSupervisor,
        states: StreamStates,
        logger: VedetteLogger,
      ) =>
        new IngestRole({
          mediaDir: config.mediaDir,
          reconcileIntervalMs: config.watcher.reconcileInterval,
          ...{ store, watcher, opener, gate, supervisor, states },
          logger: logger.child({ component: 'ingest' }),
        }),
    },
  ],
  exports: [PUBLISH_GATE],
})
export class IngestModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(@Inject(IngestRole) private readonly role: IngestRole) {}

  onApplicationBootstrap(): Promise<void> {
    return this.role.start();
  }

  /** Before the modules it depends on let go of the database. */
  onModuleDestroy(): Promise<void> {
    return this.role.stop();
  }
}
