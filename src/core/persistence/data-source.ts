import type { DataSourceOptions } from 'typeorm';
import { AnalysisRunEntity, AnalyzerCheckpointEntity, LaneEntity } from './entities/analysis-run.entity.js';
import { AuditEntity, FeedEntity, InstanceEntity } from './entities/operations.entity.js';
import { InvitationEntity, UserEntity, UserTokenEntity } from './entities/user.entity.js';
import { ImportEntity } from './entities/import.entity.js';
import { MediaNodeEntity, SecretEntity } from './entities/media-node.entity.js';
import { CaseEntity, ClipEntity, ShareEntity } from './entities/clip.entity.js';
import { EpochEntity, GapEntity, SegmentEntity } from './entities/media.entity.js';
import { IngestNodeEntity, StreamOwnerEntity } from './entities/ownership.entity.js';
import { ShadowRunEntity, SpendingEntity } from './entities/place.entity.js';
import { BrandEntity, ReferenceImageEntity, ReferenceRevisionEntity } from './entities/reference.entity.js';
import { BackfillEntity, BackfillStreamEntity } from './entities/backfill.entity.js';
import {
  DetectionEntity,
  EventEntity,
  EventReviewEntity,
  EvidenceEntity,
  MetricEntity,
  ObservationEntity,
} from './entities/result.entity.js';
import { HoldEntity, StreamRetentionEntity } from './entities/retention.entity.js';
import { RuleEntity } from './entities/rule.entity.js';
import { connectionConfig, STATEMENT_TIMEOUT_MS, WatchedClient } from './connection.js';
import { IDLE_TIMEOUT_MS } from './pool.js';
import { PublishRefusalEntity, StreamEntity, StreamKeyEntity } from './entities/stream.entity.js';
import { Spine1700000000001 } from './migrations/1700000000001-spine.js';
import { References1700000000002 } from './migrations/1700000000002-references.js';
import { Rules1700000000003 } from './migrations/1700000000003-rules.js';
import { Places1700000000004 } from './migrations/1700000000004-places.js';
import { MediaNodes1700000000005 } from './migrations/1700000000005-media-nodes.js';
import { Access1700000000023 } from './migrations/1700000000023-access.js';
import { Archive1700000000042 } from './migrations/1700000000042-archive.js';
import { StreamOwners1700000000006 } from './migrations/1700000000006-stream-owners.js';
import { PluginSettings1700000000058 } from './migrations/1700000000058-plugin-settings.js';
import { QueueControls1700000000057 } from './migrations/1700000000057-queue-controls.js';
import { Retention1700000000041 } from './migrations/1700000000041-retention.js';
import { Backfills1700000000054 } from './migrations/1700000000054-backfills.js';
import { EventReviews1700000000055 } from './migrations/1700000000055-event-reviews.js';
import { FrameAccounts1700000000043 } from './migrations/1700000000043-frame-accounts.js';
import { Publishing1700000000046 } from './migrations/1700000000046-publishing.js';
import { Clips1700000000053 } from './migrations/1700000000053-clips.js';
import { EpochNumbers1700000000051 } from './migrations/1700000000051-epoch-numbers.js';
import { Imports1700000000049 } from './migrations/1700000000049-imports.js';
import { Texts1700000000036 } from './migrations/1700000000036-texts.js';
import { Evidence1700000000039 } from './migrations/1700000000039-evidence.js';
import { Health1700000000040 } from './migrations/1700000000040-health.js';
import { Subjects1700000000059 } from './migrations/1700000000059-subjects.js';
import { Timeline1700000000052 } from './migrations/1700000000052-timeline.js';
import { People1700000000056 } from './migrations/1700000000056-people.js';
import { MediaWriteFaults1700000000022 } from './migrations/1700000000022-media-write-faults.js';

export const entities = [
  StreamEntity,
  StreamKeyEntity,
  PublishRefusalEntity,
  EpochEntity,
  SegmentEntity,
  GapEntity,
  AnalysisRunEntity,
  LaneEntity,
  AnalyzerCheckpointEntity,
  DetectionEntity,
  MetricEntity,
  ObservationEntity,
  EventEntity,
  EvidenceEntity,
  EventReviewEntity,
  FeedEntity,
  InstanceEntity,
  UserEntity,
  UserTokenEntity,
  InvitationEntity,
  AuditEntity,
  BrandEntity,
  ReferenceImageEntity,
  ReferenceRevisionEntity,
  RuleEntity,
  SpendingEntity,
  ShadowRunEntity,
  MediaNodeEntity,
  SecretEntity,
  IngestNodeEntity,
  StreamOwnerEntity,
  StreamRetentionEntity,
  HoldEntity,
  BackfillEntity,
  BackfillStreamEntity,
  CaseEntity,
  ClipEntity,
  ShareEntity,
  ImportEntity,
];

/** In order. A migration that has been released is never changed. */
export const migrations = [
  Spine1700000000001,
  References1700000000002,
  Rules1700000000003,
  Places1700000000004,
  MediaNodes1700000000005,
  StreamOwners1700000000006,
  MediaWriteFaults1700000000022,
  Access1700000000023,
  Texts1700000000036,
  Evidence1700000000039,
  Health1700000000040,
  Retention1700000000041,
  Archive1700000000042,
  FrameAccounts1700000000043,
  Backfills1700000000054,
  Publishing1700000000046,
  Clips1700000000053,
  EpochNumbers1700000000051,
  Timeline1700000000052,
  Imports1700000000049,
  EventReviews1700000000055,
  People1700000000056,
  QueueControls1700000000057,
  PluginSettings1700000000058,
  Subjects1700000000059,
];

/**
 * Of the server, for the ledger's connections: a statement is planned once on each. Left to choose, PostgreSQL plans a claim afresh every
 * time, which takes several times as long as the claim, because it expects more lanes of an array that it does not know than of one it
 * sees. What has to be planned for its values (`Database.bounded`) says so itself.
 */
export const LEDGER_SETTINGS = { plan_cache_mode: 'force_generic_plan' } as const;

export interface LedgerOptions {
  readonly databaseUrl: string;
  readonly poolSize: number;
  /** Shown in pg_stat_activity. */
  readonly name?: string;
  readonly statementTimeoutMs?: number;
}

/** How every role opens the ledger. Tables come from migrations only: nothing is ever synchronised from entities. */
export function ledgerDataSourceOptions({
  databaseUrl,
  poolSize,
  name = 'vedette',
  statementTimeoutMs = STATEMENT_TIMEOUT_MS.ledger,
}: LedgerOptions): DataSourceOptions {
  return {
    type: 'postgres',
    url: databaseUrl,
    entities,
    migrations,
    migrationsTableName: 'vedette_migrations',
    synchronize: false,
    poolSize,
    // An idle connection that breaks is replaced by the pool; TypeORM would log it as an error of ours.
    poolErrorHandler: () => undefined,
    extra: {
      Client: WatchedClient,
      ...connectionConfig({ databaseUrl, name, statementTimeoutMs, settings: LEDGER_SETTINGS }),
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
    },
  };
}
