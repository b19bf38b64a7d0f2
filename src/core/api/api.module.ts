import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { Capacity } from './resources/capacity-questions.js';
import { MediaStoreModule } from '../media/store/media-store.module.js';
import { ModelsModule } from '../models/models.module.js';
import { PersistenceModule } from '../persistence/persistence.module.js';
import { RefusalRecord } from '../persistence/access/refusal-record.js';
import { ReadModule } from '../persistence/read/read.module.js';
import { ReferencesModule } from '../references/references.module.js';
import { AdminBootstrap } from './auth/admin-bootstrap.js';
import { AuthGuard } from './auth/auth.guard.js';
import { AUTH_CLOCK, Authenticator } from './auth/authenticator.js';
import { ApiRefusals } from './auth/api-refusals.js';
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
import { HealthTicker } from './live/health-ticker.js';
import { QueueTicker } from './live/queue-ticker.js';
import { Subscriptions } from './live/subscriptions.js';
import { SegmentProxy } from './playback/segment-proxy.js';
import { LowLatency } from './playback/low-latency.js';
import { OpenParts } from './playback/open-parts.js';
import { Playlists } from './playback/playlists.js';
import { API_CONTROLLERS } from './resources/api-controllers.js';
import { Exposure } from './resources/exposure.js';
import { ImportUploads } from './resources/import-uploads.js';
import { KnownNames } from './resources/known-names.js';
import { RuleLabels } from './resources/rule-labels.js';
import { RuleJudging } from './resources/rule-judging.js';
import { SourceConfigs } from './resources/source-config.js';
import { DatabaseRoom } from './resources/database-room.js';
import { PrometheusMetrics } from './resources/prometheus-metrics.js';
import { StreamHealth } from './resources/stream-health.js';
import { StreamAccess } from './resources/stream-access.js';
import { SystemStatus, VERSION } from './resources/system-status.js';
import { StorageOutlook } from '../retention/storage-outlook.js';
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
  imports: [PersistenceModule, MediaStoreModule, ReadModule, ReferencesModule, ModelsModule],
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
    RefusalRecord,
    ApiRefusals,
    TokenUse,
    StreamDirectory,
    FeedHydrator,
    FeedHub,
    QueueTicker,
    HealthTicker,
    Subscriptions,
    LiveGateway,
    Playlists,
    LowLatency,
    OpenParts,
    SegmentProxy,
    Exposure,
    RuleJudging,
    RuleLabels,
    StreamAccess,
    StreamHealth,
    DatabaseRoom,
    PrometheusMetrics,
    KnownNames,
    SourceConfigs,
    ImportUploads,
    SystemStatus,
    StorageOutlook,
    Capacity,
  ],
  exports: [AdminBootstrap],
})
export class ApiModule {}
