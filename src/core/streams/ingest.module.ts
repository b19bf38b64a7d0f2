import { hostname } from 'node:os';
import { Global, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { CHILD_CONFINEMENT, type LazyConfinement } from '../config/child-confinement.js';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { FfmpegDeviceTools } from '../media/ffmpeg-device-tools.js';
import { ingestIdentity } from '../media/media-folder-identity.js';
import { PACKAGER_OPTIONS, PackagerByInput, type PackagerOptions } from '../media/packaging/packager-by-input.js';
import { FILE_READER, FILE_READER_LAUNCH, type FileReaderLaunch } from '../media/files/reading-file.js';
import { Packager } from '../media/packaging/packager.js';
import { ChildMediaReader, MEDIA_READER_LAUNCH } from '../media/reading/child-media-reader.js';
import { SegmentWatcher, type SegmentWatcherOptions, WATCHER_OPTIONS } from '../media/watcher/segment-watcher.js';
import { componentLoggers } from '../observability/component-logger.js';
import { PagePermits } from '../persistence/access/page-permits.js';
import { RefusalRecord } from '../persistence/access/refusal-record.js';
import { INGEST_NODE, type IngestNode } from '../persistence/ownership/stream-owners.js';
import { DEVICE_TOOLS, FailureLimit, IMPORT_DESK, MEDIA_READER, PAGE_GATE, PUBLISH_GATE } from '../plugin-api/index.js';
import { clocks } from '../runtime/clocks.js';
import { DeclaredStreams } from './declared-streams.js';
import { StreamImportDesk } from './imports/import-desk.js';
import { EPOCH_OPTIONS, EpochOpener, type EpochOptions } from './epoch-opener.js';
import { INGEST_OPTIONS, type IngestOptions, IngestRole } from './ingest-role.js';
import { EPOCH_OPENER, StreamPublishGate } from './publish-gate.js';
import { RefusedPublishers } from './refused-publishers.js';
import { LiveReporter } from './live-reporter.js';
import { StreamPageGate } from './stream-page-gate.js';
import { SourceSupervisor } from './source-supervisor.js';
import { DEFAULT_OWNERSHIP_TIMINGS, OWNERSHIP_TIMINGS, StreamOwnership } from './stream-ownership.js';
import { StreamStates } from './stream-states.js';
import { DEFAULT_SOURCE_TIMINGS, SOURCE_TIMINGS } from './supervised-source.js';

/**
 * The ingest role: sources, publishers, packaging, the watcher. Global, so that plugins can have {@link PUBLISH_GATE}
 * and {@link PAGE_GATE} injected. Needs ConfigModule, ObservabilityModule, PersistenceModule (IngestLedger, StreamStore, StreamOwners,
 * LiveMeasureStore, AuditLog, PublishRefusals, SharedSecrets), QueueModule (JobBell) and PluginHostModule (PluginRegistry,
 * StreamAssignments), all global.
 * The ingest role: sources, publishers, packaging, the watcher. Global, so that plugins can have {@link PUBLISH_GATE} and
 * {@link MEDIA_READER} injected. Needs ConfigModule, ObservabilityModule, PersistenceModule (IngestLedger, StreamStore, StreamOwners,
 * LiveMeasureStore, AuditLog), QueueModule (JobBell) and PluginHostModule (PluginRegistry, StreamAssignments), all global.
 * The ingest role: sources, publishers, packaging, the watcher. Global, so that plugins can have {@link PUBLISH_GATE} and
 * {@link IMPORT_DESK} injected. Needs ConfigModule, ObservabilityModule, PersistenceModule (IngestLedger, StreamStore, StreamOwners,
 * LiveMeasureStore, AuditLog, ImportStore, StreamRetentions), QueueModule (JobBell) and PluginHostModule (PluginRegistry,
 * StreamAssignments), all global.
 */
@Global()
@Module({
  providers: [
    {
      provide: INGEST_NODE,
      inject: [VEDETTE_CONFIG],
      useFactory: async ({ mediaDir, ingest }: VedetteConfig): Promise<IngestNode> => ({
        id: await ingestIdentity(mediaDir),
        name: ingest.node ?? hostname(),
      }),
    },
    {
      provide: PACKAGER_OPTIONS,
      inject: [VEDETTE_CONFIG, CHILD_CONFINEMENT],
      useFactory: async ({ packaging }: VedetteConfig, confinement: LazyConfinement): Promise<PackagerOptions> => ({
        segmentDurationMs: packaging.segmentDuration,
        liveWindowSegments: packaging.liveWindowSegments,
        isSynced: packaging.fsync === 'segment',
        container: packaging.container,
        ffmpegPath: packaging.ffmpegPath,
        confinement: await confinement(),
      }),
    },
    {
      provide: WATCHER_OPTIONS,
      inject: [VEDETTE_CONFIG, INGEST_NODE],
      useFactory: ({ mediaDir, watcher }: VedetteConfig, node: IngestNode): SegmentWatcherOptions => ({
        mediaDir,
        reconcileIntervalMs: watcher.reconcileInterval,
        ingestId: node.id,
      }),
    },
    {
      provide: EPOCH_OPTIONS,
      inject: [VEDETTE_CONFIG],
      useFactory: ({ mediaDir, packaging }: VedetteConfig): EpochOptions => ({
        mediaDir,
        isLowLatency: packaging.lowLatency,
        isSynced: packaging.fsync === 'segment',
        limits: { silenceTimeoutMs: packaging.silenceTimeout, segmentDurationMs: packaging.segmentDuration },
      }),
    },
    {
      provide: INGEST_OPTIONS,
      inject: [VEDETTE_CONFIG],
      useFactory: ({ mediaDir, watcher }: VedetteConfig): IngestOptions => ({
        mediaDir,
        reconcileIntervalMs: watcher.reconcileInterval,
        // Nobody catches it: the process ends with its code, and whoever supervises it starts it again.
        displaced: (error) => void Promise.reject(error),
      }),
    },
    {
      provide: FILE_READER_LAUNCH,
      inject: [CHILD_CONFINEMENT],
      useFactory: (confinement: LazyConfinement): FileReaderLaunch => ({ ...FILE_READER, confinement }),
    },
    { provide: EPOCH_OPENER, inject: [ModuleRef], useFactory: (modules: ModuleRef) => () => modules.get(EpochOpener) },
    { provide: OWNERSHIP_TIMINGS, useValue: DEFAULT_OWNERSHIP_TIMINGS },
    { provide: SOURCE_TIMINGS, useValue: DEFAULT_SOURCE_TIMINGS },
    { provide: FailureLimit, useFactory: () => new FailureLimit({ burst: 10, refillMs: 6_000 }) },
    ...clocks,
    ...componentLoggers('packager', 'watcher', 'streams', 'ownership', 'publish-gate', 'sources', 'imports', 'ingest'),
    { provide: Packager, useClass: PackagerByInput },
    SegmentWatcher,
    EpochOpener,
    StreamOwnership,
    StreamStates,
    RefusalRecord,
    RefusedPublishers,
    StreamPublishGate,
    { provide: PUBLISH_GATE, useExisting: StreamPublishGate },
    PagePermits,
    StreamPageGate,
    { provide: PAGE_GATE, useExisting: StreamPageGate },
    {
      provide: DEVICE_TOOLS,
      inject: [VEDETTE_CONFIG],
      useFactory: ({ packaging }: VedetteConfig) => new FfmpegDeviceTools(packaging.ffmpegPath),
    },
    {
      provide: MEDIA_READER,
      inject: [CHILD_CONFINEMENT],
      useFactory: (confinement: LazyConfinement) => new ChildMediaReader({ ...MEDIA_READER_LAUNCH, confinement }),
    },
    StreamImportDesk,
    { provide: IMPORT_DESK, useExisting: StreamImportDesk },
    SourceSupervisor,
    LiveReporter,
    DeclaredStreams,
    IngestRole,
  ],
  exports: [PUBLISH_GATE, PAGE_GATE, DEVICE_TOOLS, MEDIA_READER, IMPORT_DESK],
})
export class IngestModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(private readonly role: IngestRole) {}

  onApplicationBootstrap(): Promise<void> {
    return this.role.start();
  }

  /** Before the modules it depends on close their database connections. */
  onModuleDestroy(): Promise<void> {
    return this.role.stop();
  }
}
