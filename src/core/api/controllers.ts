import { AuditController } from './resources/audit.controller.js';
import { SessionController } from './auth/session.controller.js';
import { TokensController } from './auth/tokens.controller.js';
import { DvrController } from './playback/dvr.controller.js';
import { StreamingController } from './playback/streaming.controller.js';
import { EvidenceController } from './resources/evidence.controller.js';
import { ExposureController } from './resources/exposure.controller.js';
import { RulesController } from './resources/rules.controller.js';
import { BrandIconsController } from './resources/brand-icons.controller.js';
import { BrandReferencesController } from './resources/brand-references.controller.js';
import { CapacityController } from './resources/capacity.controller.js';
import { BrandsController } from './resources/brands.controller.js';
import { CasesController } from './resources/cases.controller.js';
import { ClipsController } from './resources/clips.controller.js';
import { FramesController } from './resources/frames.controller.js';
import { HoldsController } from './resources/holds.controller.js';
import { ImportsController } from './resources/imports.controller.js';
import { ModelsController } from './resources/models.controller.js';
import { PluginsController } from './resources/plugins.controller.js';
import { QueuesController } from './resources/queues.controller.js';
import { RetentionController } from './resources/retention.controller.js';
import { SourcesController } from './resources/sources.controller.js';
import { SnapshotsController } from './resources/snapshots.controller.js';
import { StrategiesController } from './resources/strategies.controller.js';
import { MetricsController } from './resources/metrics.controller.js';
import { StreamHealthController } from './resources/stream-health.controller.js';
import { StreamKeysController } from './resources/stream-keys.controller.js';
import { StreamsController } from './resources/streams.controller.js';
import { SharePagesController } from './shares/share-pages.controller.js';
import { SharesController } from './shares/shares.controller.js';
import { WallController } from './resources/wall.controller.js';
import { SystemController } from './resources/system.controller.js';
import { TextsController } from './resources/texts.controller.js';
import { ResultLinesController } from './resources/result-lines.controller.js';
import { TracksController } from './tracks/tracks.controller.js';
import { ThumbnailsController } from './resources/thumbnails.controller.js';
import { TimelineController } from './resources/timeline.controller.js';
import { BackfillsController } from './resources/backfills.controller.js';
import { TimelineSumsController } from './resources/timeline-sums.controller.js';

/** Every controller of the API: what is served, and what the OpenAPI document describes. */
export const apiControllers = [
  SessionController,
  TokensController,
  AuditController,
  StreamsController,
  StreamKeysController,
  StreamHealthController,
  WallController,
  TimelineController,
  TimelineSumsController,
  ResultLinesController,
  TracksController,
  TextsController,
  EvidenceController,
  ExposureController,
  RulesController,
  RetentionController,
  HoldsController,
  BackfillsController,
  ImportsController,
  QueuesController,
  CapacityController,
  PluginsController,
  SourcesController,
  StrategiesController,
  ModelsController,
  SystemController,
  MetricsController,
  BrandsController,
  BrandReferencesController,
  BrandIconsController,
  FramesController,
  SnapshotsController,
  ClipsController,
  CasesController,
  SharesController,
  SharePagesController,
  ThumbnailsController,
  StreamingController,
  DvrController,
] as const;
