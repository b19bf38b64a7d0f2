import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { Capacity } from './resources/capacity-questions.js';
import { ClipsModule } from '../clips/clips.module.js';
import { MediaStoreModule } from '../media/store/media-store.module.js';
import { ModelsModule } from '../models/models.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { PagePermits } from '../persistence/access/page-permits.js';
import { RefusalRecord } from '../persistence/access/refusal-record.js';
import { BackfillModule } from '../persistence/backfill/backfill.module.js';
import { ReadModule } from '../persistence/read/read.module.js';
import { ReferencesModule } from '../references/references.module.js';
import { AdminBootstrap } from './auth/admin-bootstrap.js';
import { AuthGuard } from './auth/auth.guard.js';
import { AUTH_CLOCK, Authenticator } from './auth/authenticator.js';
import { ApiRefusals } from './auth/api-refusals.js';
import { PasswordGuard } from './auth/password-guard.js';
import { SessionCookies } from './auth/session-cookie.js';
import { TokenUse } from './auth/token-use.js';
import { apiControllers } from './controllers.js';
import { FeedHub } from './feed/feed-hub.js';
import { FeedHydrator } from './feed/feed-hydrator.js';
import { StreamDirectory } from './feed/stream-directory.js';
import { ConnectionDrain } from './http/connection-drain.js';
import { HttpConnections } from './http/http-connections.js';
import { ProblemFilter } from './http/problem.filter.js';
import { SchemaPipe } from './http/validation.pipe.js';
import { LiveGateway } from './live/live.gateway.js';
import { EventTicker } from './live/event-ticker.js';
import { HealthTicker } from './live/health-ticker.js';
import { QueueTicker } from './live/queue-ticker.js';
import { StatusTicker } from './live/status-ticker.js';
import { Subscriptions } from './live/subscriptions.js';
import { PageRelay } from './publish/page-relay.js';
import { PublishGateway } from './publish/publish.gateway.js';
import { SegmentProxy } from './playback/segment-proxy.js';
import { LowLatency } from './playback/low-latency.js';
import { OpenParts } from './playback/open-parts.js';
import { DvrPlaylists } from './playback/dvr-playlists.js';
import { MediaAdmission } from './playback/media-admission.js';
import { Playlists } from './playback/playlists.js';
import { API_CONTROLLERS } from './resources/api-controllers.js';
import { BrandTrials } from './resources/brand-trials.js';
import { ClipRequests } from './resources/clip-requests.js';
import { Exposure } from './resources/exposure.js';
import { InstallationStatus } from './resources/installation-status.js';
import { ImportUploads } from './resources/import-uploads.js';
import { Diagnostics } from './resources/diagnostics.js';
import { Installation } from './resources/installation.js';
import { KnownNames } from './resources/known-names.js';
import { RoleLogReader } from './resources/role-log-reader.js';
import { RuleLabels } from './resources/rule-labels.js';
import { RuleJudging } from './resources/rule-judging.js';
import { Search } from './resources/search.js';
import { SourceConfigs } from './resources/source-config.js';
import { DatabaseRoom } from './resources/database-room.js';
import { PrometheusMetrics } from './resources/prometheus-metrics.js';
import { StreamHealth } from './resources/stream-health.js';
import { InstalledPlugins } from './resources/installed-plugins.js';
import { QueueReports } from './resources/queue-reports.js';
import { RetriedRuns } from './resources/retried-runs.js';
import { Backfills } from './resources/backfills.js';
import { ResultLines } from './resources/result-lines.js';
import { StreamAccess } from './resources/stream-access.js';
import { Tracks } from './tracks/tracks.js';
import { SystemStatus, VERSION } from './resources/system-status.js';
import { ThumbnailList } from './resources/thumbnail-list.js';
import { TimelineReasons } from './resources/timeline-reasons.js';
import { StorageOutlook } from '../retention/storage-outlook.js';
import { SharedClips } from './shares/shared-clips.js';
import { WEB_ROOT } from './spa/spa.js';

/** `src/core/api` and `dist/core/api` lie equally deep below the package. */
const PACKAGE = new URL('../../../', import.meta.url);

function readVersion(): string {
  return (JSON.parse(readFileSync(new URL('package.json', PACKAGE), 'utf8')) as { version: string }).version;
}

/**
 * REST, WebSocket, HLS and the dashboard. Needs the global `ConfigModule` and `PluginHostModule`; the application is then set up
 * by `configureApi`.
 */
@Module({
  imports: [PersistenceModule, MediaStoreModule, BackfillModule, ReadModule, ReferencesModule, ModelsModule, ClipsModule],
  controllers: [...apiControllers],
  providers: [
    { provide: APP_GUARD, useClass: AuthGuard },
    { provide: APP_PIPE, useClass: SchemaPipe },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: WEB_ROOT, useFactory: () => fileURLToPath(new URL('frontend/dist/frontend/browser', PACKAGE)) },
    { provide: VERSION, useFactory: readVersion },
    { provide: API_CONTROLLERS, useValue: () => apiControllers },
    ConnectionDrain,
    HttpConnections,
    AdminBootstrap,
    { provide: AUTH_CLOCK, useValue: Date.now },
    Authenticator,
    PasswordGuard,
    SessionCookies,
    PagePermits,
    RefusalRecord,
    ApiRefusals,
    TokenUse,
    StreamDirectory,
    FeedHydrator,
    FeedHub,
    QueueTicker,
    HealthTicker,
    EventTicker,
    StatusTicker,
    Subscriptions,
    LiveGateway,
    PageRelay,
    PublishGateway,
    MediaAdmission,
    Playlists,
    DvrPlaylists,
    LowLatency,
    OpenParts,
    SegmentProxy,
    Exposure,
    RuleJudging,
    RuleLabels,
    Backfills,
    QueueReports,
    InstalledPlugins,
    RetriedRuns,
    StreamAccess,
    ClipRequests,
    SharedClips,
    ResultLines,
    Search,
    Tracks,
    StreamHealth,
    DatabaseRoom,
    PrometheusMetrics,
    Installation,
    RoleLogReader,
    Diagnostics,
    BrandTrials,
    KnownNames,
    TimelineReasons,
    ThumbnailList,
    SourceConfigs,
    ImportUploads,
    SystemStatus,
    InstallationStatus,
    StorageOutlook,
    Capacity,
  ],
  exports: [AdminBootstrap],
})
export class ApiModule {}
