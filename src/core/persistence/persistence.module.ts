import { type BeforeApplicationShutdown, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { databaseError } from '../errors/database.errors.js';
import { errorText, REFERENCES } from '../plugin-api/index.js';
import { ReferenceLibrary } from '../brands/reference-library.js';
import { SharedLoads } from '../brands/shared-loads.js';
import { RuleStore } from '../rules/rule-store.js';
import { ImportStore } from './imports/import-store.js';
import { ledgerDataSourceOptions } from './data-source.js';
import { DATABASE_URL, databaseUrlOf } from './database-url.js';
import { FeedBell } from './notify/feed-bell.js';
import { FeedRings } from './notify/feed-rings.js';
import { CaseStore } from './clips/case-store.js';
import { ClipJobs } from './clips/clip-jobs.js';
import { ClipMediaReads } from './clips/clip-media.js';
import { ClipStore } from './clips/clip-store.js';
import { ShareStore } from './clips/share-store.js';
import { FEED_KEEP_MS, FeedRetention } from './feed-retention.js';
import { InstanceHeartbeat } from './instance-heartbeat.js';
import { EpochEvents } from './ledger/epoch-events.js';
import { IngestLedger } from './ledger/ingest-ledger.js';
import { StreamStore } from './streams/stream-store.js';
import { LedgerFigures } from './ledger/ledger-figures.js';
import { QueueControls } from './ledger/queue-controls.js';
import { QueueReportReads } from './ledger/queue-report-reads.js';
import { RunOperations } from './ledger/run-operations.js';
import { AuditLog } from './access/audit-log.js';
import { PublishRefusals } from './access/publish-refusals.js';
import { ARCHIVE_DEFAULTS, ARCHIVE_OPTIONS } from './archive/archive-options.js';
import { EmptyPartitions } from './archive/empty-partitions.js';
import { LedgerArchiver } from './archive/ledger-archiver.js';
import { PgIngestLedger } from './ledger/pg-ingest-ledger.js';
import { PgRunLedger, RUN_LEDGER_OPTIONS, type RunLedgerOptions } from './ledger/pg-run-ledger.js';
import { PgStreamStore } from './streams/pg-stream-store.js';
import { RunLedger } from './ledger/run-ledger.js';
import { LiveMeasureStore } from './streams/live-measure-store.js';
import { PartsAnnouncer } from './notify/parts-announcer.js';
import { PartsFollower } from './notify/parts-follower.js';
import { StreamChanges } from './notify/stream-changes.js';
import { MediaNodes } from './media/media-nodes.js';
import { SharedSecrets } from './media/shared-secrets.js';
import { PgStreamOwners } from './ownership/pg-stream-owners.js';
import { StreamOwners } from './ownership/stream-owners.js';
import { PluginSettingsStore } from './settings/plugin-settings-store.js';
import { RoleCrashes } from './role-crashes.js';
import { PartitionKeeper } from './partition-keeper.js';
import { HoldStore } from './retention/hold-store.js';
import { Keepers } from './retention/keepers.js';
import { MediaInventory } from './retention/media-inventory.js';
import { MediaPurge } from './retention/media-purge.js';
import { OldRows } from './retention/old-rows.js';
import { RefusedMedia } from './retention/refused-media.js';
import { ResultDays } from './retention/result-days.js';
import { RetentionReads } from './retention/retention-reads.js';
import { SegmentScanStore } from './retention/segment-scan-store.js';
import { StreamRetentions } from './retention/stream-retention.js';
import { ThumbnailStore } from './thumbnails/thumbnail-store.js';
import { TimelineHours } from './timeline/timeline-hours.js';
import { PgShadowBook, ShadowBook } from './places/shadow-book.js';
import { PgSpending, Spending } from './places/spending.js';
import { PgReferenceLibrary } from './references/pg-reference-library.js';
import { PgRuleStore } from './rules/pg-rule-store.js';
import { Database } from './database.js';

/** What keeping and letting go reads and writes. */
const retention = [
  HoldStore,
  Keepers,
  MediaInventory,
  MediaPurge,
  OldRows,
  RefusedMedia,
  ResultDays,
  RetentionReads,
  SegmentScanStore,
  StreamRetentions,
];

/** What people export. */
const clips = [CaseStore, ClipJobs, ClipMediaReads, ClipStore, ShareStore];

/** The ledger: one connection pool per process and what is written and read through it. Needs the global ConfigModule. */
@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [VEDETTE_CONFIG],
      useFactory: (config: VedetteConfig) => ({
        ...ledgerDataSourceOptions({ databaseUrl: databaseUrlOf(config), poolSize: config.database.poolSize }),
        retryAttempts: 0,
      }),
      dataSourceFactory: async (options) => {
        if (options === undefined) throw databaseError('VD_DATABASE_URL_MISSING', 'No options for the database');
        try {
          return await new DataSource(options).initialize();
        } catch (cause) {
          throw databaseError('VD_DATABASE_UNREACHABLE', `No connection to the database: ${errorText(cause)}`, { cause });
        }
      },
    }),
  ],
  providers: [
    { provide: DATABASE_URL, inject: [VEDETTE_CONFIG], useFactory: databaseUrlOf },
    { provide: FEED_KEEP_MS, inject: [VEDETTE_CONFIG], useFactory: (config: VedetteConfig) => config.retention.feed },
    {
      provide: RUN_LEDGER_OPTIONS,
      inject: [VEDETTE_CONFIG],
      useFactory: ({ queues }: VedetteConfig): RunLedgerOptions => ({
        leaseMs: queues.lease,
        attempts: queues.attempts,
        gapAfterMs: queues.gapAfter,
      }),
    },
    { provide: ARCHIVE_OPTIONS, useValue: ARCHIVE_DEFAULTS },
    Database,
    AuditLog,
    PublishRefusals,
    EmptyPartitions,
    LedgerArchiver,
    TimelineHours,
    ThumbnailStore,
    FeedBell,
    FeedRings,
    PartitionKeeper,
    RoleCrashes,
    MediaNodes,
    SharedSecrets,
    InstanceHeartbeat,
    LedgerFigures,
    QueueControls,
    QueueReportReads,
    RunOperations,
    PluginSettingsStore,
    LiveMeasureStore,
    FeedRetention,
    EpochEvents,
    StreamChanges,
    PartsAnnouncer,
    PartsFollower,
    ...retention,
    ...clips,
    ImportStore,
    { provide: Spending, useClass: PgSpending },
    { provide: ShadowBook, useClass: PgShadowBook },
    { provide: ReferenceLibrary, useClass: PgReferenceLibrary },
    { provide: REFERENCES, useClass: SharedLoads },
    { provide: RuleStore, useClass: PgRuleStore },
    { provide: IngestLedger, useClass: PgIngestLedger },
    { provide: StreamStore, useClass: PgStreamStore },
    { provide: StreamOwners, useClass: PgStreamOwners },
    { provide: RunLedger, useClass: PgRunLedger },
  ],
  exports: [
    IngestLedger,
    StreamStore,
    StreamOwners,
    RunLedger,
    EpochEvents,
    LedgerFigures,
    QueueControls,
    QueueReportReads,
    RunOperations,
    PluginSettingsStore,
    LiveMeasureStore,
    PartitionKeeper,
    RoleCrashes,
    FeedRetention,
    FeedRings,
    PartsAnnouncer,
    PartsFollower,
    InstanceHeartbeat,
    ARCHIVE_OPTIONS,
    RUN_LEDGER_OPTIONS,
    FeedBell,
    LedgerArchiver,
    TimelineHours,
    ThumbnailStore,
    Database,
    AuditLog,
    PublishRefusals,
    MediaNodes,
    SharedSecrets,
    ReferenceLibrary,
    REFERENCES,
    RuleStore,
    Spending,
    ShadowBook,
    ...retention,
    ...clips,
    ImportStore,
    TypeOrmModule,
  ],
})
export class PersistenceModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    private readonly bell: FeedBell,
    private readonly changes: StreamChanges,
    private readonly announcer: PartsAnnouncer,
    private readonly follower: PartsFollower,
    private readonly heartbeat: InstanceHeartbeat,
    @Inject(ReferenceLibrary) private readonly references: PgReferenceLibrary,
    @Inject(RuleStore) private readonly rules: PgRuleStore,
  ) {}

  /** Before TypeORM's own shutdown closes the pool. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.heartbeat.stop();
  }

  async onApplicationShutdown(): Promise<void> {
    this.bell.close();
    await this.changes.close();
    await this.announcer.close();
    await this.follower.close();
    await this.references.close();
    await this.rules.close();
  }
}
