import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { loggerOf } from '../observability/component-logger.js';
import { LiveMeasureStore } from '../persistence/streams/live-measure-store.js';
import type { Logger } from '../plugin-api/index.js';
import { EpochOpener } from './epoch-opener.js';

const PERIOD_MS = 2_000;

/**
 * Tells the database how the epochs go that are written here, as long as there are any. A report that cannot be written is not written
 * later: the next one says more.
 */
@Injectable()
export class LiveReporter implements OnApplicationBootstrap, OnModuleDestroy {
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;

  constructor(
    private readonly opener: EpochOpener,
    private readonly store: LiveMeasureStore,
    @Inject(loggerOf('streams')) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.report(), PERIOD_MS);
    this.timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
  }

  /** One statement at a time: a slow database is not given more to do. */
  private report(): void {
    this.writing ??= this.store
      .write(this.newestOfEach())
      .catch((error: unknown) => this.logger.debug('How the epochs go could not be told', { error }))
      .finally(() => (this.writing = undefined));
  }

  private newestOfEach() {
    return [...new Map(this.opener.reports().map((report) => [report.streamId, report])).values()];
  }
}
