import { ingestError } from '../errors/ingest.errors.js';
import { retryUntilDone } from '../media/watcher/retry.js';
import type { StreamRecord, StreamStore } from '../persistence/ledger/ingest-ledger.js';
import type { Logger } from '../plugin-api/index.js';
import type { PluginRegistry } from '../plugin-host/plugin-registry.js';
import type { EpochOpener } from './epoch-opener.js';
import { StreamContext } from './stream-context.js';
import type { StreamStates } from './stream-states.js';
import { SupervisedSource, type SourceTimings } from './supervised-source.js';

export interface SourceSupervisorServices {
  readonly registry: PluginRegistry;
  readonly store: StreamStore;
  readonly opener: EpochOpener;
  readonly states: StreamStates;
  readonly logger: Logger;
  readonly timings?: Partial<SourceTimings>;
}

interface Supervised {
  readonly source: SupervisedSource | undefined;
  /** What it was started with: another text means another source. */
  readonly fingerprint: string;
}

/**
 * Runs what the streams table asks for: one source per enabled stream of a `stream` adapter, every `listener` once. Follows
 * the table as it changes.
 */
export class SourceSupervisor {
  readonly #listeners: SupervisedSource[] = [];
  readonly #streams = new Map<string, Supervised>();
  readonly #stop = new AbortController();
  #dirty = false;
  #syncing: Promise<void> | undefined;

  constructor(private readonly services: SourceSupervisorServices) {}

  start(): void {
    for (const { definition, config } of this.services.registry.sources) {
      if (definition.kind !== 'listener') continue;
      const listener = new SupervisedSource({
        name: definition.id,
        adapter: () => this.services.registry.createSource(definition.id),
        config,
        context: () => undefined,
        report: (state, detail) => this.services.logger.info('Listener', { source: definition.id, state, detail }),
        endEpochs: () => Promise.resolve(), // a listener's epochs end with their publishers
        logger: this.services.logger,
        timings: this.services.timings,
      });
      listener.start();
      this.#listeners.push(listener);
    }
    void this.sync();
  }

  /** Brings what runs in line with the table; calls while it does are put together into one. Never rejects. */
  sync(): Promise<void> {
    this.#dirty = true;
    this.#syncing ??= this.#syncAll()
      .catch((error: unknown) => {
        if (!this.#stop.signal.aborted) this.services.logger.error('Bringing the sources in line failed', { error });
      })
      .finally(() => (this.#syncing = undefined));
    return this.#syncing;
  }

  /** Stops every source and listener. */
  async stop(reason: string): Promise<void> {
    this.#stop.abort(new Error(reason));
    await this.#syncing;
    const streams = [...this.#streams.values()].flatMap(({ source }) => source ?? []);
    await Promise.all([...this.#listeners, ...streams].map((source) => source.stop(reason)));
  }

  async #syncAll(): Promise<void> {
    const { store, logger, states } = this.services;
    while (this.#dirty) {
      this.#dirty = false;
      const streams = await retryUntilDone(() => store.list(), { what: 'Reading the streams', logger, signal: this.#stop.signal });
      const present = new Set(streams.map(({ id }) => id));
      for (const id of [...this.#streams.keys()].filter((known) => !present.has(known))) {
        await this.#end(id, 'stream-removed');
        states.forget(id);
      }
      for (const stream of streams) {
        const fingerprint = JSON.stringify([stream.enabled, stream.adapterId, stream.sourceConfig]);
        if (this.#streams.get(stream.id)?.fingerprint === fingerprint) continue;
        await this.#end(stream.id, stream.enabled ? 'source-changed' : 'stream-disabled');
        if (this.#stop.signal.aborted) return;
        this.#streams.set(stream.id, { source: this.#begin(stream), fingerprint });
      }
    }
  }

  async #end(streamId: string, reason: string): Promise<void> {
    const known = this.#streams.get(streamId);
    this.#streams.delete(streamId);
    await known?.source?.stop(reason);
  }

  /** @returns the running source, or undefined where there is nothing to run */
  #begin(stream: StreamRecord): SupervisedSource | undefined {
    const { registry, opener, states, logger, timings } = this.services;
    if (!stream.enabled) {
      states.report(stream.id, 'stopped', 'The stream is disabled');
      return undefined;
    }
    const registered = registry.sources.find(({ definition }) => definition.id === stream.adapterId);
    if (registered === undefined) {
      return this.#fail(stream, ingestError('VD_INGEST_ADAPTER_UNKNOWN', `no enabled plugin has a source "${stream.adapterId}"`));
    }
    if (registered.definition.kind === 'listener') {
      // What an earlier run said of a publisher is past; one that is publishing now has said so to this run.
      if (opener.of(stream.id).length === 0) states.report(stream.id, 'pending', 'Waiting for a publisher');
      return undefined;
    }
    const config = registered.definition.config.safeParse(stream.sourceConfig);
    if (!config.success) {
      const issues = config.error.issues.map((issue) => `${issue.path.join('.') || 'config'}: ${issue.message}`).join('; ');
      return this.#fail(stream, ingestError('VD_INGEST_CONFIG_INVALID', issues));
    }
    let latest: object | undefined;
    const source = new SupervisedSource({
      name: stream.name,
      adapter: () => registry.createSource(stream.adapterId),
      config: config.data,
      context: () => {
        const context: StreamContext = new StreamContext(stream, { opener, states, logger, current: () => latest === context });
        latest = context;
        return context;
      },
      report: (state, detail) => states.report(stream.id, state, detail),
      endEpochs: async (reason) => {
        latest = undefined;
        await Promise.all(opener.of(stream.id).map((epoch) => epoch.end(reason)));
      },
      logger,
      timings,
    });
    source.start();
    return source;
  }

  #fail(stream: StreamRecord, error: Error & { code: string; fix?: string }): undefined {
    this.services.logger.warn('A stream cannot be started', { streamId: stream.id, stream: stream.name, error });
    this.services.states.report(stream.id, 'failed', `${error.code}: ${error.message}. ${error.fix ?? ''}`.trim());
    return undefined;
  }
}
