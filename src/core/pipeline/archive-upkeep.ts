import { Inject, Injectable } from '@nestjs/common';
import { MINUTE_MS, type Logger } from '../plugin-api/index.js';
import { loggerOf } from '../observability/component-logger.js';
import { ThrottledWarnings } from '../observability/throttled-warnings.js';
import { LedgerArchiver } from '../persistence/archive/ledger-archiver.js';
import { TimelineHours } from '../persistence/timeline/timeline-hours.js';

const EVERY_MS = 2 * MINUTE_MS;
/** After an upgrade the first packing goes on for long: that is worth a line. */
const MANY_ROWS = 1_000_000;

/**
 * Packs what of the ledger is over, and adds up its hours, every few minutes. Any number of workers may do it. What is not packed stays
 * as it is and is packed later; what is not added up is looked into.
 */
@Injectable()
export class ArchiveUpkeep {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private readonly stopping = new AbortController();

  constructor(
    private readonly archiver: LedgerArchiver,
    private readonly hours: TimelineHours,
    private readonly warnings: ThrottledWarnings,
    @Inject(loggerOf('pipeline')) private readonly logger: Logger,
  ) {}

  start(): void {
    // A little jitter keeps many workers from asking all at once.
    this.timer = setTimeout(
      () => {
        this.running = Promise.all([this.pack(), this.addUp()]).then(() => {
          if (!this.stopping.signal.aborted) this.start();
        });
      },
      EVERY_MS * (0.9 + Math.random() * 0.2),
    );
  }

  /** Ends between two of its transactions. */
  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.timer);
    await this.running;
  }

  private async pack(): Promise<void> {
    try {
      const { rows, blocks } = await this.archiver.pack(this.stopping.signal);
      if (rows >= MANY_ROWS) this.logger.info(`Packed ${rows} rows of the ledger into ${blocks} blocks`, { rows, blocks });
    } catch (error) {
      this.warnings.warn('Packing the ledger', error);
    }
  }

  private async addUp(): Promise<void> {
    try {
      // What is left over (there is much after an upgrade) comes next time: packing does not wait for it.
      await this.hours.refresh(AbortSignal.any([this.stopping.signal, AbortSignal.timeout(EVERY_MS)]));
    } catch (error) {
      this.warnings.warn('Adding up hours of the ledger', error);
    }
  }
}
