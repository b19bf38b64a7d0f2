import { Inject, Injectable } from '@nestjs/common';
import { endOrphanedPackagers } from '../media/packaging/orphans.js';
import { SegmentWatcher } from '../media/watcher/segment-watcher.js';
import { loggerOf } from '../observability/component-logger.js';
import { IngestLedger } from '../persistence/ledger/ingest-ledger.js';
import { StreamStore } from '../persistence/streams/stream-store.js';
import type { Logger } from '../plugin-api/index.js';
import { EpochOpener } from './epoch-opener.js';
import { DeclaredStreams } from './declared-streams.js';
import { StreamPublishGate } from './publish-gate.js';
import { SourceSupervisor } from './source-supervisor.js';
import { type OwnershipListener, StreamOwnership } from './stream-ownership.js';
import { StreamStates } from './stream-states.js';
import { closeToOthers } from '../runtime/file-modes.js';

/** Nest token of {@link IngestOptions}. */
export const INGEST_OPTIONS = Symbol.for('vedette.ingest-options');

export interface IngestOptions {
  readonly mediaDir: string;
  readonly reconcileIntervalMs: number;
  /** Another process has this media folder by now: this one cannot go on. */
  readonly displaced: (error: Error) => void;
}

/** From the last word to the tail segments in the ledger. */
const END_EPOCHS_MS = 6000;
const FLUSH_STATES_MS = 1000;
const LEAVE_MS = 1000;

/** Starts and stops the ingest role's parts in their order. */
@Injectable()
export class IngestRole {
  private unsubscribe: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(INGEST_OPTIONS) private readonly options: IngestOptions,
    private readonly store: StreamStore,
    private readonly ledger: IngestLedger,
    private readonly ownership: StreamOwnership,
    private readonly watcher: SegmentWatcher,
    private readonly opener: EpochOpener,
    private readonly gate: StreamPublishGate,
    private readonly supervisor: SourceSupervisor,
    private readonly states: StreamStates,
    private readonly declared: DeclaredStreams,
    @Inject(loggerOf('ingest')) private readonly logger: Logger,
  ) {}

  /** @throws VD_INGEST_NODE_TAKEN when another process runs with this media folder: nothing of its is touched */
  async start(): Promise<void> {
    const { store, ownership, watcher, supervisor, logger } = this;
    const { mediaDir, reconcileIntervalMs } = this.options;
    await ownership.start(this.ownershipListener());
    await closeToOthers(mediaDir);
    // Where processes cannot be listed (a hardened /proc) an orphan ends with its input; nobody waits for it to be found.
    await endOrphanedPackagers(mediaDir, logger).catch((error: unknown) =>
      logger.warn('Whether an earlier run left ffmpeg processes behind cannot be seen', { error }),
    );
    watcher.start();
    await this.declared.start();
    this.unsubscribe = store.onChange(({ streamId }) => this.follow(streamId));
    // A notification may be lost with its connection: look again from time to time.
    this.timer = setInterval(() => this.follow(undefined), reconcileIntervalMs);
    supervisor.start();
  }

  /** Ends every epoch, its tail segment registered; within 10 s. */
  async stop(): Promise<void> {
    const { supervisor, opener, watcher, states, ownership } = this;
    this.unsubscribe?.();
    clearInterval(this.timer);
    await Promise.all([supervisor.stop('shutdown'), opener.close(END_EPOCHS_MS)]);
    await watcher.stop();
    const timer = setTimeout(() => states.stop(), FLUSH_STATES_MS);
    await states.flushed();
    clearTimeout(timer);
    states.stop();
    await ownership.stop(LEAVE_MS);
  }

  private ownershipListener(): OwnershipListener {
    const { gate, supervisor, ledger, opener, logger } = this;
    return {
      lost: (streamId, why) => {
        supervisor.lost(streamId, why);
        if (why === 'superseded') gate.lost(streamId);
      },
      regained: () => {
        supervisor.repeatStates();
        void supervisor.sync();
        const isClosed = async (epochId: string) => (await ledger.epoch(epochId))?.state === 'closed';
        opener
          .endClosed(isClosed)
          .catch((error: unknown) => logger.warn('What became of the open epochs could not be looked up', { error }));
      },
      nodesChanged: () => void supervisor.sync(),
      displaced: (error) => {
        logger.error('This ingest ends', { error });
        void this.stop().finally(() => this.options.displaced(error));
      },
    };
  }

  private follow(streamId: string | undefined): void {
    const { gate, supervisor, ownership, logger } = this;
    if (streamId === undefined || ownership.has(streamId)) void ownership.check();
    void supervisor.sync();
    if (streamId === undefined)
      this.declared.follow().catch((error: unknown) => logger.warn('The config file cannot be followed', { error }));
    if (streamId === undefined) gate.releaseIdle().catch((error: unknown) => logger.warn('Streams could not be given back', { error }));
    gate
      .recheck(streamId)
      .catch((error: unknown) => logger.warn('The permission to publish could not be checked again', { streamId, error }));
  }
}
