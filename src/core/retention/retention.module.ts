import { Global, Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { hostname } from 'node:os';
import { VEDETTE_CONFIG, type VedetteConfig } from '../config/schema.js';
import { ingestIdentity } from '../media/media-folder-identity.js';
import { RecordingGuard } from '../media/recording-guard.js';
import { componentLoggers, loggerOf } from '../observability/component-logger.js';
import { Keepers } from '../persistence/retention/keepers.js';
import { MediaInventory } from '../persistence/retention/media-inventory.js';
import { MediaPurge } from '../persistence/retention/media-purge.js';
import { OldRows } from '../persistence/retention/old-rows.js';
import { RefusedMedia } from '../persistence/retention/refused-media.js';
import { ResultDays } from '../persistence/retention/result-days.js';
import { SegmentScanStore } from '../persistence/retention/segment-scan-store.js';
import { StreamRetentions } from '../persistence/retention/stream-retention.js';
import type { Logger } from '../plugin-api/index.js';
import { clocks, WALL_CLOCK, type WallClock } from '../runtime/clocks.js';
import { databaseDisk } from './database-disk.js';
import { DiskGuard } from './disk-guard.js';
import { LedgerKeeper } from './ledger-keeper.js';
import { MediaKeeper } from './media-keeper.js';
import { RetentionRole } from './retention-role.js';
import { SegmentScan } from './segment-scan.js';

/** Media of so many live windows stays, whatever happens: it is on screen. */
const PROTECTED_WINDOWS = 2;
/** And long enough that a worker that keeps up has seen it. */
const LEAST_PROTECTED_MS = 60_000;

/**
 * Retention in the ingest role. Global, so that epochs are opened by the {@link RecordingGuard}. Needs ConfigModule, ObservabilityModule
 * and PersistenceModule, all global.
 */
@Global()
@Module({
  providers: [
    ...clocks,
    ...componentLoggers('retention'),
    {
      provide: DiskGuard,
      inject: [VEDETTE_CONFIG, RefusedMedia, loggerOf('retention')],
      useFactory: ({ mediaDir, retention }: VedetteConfig, media: RefusedMedia, logger: Logger): DiskGuard =>
        new DiskGuard(mediaDir, retention, { logger, refused: (streamId) => media.at(streamId) }),
    },
    { provide: RecordingGuard, useExisting: DiskGuard },
  ],
  exports: [RecordingGuard],
})
export class RetentionModule implements OnApplicationBootstrap, OnModuleDestroy {
  private role: RetentionRole | undefined;

  constructor(
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
    private readonly guard: DiskGuard,
    private readonly inventory: MediaInventory,
    private readonly purge: MediaPurge,
    private readonly retentions: StreamRetentions,
    private readonly days: ResultDays,
    private readonly rows: OldRows,
    private readonly scans: SegmentScanStore,
    private readonly keepers: Keepers,
    @Inject(WALL_CLOCK) private readonly now: WallClock,
    @Inject(loggerOf('retention')) private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { config, logger, now, keepers, retentions, guard } = this;
    const { mediaDir, retention, packaging } = config;
    const nodeId = await ingestIdentity(mediaDir);
    const protectMs = Math.max(LEAST_PROTECTED_MS, PROTECTED_WINDOWS * packaging.liveWindowSegments * packaging.segmentDuration);
    const media = new MediaKeeper(
      { mediaDir, nodeId, retention, protectMs },
      { inventory: this.inventory, purge: this.purge, streams: retentions, logger, now },
    );
    const ledger = new LedgerKeeper(retention, {
      ...{ days: this.days, rows: this.rows, retentions, logger, now },
      space: () => databaseDisk(config),
    });
    const scan = new SegmentScan({ mediaDir, nodeId, scan: retention.scan }, { store: this.scans, keepers, logger, now });
    const node = { id: nodeId, name: config.ingest.node ?? hostname() };
    const role = (this.role = new RetentionRole({ node, retention, guard, media, ledger, scan, keepers, logger }));
    guard.onLow(() => role.hurry());
    await role.start();
  }

  /** Before the modules it depends on close their database connections. */
  async onModuleDestroy(): Promise<void> {
    await this.role?.stop();
  }
}
