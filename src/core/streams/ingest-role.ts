import { endOrphanedPackagers } from '../media/packaging/orphans.js';
import type { SegmentWatcher } from '../media/watcher/segment-watcher.js';
import type { StreamStore } from '../persistence/ledger/ingest-ledger.js';
import type { Logger } from '../plugin-api/index.js';
import type { EpochOpener } from './epoch-opener.js';
import type { StreamPublishGate } from './publish-gate.js';
import type { SourceSupervisor } from './source-supervisor.js';
import type { StreamStates } from './stream-states.js';

export interface IngestRoleParts {
  readonly mediaDir: string;
  readonly reconcileIntervalMs: number;
  readonly store: StreamStore;
  readonly watcher: SegmentWatcher;
  readonly opener: EpochOpener;
  readonly gate: StreamPublishGate;
  readonly supervisor: SourceSupervisor;
  readonly states: StreamStates;
  readonly logger: Logger;
}

/** From the last word to the tail segments in the ledger. */
const END_EPOCHS_MS = 6000;
const FLUSH_STATES_MS = 1000;

/** Starts and stops the ingest role's parts in their order. */
export class IngestRole {
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly parts: IngestRoleParts) {}

  async start(): Promise<void> {
    const { mediaDir, reconcileIntervalMs, store, watcher, supervisor, logger } = this.parts;
    await endOrphanedPackagers(mediaDir, logger);
    watcher.start();
    this.#unsubscribe = store.onChange(({ streamId }) => this.#follow(streamId));
    // A notification may be lost with its connection: look again from time to time.
    this.#timer = setInterval(() => this.#follow(undefined), reconcileIntervalMs);
    supervisor.start();
  }

  /** Ends every epoch, its tail segment registered; within 10 s. */
  async stop(): Promise<void> {
    const { supervisor, opener, watcher, states } = this.parts;
    this.#unsubscribe?.();
    clearInterval(this.#timer);
    await Promise.all([supervisor.stop('shutdown'), opener.close(END_EPOCHS_MS)]);
    await watcher.stop();
    const timer = setTimeout(() => states.stop(), FLUSH_STATES_MS);
    await states.flushed();
    clearTimeout(timer);
    states.stop();
  }

  #follow(streamId: string | undefined): void {
    const { gate, supervisor, logger } = this.parts;
    void supervisor.sync();
    gate.recheck(streamId).catch((error: unknown) => logger.warn('The permission to publish could not be checked again', { streamId, error }));
  }
}
