import { StreamAssignments } from '../plugin-host/stream-assignments.js';
import { hostname } from 'node:os';
import { Global, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { CHILD_CONFINEMENT, type LazyConfinement } from '../config/child-confinement.js';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { FfmpegPackager } from '../media/packaging/ffmpeg-packager.js';
import { Packager } from '../media/packaging/packager.js';
import { SegmentWatcher } from '../media/watcher/segment-watcher.js';
import { LOGGER, type VedetteLogger } from '../observability/logger.js';
import { IngestLedger, JobBell } from '../persistence/ledger/ingest-ledger.js';
import { StreamStore } from '../persistence/streams/stream-store.js';
import { StreamOwners } from '../persistence/ownership/stream-owners.js';
import { PUBLISH_GATE } from '../plugin-api/index.js';
import { PluginRegistry } from '../plugin-host/plugin-registry.js';
import { EpochOpener } from './epoch-opener.js';
import { ingestIdentity } from '../media/media-folder-identity.js';
import { IngestRole } from './ingest-role.js';
import { StreamPublishGate } from './publish-gate.js';
import { SourceSupervisor } from './source-supervisor.js';
import { StreamOwnership } from './stream-ownership.js';
import { StreamStates } from './stream-states.js';

/**
 * The ingest role: sources, publishers, packaging, the watcher. Global, so that plugins can have {@link PUBLISH_GATE}
 * injected. Needs ConfigModule, ObservabilityModule, PersistenceModule (IngestLedger, StreamStore, StreamOwners), QueueModule (JobBell)
 * and PluginHostModule (PluginRegistry, StreamAssignments), all global.
 */
@Global()
@Module({
  providers: [
    {
      provide: Packager,
      inject: [VEDETTE_CONFIG, CHILD_CONFINEMENT, LOGGER],
      useFactory: async ({ packaging }: VedetteConfig, confinement: LazyConfinement, logger: VedetteLogger) =>
        new FfmpegPackager(
          {
            segmentDurationMs: packaging.segmentDuration,
            liveWindowSegments: packaging.liveWindowSegments,
            ffmpegPath: packaging.ffmpegPath,
            confinement: await confinement(),
          },
          logger.child({ component: 'packager' }),
        ),
    },
    {
      provide: SegmentWatcher,
      inject: [VEDETTE_CONFIG, IngestLedger, JobBell, StreamAssignments, StreamStore, LOGGER],
      useFactory: async (
        config: VedetteConfig,
        ledger: IngestLedger,
        bell: JobBell,
        assignments: StreamAssignments,
        store: StreamStore,
        logger: VedetteLogger,
      ) =>
        new SegmentWatcher(
          {
            mediaDir: config.mediaDir,
            reconcileIntervalMs: config.watcher.reconcileInterval,
            ingestId: await ingestIdentity(config.mediaDir),
          },
          {
            ledger,
            bell,
            assignments,
            logger: logger.child({ component: 'watcher' }),
            streamName: async (streamId) => (await store.get(streamId))?.name ?? null,
          },
        ),
    },
    {
      provide: EpochOpener,
      inject: [VEDETTE_CONFIG, Packager, SegmentWatcher, LOGGER],
      useFactory: ({ mediaDir, packaging }: VedetteConfig, packager: Packager, watcher: SegmentWatcher, logger: VedetteLogger) =>
        new EpochOpener({
          ...{ mediaDir, packager, watcher, logger: logger.child({ component: 'streams' }) },
          limits: { silenceTimeoutMs: packaging.silenceTimeout, segmentDurationMs: packaging.segmentDuration },
        }),
    },
    {
      provide: StreamStates,
      inject: [StreamStore, StreamOwnership, LOGGER],
      useFactory: (store: StreamStore, { node }: StreamOwnership, logger: VedetteLogger) =>
        new StreamStates(store, logger.child({ component: 'streams' }), node.id),
    },
    {
      provide: StreamOwnership,
      inject: [VEDETTE_CONFIG, StreamOwners, LOGGER],
      useFactory: async ({ mediaDir, ingest }: VedetteConfig, owners: StreamOwners, logger: VedetteLogger) =>
        new StreamOwnership({
          owners,
          node: { id: await ingestIdentity(mediaDir), name: ingest.node ?? hostname() },
          logger: logger.child({ component: 'ownership' }),
        }),
    },
    {
      provide: PUBLISH_GATE,
      inject: [StreamStore, StreamOwnership, LOGGER, ModuleRef],
      useFactory: (store: StreamStore, ownership: StreamOwnership, logger: VedetteLogger, modules: ModuleRef) =>
        new StreamPublishGate({
          store,
          ownership,
          logger: logger.child({ component: 'publish-gate' }),
          opener: () => modules.get(EpochOpener),
          states: () => modules.get(StreamStates),
        }),
    },
    {
      provide: SourceSupervisor,
      inject: [PluginRegistry, StreamStore, IngestLedger, StreamOwners, StreamOwnership, EpochOpener, StreamStates, LOGGER],
      useFactory: (
        registry: PluginRegistry,
        store: StreamStore,
        ledger: IngestLedger,
        owners: StreamOwners,
        ownership: StreamOwnership,
        opener: EpochOpener,
        states: StreamStates,
        logger: VedetteLogger,
      ) =>
        new SourceSupervisor({
          registry,
          store,
          ledger,
          owners,
          ownership,
          opener,
          states,
          logger: logger.child({ component: 'sources' }),
        }),
    },
    {
      provide: IngestRole,
      inject: [
        VEDETTE_CONFIG,
        StreamStore,
        IngestLedger,
        StreamOwnership,
        SegmentWatcher,
        EpochOpener,
        PUBLISH_GATE,
        SourceSupervisor,
        StreamStates,
        LOGGER,
      ],
      useFactory: (
        config: VedetteConfig,
        store: StreamStore,
        ledger: IngestLedger,
        ownership: StreamOwnership,
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
          ...{ store, ledger, ownership, watcher, opener, gate, supervisor, states },
          logger: logger.child({ component: 'ingest' }),
          // Nobody catches it: the process ends with its code, and whoever supervises it starts it again.
          displaced: (error) => void Promise.reject(error),
        }),
    },
  ],
  exports: [PUBLISH_GATE],
})
export class IngestModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(private readonly role: IngestRole) {}

  onApplicationBootstrap(): Promise<void> {
    return this.role.start();
  }

  /** Before the modules it depends on let go of the database. */
  onModuleDestroy(): Promise<void> {
    return this.role.stop();
  }
}
