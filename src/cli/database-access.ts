import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AdminBootstrap } from '../core/api/auth/admin-bootstrap.js';
import { BoxScript } from '../core/clips/boxes/box-script.js';
import { ConfigModule } from '../core/config/config.module.js';
import type { LoadedConfig } from '../core/config/load-config.js';
import { SegmentFiles } from '../core/media/store/segment-files.js';
import { createLogger, type VedetteLogger } from '../core/observability/logger.js';
import { NestLogger } from '../core/observability/nest-logger.js';
import { ObservabilityModule } from '../core/observability/observability.module.js';
import { BackfillDifferences } from '../core/persistence/backfill/backfill-differences.js';
import { BackfillModule } from '../core/persistence/backfill/backfill.module.js';
import { BackfillStore } from '../core/persistence/backfill/backfill-store.js';
import { ClipMediaReads } from '../core/persistence/clips/clip-media.js';
import { ImportStore } from '../core/persistence/imports/import-store.js';
import { StreamStore } from '../core/persistence/streams/stream-store.js';
import { PersistenceModule } from '../core/persistence/persistence.module.js';
import { ReadModule } from '../core/persistence/read/read.module.js';
import { StreamReads } from '../core/persistence/read/stream-reads.js';
import { StreamHealthReads } from '../core/persistence/read/health-reads.js';
import { SystemReads } from '../core/persistence/read/system-reads.js';
import { CapacityReads } from '../core/persistence/read/capacity-reads.js';
import { PublishRefusals } from '../core/persistence/access/publish-refusals.js';
import { AuditLog } from '../core/persistence/access/audit-log.js';
import { TokenStore } from '../core/persistence/access/token-store.js';
import { StorageOutlook } from '../core/retention/storage-outlook.js';
import { BrandLibrary } from '../core/references/brand-library.js';
import { ReferencesModule } from '../core/references/references.module.js';

/** What clips are made of. */
export interface ClipStores {
  readonly media: ClipMediaReads;
  readonly files: Pick<SegmentFiles, 'obtain'>;
  readonly boxes: BoxScript;
}

/** What the command line works on when no role is needed for it. */
export interface Stores {
  readonly streams: StreamStore;
  readonly admins: AdminBootstrap;
  readonly brands: BrandLibrary;
  readonly capacity: CapacityReads;
  readonly outlook: StorageOutlook;
  readonly audit: AuditLog;
  readonly health: StreamHealthReads;
  readonly system: SystemReads;
  readonly refusals: PublishRefusals;
  readonly clips: ClipStores;
  readonly imports: ImportStore;
  readonly backfills: { readonly store: BackfillStore; readonly differences: BackfillDifferences; readonly reads: StreamReads };
}

/** Opens the database for the length of `work`. @throws VD_DATABASE_UNREACHABLE */
export async function withStores<T>(loaded: LoadedConfig, databaseUrl: string, work: (stores: Stores) => Promise<T>): Promise<T> {
  const logger: VedetteLogger = createLogger({ role: 'cli', level: 'warn', format: loaded.config.log.format, destination: process.stderr });
  const config = { ...loaded.config, database: { ...loaded.config.database, url: databaseUrl, poolSize: 2 } };
  const module = {
    module: class CommandLine {},
    imports: [
      ConfigModule.forRoot({ ...loaded, config }),
      ObservabilityModule.forRole(logger),
      PersistenceModule,
      ReadModule,
      BackfillModule,
      ReferencesModule,
    ],
    providers: [StorageOutlook, BoxScript],
  };
  const app = await NestFactory.createApplicationContext(module, { logger: new NestLogger(logger), abortOnError: false });
  try {
    return await work({
      streams: app.get(StreamStore, { strict: false }),
      admins: new AdminBootstrap(app.get(TokenStore, { strict: false })),
      brands: app.get(BrandLibrary, { strict: false }),
      capacity: app.get(CapacityReads, { strict: false }),
      outlook: app.get(StorageOutlook, { strict: false }),
      audit: app.get(AuditLog, { strict: false }),
      health: app.get(StreamHealthReads, { strict: false }),
      system: app.get(SystemReads, { strict: false }),
      refusals: app.get(PublishRefusals, { strict: false }),
      clips: {
        media: app.get(ClipMediaReads, { strict: false }),
        files: app.get<SegmentFiles>(SegmentFiles, { strict: false }),
        boxes: app.get(BoxScript, { strict: false }),
      },
      imports: app.get(ImportStore, { strict: false }),
      backfills: {
        store: app.get(BackfillStore, { strict: false }),
        differences: app.get(BackfillDifferences, { strict: false }),
        reads: app.get(StreamReads, { strict: false }),
      },
    });
  } finally {
    await app.close();
  }
}
