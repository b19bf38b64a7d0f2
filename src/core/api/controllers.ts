import { AuditController } from './resources/audit.controller.js';
import { AccountController } from './auth/account.controller.js';
import { InvitationsController } from './auth/invitations.controller.js';
import { PeopleController } from './auth/people.controller.js';
import { SessionController } from './auth/session.controller.js';
import { SessionsController } from './auth/sessions.controller.js';
import { SetupController } from './auth/setup.controller.js';
import { TokensController } from './auth/tokens.controller.js';
import { DvrController } from './playback/dvr.controller.js';
import { StreamingController } from './playback/streaming.controller.js';
import { EventsController } from './resources/events.controller.js';
import { EvidenceController } from './resources/evidence.controller.js';
import { ExposureController } from './resources/exposure.controller.js';
import { StreamsExposureController } from './resources/streams-exposure.controller.js';
import { RulesController } from './resources/rules.controller.js';
import { BrandIconsController } from './resources/brand-icons.controller.js';
import { BrandReferencesController } from './resources/brand-references.controller.js';
import { BrandSightingsController } from './resources/brand-sightings.controller.js';
import { BrandTrialsController } from './resources/brand-trials.controller.js';
import { CapacityController } from './resources/capacity.controller.js';
import { BrandsController } from './resources/brands.controller.js';
import { CasesController } from './resources/cases.controller.js';
import { ClipsController } from './resources/clips.controller.js';
import { FramesController } from './resources/frames.controller.js';
import { HoldsController } from './resources/holds.controller.js';
import { ImportsController } from './resources/imports.controller.js';
import { ModelsController } from './resources/models.controller.js';
import { PluginsController } from './resources/plugins.controller.js';
import { PluginSettingsController } from './resources/plugin-settings.controller.js';
import { QueuesController } from './resources/queues.controller.js';
import { RunsController } from './resources/runs.controller.js';
import { RetentionController } from './resources/retention.controller.js';
import { SourcesController } from './resources/sources.controller.js';
import { SnapshotsController } from './resources/snapshots.controller.js';
import { StrategiesController } from './resources/strategies.controller.js';
import { MetricsController } from './resources/metrics.controller.js';
import { StreamHealthController } from './resources/stream-health.controller.js';
import { StreamKeysController } from './resources/stream-keys.controller.js';
import { StreamsController } from './resources/streams.controller.js';
import { SearchController } from './resources/search.controller.js';
import { SharePagesController } from './shares/share-pages.controller.js';
import { SharesController } from './shares/shares.controller.js';
import { WallController } from './resources/wall.controller.js';
import { SystemController } from './resources/system.controller.js';
import { InstallationController } from './resources/installation.controller.js';
import { TextsController } from './resources/texts.controller.js';
import { ResultLinesController } from './resources/result-lines.controller.js';
import { TracksController } from './tracks/tracks.controller.js';
import { ThumbnailsController } from './resources/thumbnails.controller.js';
import { TimelineController } from './resources/timeline.controller.js';
import { BackfillsController } from './resources/backfills.controller.js';
import { TimelineSumsController } from './resources/timeline-sums.controller.js';

/** Every controller of the API: what is served, and what the OpenAPI document describes. */
export const apiControllers = [
  SetupController,
  SessionController,
  SessionsController,
  AccountController,
  PeopleController,
  InvitationsController,
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
  EventsController,
  SearchController,
  EvidenceController,
  ExposureController,
  StreamsExposureController,
  RulesController,
  RetentionController,
  HoldsController,
  BackfillsController,
  ImportsController,
  QueuesController,
  RunsController,
  CapacityController,
  PluginsController,
  PluginSettingsController,
  SourcesController,
  StrategiesController,
  ModelsController,
  SystemController,
  InstallationController,
  MetricsController,
  BrandTrialsController,
  BrandsController,
  BrandReferencesController,
  BrandIconsController,
  BrandSightingsController,
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
