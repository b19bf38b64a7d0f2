import { endOrphanedPackagers } from '../media/packaging/orphans.js';
import type { SegmentWatcher } from '../media/watcher/segment-watcher.js';
import type { IngestLedger } from '../persistence/ledger/ingest-ledger.js';
import type { StreamStore } from '../persistence/streams/stream-store.js';
import type { Logger } from '../plugin-api/index.js';
import type { EpochOpener } from './epoch-opener.js';
import type { StreamPublishGate } from './publish-gate.js';
import type { SourceSupervisor } from './source-supervisor.js';
import type { OwnershipListener, StreamOwnership } from './stream-ownership.js';
import type { StreamStates } from './stream-states.js';
import { closeToOthers } from '../runtime/file-modes.js';

export interface IngestRoleParts {
  readonly mediaDir: string;
  readonly reconcileIntervalMs: number;
  readonly store: StreamStore;
  readonly ledger: IngestLedger;
  readonly ownership: StreamOwnership;
  readonly watcher: SegmentWatcher;
  readonly opener: EpochOpener;
  readonly gate: StreamPublishGate;
  readonly supervisor: SourceSupervisor;
  readonly states: StreamStates;
  readonly logger: Logger;
  /** Another process has this media folder by now: this one cannot go on. */
  readonly displaced: (error: Error) => void;
}

/** From the last word to the tail segments in the ledger. */
const END_EPOCHS_MS = 6000;
const FLUSH_STATES_MS = 1000;
const LEAVE_MS = 1000;

/** Starts and stops the ingest role's parts in their order. */
export class IngestRole {
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: IngestRoleParts) {}

  /** @throws VD_INGEST_NODE_TAKEN when another process runs with this media folder: nothing of its is touched */
  async start(): Promise<void> {
    const { mediaDir, reconcileIntervalMs, store, ownership, watcher, supervisor, logger } = this.parts;
    await ownership.start(this.#ownershipListener());
    await closeToOthers(mediaDir);
    // Where processes cannot be listed (a hardened /proc) an orphan ends with its input; nobody waits for it to be found.
    await endOrphanedPackagers(mediaDir, logger).catch((error: unknown) =>
      logger.warn('Whether an earlier run left ffmpeg processes behind cannot be seen', { error }),
    );
    watcher.start();
    this.#unsubscribe = store.onChange(({ streamId }) => this.#follow(streamId));
    // A notification may be lost with its connection: look again from time to time.
    this.#timer = setInterval(() => this.#follow(undefined), reconcileIntervalMs);
    supervisor.start();
  }

  /** Ends every epoch, its tail segment registered; within 10 s. */
  async stop(): Promise<void> {
    const { supervisor, opener, watcher, states, ownership } = this.parts;
    this.#unsubscribe?.();
    clearInterval(this.#timer);
    await Promise.all([supervisor.stop('shutdown'), opener.close(END_EPOCHS_MS)]);
    await watcher.stop();
    const timer = setTimeout(() => states.stop(), FLUSH_STATES_MS);
    await states.flushed();
    clearTimeout(timer);
    states.stop();
    await ownership.stop(LEAVE_MS);
  }

  #ownershipListener(): OwnershipListener {
    const { gate, supervisor, ledger, opener, logger, displaced } = this.parts;
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
        void this.stop().finally(() => displaced(error));
      },
    };
  }

  #follow(streamId: string | undefined): void {
    const { gate, supervisor, ownership, logger } = this.parts;
    if (streamId === undefined || ownership.has(streamId)) void ownership.check();
    void supervisor.sync();
    if (streamId === undefined) gate.releaseIdle().catch((error: unknown) => logger.warn('Streams could not be given back', { error }));
    gate
      .recheck(streamId)
      .catch((error: unknown) => logger.warn('The permission to publish could not be checked again', { streamId, error }));
  }
}
