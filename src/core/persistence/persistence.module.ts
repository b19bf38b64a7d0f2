import { type BeforeApplicationShutdown, Global, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { databaseError } from '../errors/database.errors.js';
import { REFERENCES } from '../plugin-api/index.js';
import { ReferenceLibrary } from '../brands/reference-library.js';
import { SharedLoads } from '../brands/shared-loads.js';
import { RuleStore } from '../rules/rule-store.js';
import { ledgerDataSourceOptions } from './data-source.js';
import { FeedBell } from './notify/feed-bell.js';
import { FeedRetention } from './feed-retention.js';
import { InstanceHeartbeat } from './instance-heartbeat.js';
import { EpochEvents } from './ledger/epoch-events.js';
import { IngestLedger, StreamStore } from './ledger/ingest-ledger.js';
import { LedgerFigures } from './ledger/ledger-figures.js';
import { PgIngestLedger } from './ledger/pg-ingest-ledger.js';
import { PgRunLedger } from './ledger/pg-run-ledger.js';
import { PgStreamStore } from './ledger/pg-stream-store.js';
import { RunLedger } from './ledger/run-ledger.js';
import { StreamChanges } from './ledger/stream-changes.js';
import { MediaNodes } from './media/media-nodes.js';
import { SharedSecrets } from './media/shared-secrets.js';
import { PgStreamOwners } from './ownership/pg-stream-owners.js';
import { StreamOwners } from './ownership/stream-owners.js';
import { PartitionKeeper } from './partition-keeper.js';
import { PgShadowBook, ShadowBook } from './places/shadow-book.js';
import { PgSpending, Spending } from './places/spending.js';
import { PgReferenceLibrary } from './references/pg-reference-library.js';
import { PgRuleStore } from './rules/pg-rule-store.js';
import { LedgerSql } from './sql.js';

/** The address every role was given. @throws VD_DATABASE_URL_MISSING */
export function databaseUrlOf(config: VedetteConfig): string {
  if (config.database.url !== undefined) return config.database.url;
  throw databaseError('VD_DATABASE_URL_MISSING', 'This role was started without DATABASE_URL');
}

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
          throw databaseError('VD_DATABASE_UNREACHABLE', `No connection to the database: ${(cause as Error).message}`, { cause });
        }
      },
    }),
  ],
  providers: [
    { provide: LedgerSql, inject: [DataSource], useFactory: (source: DataSource) => new LedgerSql(source) },
    { provide: FeedBell, inject: [LedgerSql], useFactory: (sql: LedgerSql) => new FeedBell(sql) },
    { provide: PartitionKeeper, inject: [LedgerSql], useFactory: (sql: LedgerSql) => new PartitionKeeper(sql) },
    { provide: MediaNodes, inject: [LedgerSql], useFactory: (sql: LedgerSql) => new MediaNodes(sql) },
    { provide: SharedSecrets, inject: [LedgerSql], useFactory: (sql: LedgerSql) => new SharedSecrets(sql) },
    { provide: InstanceHeartbeat, inject: [LedgerSql], useFactory: (sql: LedgerSql) => new InstanceHeartbeat(sql) },
    { provide: LedgerFigures, inject: [LedgerSql], useFactory: (sql: LedgerSql) => new LedgerFigures(sql) },
    { provide: Spending, inject: [LedgerSql], useFactory: (sql: LedgerSql) => new PgSpending(sql) },
    { provide: ShadowBook, inject: [LedgerSql], useFactory: (sql: LedgerSql) => new PgShadowBook(sql) },
    {
      provide: FeedRetention,
      inject: [LedgerSql, VEDETTE_CONFIG],
      useFactory: (sql: LedgerSql, config: VedetteConfig) => new FeedRetention(sql, config.retention.feed),
    },
    { provide: EpochEvents, inject: [LedgerSql, FeedBell], useFactory: (sql: LedgerSql, bell: FeedBell) => new EpochEvents(sql, bell) },
    {
      provide: StreamChanges,
      inject: [LedgerSql, VEDETTE_CONFIG],
      useFactory: (sql: LedgerSql, config: VedetteConfig) => new StreamChanges(sql, databaseUrlOf(config)),
    },
    {
      provide: ReferenceLibrary,
      inject: [LedgerSql, VEDETTE_CONFIG],
      useFactory: (sql: LedgerSql, config: VedetteConfig) => new PgReferenceLibrary(sql, databaseUrlOf(config)),
    },
    { provide: REFERENCES, inject: [ReferenceLibrary], useFactory: (library: ReferenceLibrary) => new SharedLoads(library) },
    {
      provide: RuleStore,
      inject: [LedgerSql, VEDETTE_CONFIG],
      useFactory: (sql: LedgerSql, config: VedetteConfig) => new PgRuleStore(sql, databaseUrlOf(config)),
    },
    {
      provide: IngestLedger,
      inject: [LedgerSql, FeedBell, EpochEvents],
      useFactory: (sql: LedgerSql, bell: FeedBell, events: EpochEvents) => new PgIngestLedger(sql, bell, events),
    },
    {
      provide: StreamStore,
      inject: [LedgerSql, FeedBell, StreamChanges],
      useFactory: (sql: LedgerSql, bell: FeedBell, changes: StreamChanges) => new PgStreamStore(sql, bell, changes),
    },
    {
      provide: StreamOwners,
      inject: [LedgerSql, FeedBell, VEDETTE_CONFIG],
      useFactory: (sql: LedgerSql, bell: FeedBell, config: VedetteConfig) => new PgStreamOwners(sql, bell, databaseUrlOf(config)),
    },
    {
      provide: RunLedger,
      inject: [LedgerSql, FeedBell, PartitionKeeper, EpochEvents, VEDETTE_CONFIG],
      useFactory: (sql: LedgerSql, bell: FeedBell, partitions: PartitionKeeper, events: EpochEvents, { queues }: VedetteConfig) =>
        new PgRunLedger(sql, bell, partitions, events, { leaseMs: queues.lease, attempts: queues.attempts, gapAfterMs: queues.gapAfter }),
    },
  ],
  exports: [
    IngestLedger,
    StreamStore,
    StreamOwners,
    RunLedger,
    EpochEvents,
    LedgerFigures,
    PartitionKeeper,
    FeedRetention,
    InstanceHeartbeat,
    LedgerSql,
    MediaNodes,
    SharedSecrets,
    ReferenceLibrary,
    REFERENCES,
    RuleStore,
    Spending,
    ShadowBook,
    TypeOrmModule,
  ],
})
export class PersistenceModule implements BeforeApplicationShutdown, OnApplicationShutdown {
  constructor(
    @Inject(FeedBell) private readonly bell: FeedBell,
    @Inject(StreamChanges) private readonly changes: StreamChanges,
    @Inject(InstanceHeartbeat) private readonly heartbeat: InstanceHeartbeat,
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
    await this.references.close();
    await this.rules.close();
  }
}
