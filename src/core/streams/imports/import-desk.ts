import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { VEDETTE_CONFIG, type VedetteConfig } from '../../config/schema.js';
import { FILE_READER_LAUNCH, type FileReaderLaunch } from '../../media/files/reading-file.js';
import { ImportSpool, spoolFolder } from '../../media/files/import-spool.js';
import { loggerOf } from '../../observability/component-logger.js';
import { ImportStore } from '../../persistence/imports/import-store.js';
import { StreamRetentions } from '../../persistence/retention/stream-retention.js';
import type { FileImport, ImportDesk, Logger } from '../../plugin-api/index.js';
import { TakenImport } from './taken-import.js';

/** How often it is looked whether there is something to import. */
const LOOK_EVERY_MS = 1_000;
/** What was never uploaded to its end goes after this long without a byte. */
const ABANDONED_MS = 86_400_000;
const SWEEP_EVERY_MS = 60_000;

/** Gives the sources of this node what is to be imported, and deletes files that are of no use any more. */
@Injectable()
export class StreamImportDesk implements ImportDesk {
  private readonly spool: ImportSpool;
  private sweeping: Promise<void> | undefined;
  private sweptAtMs = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly store: ImportStore,
    private readonly retentions: StreamRetentions,
    @Inject(VEDETTE_CONFIG) private readonly config: VedetteConfig,
    @Inject(FILE_READER_LAUNCH) private readonly launch: FileReaderLaunch,
    @Inject(loggerOf('imports')) private readonly logger: Logger,
  ) {
    this.spool = new ImportSpool(spoolFolder(config));
  }

  async next(streamId: string, signal: AbortSignal): Promise<FileImport | undefined> {
    while (!signal.aborted) {
      this.sweepNowAndThen();
      const record = await this.store.take(streamId);
      if (record !== null) {
        const { store, retentions, config, launch, spool } = this;
        return new TakenImport(record, { store, retentions, usualAgeMs: config.retention.media.maxAge, launch, spool });
      }
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }

  private sweepNowAndThen(): void {
    const nowMs = performance.now();
    if (this.sweeping !== undefined || nowMs - this.sweptAtMs < SWEEP_EVERY_MS) return;
    this.sweptAtMs = nowMs;
    this.sweeping = this.sweep()
      .catch((error: unknown) => this.logger.warn('Files of imports that are over could not be deleted', { error }))
      .finally(() => (this.sweeping = undefined));
  }

  private async sweep(): Promise<void> {
    for (const id of await this.store.useless(this.config.imports.keepFailed, ABANDONED_MS)) {
      await this.spool.remove(id);
      await this.store.fileGone(id);
    }
  }
}
