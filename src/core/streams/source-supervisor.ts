import { Inject, Injectable } from '@nestjs/common';
import { loggerOf } from '../observability/component-logger.js';
import { retryUntilDone } from '../runtime/retry-until-done.js';
import { IngestLedger } from '../persistence/ledger/ingest-ledger.js';
import { type StreamRecord, StreamStore } from '../persistence/streams/stream-store.js';
import { ingestError } from '../errors/ingest.errors.js';
import { StreamOwners } from '../persistence/ownership/stream-owners.js';
import type { Logger, SourceState } from '../plugin-api/index.js';
import { PluginRegistry } from '../plugin-host/plugin-registry.js';
import { EpochOpener } from './epoch-opener.js';
import { StreamContext } from './stream-context.js';
import { StreamOwnership } from './stream-ownership.js';
import { type NodesView, planOf, type StreamPlan } from './stream-plan.js';
import { StreamStates } from './stream-states.js';
import { SOURCE_TIMINGS, SupervisedSource, type SourceTimings } from './supervised-source.js';

/** As the process tells it with its heartbeat. */
export interface ListenerState {
  /** Of the source adapter. */
  readonly id: string;
  readonly state: SourceState;
  readonly detail: string | null;
}

interface Candidate {
  readonly stream: StreamRecord;
  readonly config: unknown;
  readonly fingerprint: string;
}

/** A node waits this long for each stream it has before it takes another: the one with the fewest is first. */
const SPREAD_MS = 100;
const MAX_SPREAD_MS = 5000;

interface Supervised {
  readonly source: SupervisedSource;
  /** What it was started with: another text means another source. */
  readonly fingerprint: string;
}

/**
 * Runs what the streams table asks for: every `listener` once, and of the sources of `stream` adapters those that this node has.
 * Follows the table, and the other nodes, as they change.
 */
@Injectable()
export class SourceSupervisor {
  private readonly listeners: SupervisedSource[] = [];
  private readonly listenerStates = new Map<string, ListenerState>();
  private readonly streams = new Map<string, Supervised>();
  /** Sources that were told to stop: a stream's next one waits for it. */
  private readonly stopping = new Map<string, Promise<void>>();
  /** By stream: what was said of its state here last, apart from what its source says. */
  private readonly told = new Map<string, string>();
  private readonly stopSignal = new AbortController();
  private dirty = false;
  private syncing: Promise<void> | undefined;
  /** Runs until this node may take one more of the streams that nobody has. */
  private spread: NodeJS.Timeout | undefined;
  private mayTakeOne = false;

  constructor(
    private readonly registry: PluginRegistry,
    private readonly store: StreamStore,
    private readonly ledger: IngestLedger,
    private readonly owners: StreamOwners,
    private readonly ownership: StreamOwnership,
    private readonly opener: EpochOpener,
    private readonly states: StreamStates,
    @Inject(SOURCE_TIMINGS) private readonly timings: SourceTimings,
    @Inject(loggerOf('sources')) private readonly logger: Logger,
  ) {}

  start(): void {
    for (const { definition, config } of this.registry.sources) {
      if (definition.kind !== 'listener') continue;
      const report = (state: SourceState, detail?: string): void => {
        this.listenerStates.set(definition.id, { id: definition.id, state, detail: detail ?? null });
        this.logger.info('Listener', { source: definition.id, state, detail });
      };
      const listener = new SupervisedSource({
        name: definition.id,
        adapter: () => this.registry.createSource(definition.id),
        config,
        context: () => undefined,
        report,
        opened: () => report('live'),
        endEpochs: () => Promise.resolve(), // a listener's epochs end with their publishers
        logger: this.logger,
        timings: this.timings,
      });
      listener.start();
      this.listeners.push(listener);
    }
    void this.sync();
  }

  /** How the listeners of this process are. */
  get listenersNow(): ListenerState[] {
    return [...this.listenerStates.values()];
  }

  /** Brings what runs in line with the table; calls while it does are put together into one. Never rejects. */
  sync(): Promise<void> {
    this.dirty = true;
    this.syncing ??= this.syncAll()
      .catch((error: unknown) => {
        if (!this.stopSignal.signal.aborted) this.logger.error('Bringing the sources in line failed', { error });
      })
      .finally(() => (this.syncing = undefined));
    return this.syncing;
  }

  /** The stream is no longer this node's: ends its source. */
  lost(streamId: string, why: 'superseded' | 'lease-lost'): void {
    // A publisher that is connected here goes on until another node has it.
    if (why === 'lease-lost' && !this.streams.has(streamId)) return;
    this.told.delete(streamId);
    this.states.forget(streamId);
    void this.end(streamId, why).then(() => this.sync());
  }

  /** This node was taken for dead, and others may have spoken for it: says once more how its streams are. */
  repeatStates(): void {
    this.told.clear();
    this.states.repeat((streamId) => this.ownership.holds(streamId));
  }

  /** Stops every source and listener. */
  async stop(reason: string): Promise<void> {
    this.stopSignal.abort(new Error(reason));
    clearTimeout(this.spread);
    await this.syncing;
    const streams = [...this.streams.values()].map(({ source }) => source);
    await Promise.all([...[...this.listeners, ...streams].map((source) => source.stop(reason)), ...this.stopping.values()]);
  }

  private async syncAll(): Promise<void> {
    const { logger } = this;
    while (this.dirty && !this.stopSignal.signal.aborted) {
      this.dirty = false;
      const { streams, view } = await retryUntilDone(() => this.look(), {
        what: 'Reading the streams',
        logger,
        signal: this.stopSignal.signal,
      });
      const present = new Set(streams.map(({ id }) => id));
      for (const id of new Set([...this.streams.keys(), ...this.told.keys()])) {
        if (!present.has(id)) await this.forget(id);
      }
      await this.opener
        .forgetTaken(present)
        .catch((error: unknown) => logger.warn('What was taken of streams that are gone could not be forgotten', { error }));
      const candidates: Candidate[] = [];
      for (const stream of streams) {
        const candidate = await this.follow(stream, planOf(stream, this.registry, view));
        if (candidate !== undefined) candidates.push(candidate);
      }
      await retryUntilDone(() => this.take(candidates, view), { what: 'Taking streams', logger, signal: this.stopSignal.signal });
    }
  }

  private async look(): Promise<{ streams: StreamRecord[]; view: NodesView }> {
    const { store, owners, ownership, ledger, logger } = this;
    const { node, isSteady } = ownership;
    const [streams, nodes, owned] = await Promise.all([store.list(), owners.nodes(), owners.owners()]);
    if (isSteady && nodes.some(({ id, alive }) => !alive && id !== node.id)) {
      const closed = await ledger.closeLost(node.id);
      if (closed.length > 0) logger.warn('Closed what an ingest node left open that is gone', { epochIds: closed });
    }
    const byStream = new Map(owned.map((owner) => [owner.streamId, owner]));
    return { streams, view: { nodeId: node.id, nodeName: node.name, nodes, owners: byStream, isSteady } };
  }

  /** Ends and says what the plan asks for. @returns what is to be run here and does not */
  private async follow(stream: StreamRecord, plan: StreamPlan): Promise<Candidate | undefined> {
    const { ownership, opener } = this;
    ownership.setPinned(stream.id, stream.node !== null);
    const fingerprint = JSON.stringify([stream.adapterId, stream.sourceConfig]);
    const known = this.streams.get(stream.id);
    if (known !== undefined && (plan.kind !== 'run' || known.fingerprint !== fingerprint)) {
      await this.end(stream.id, plan.kind === 'rest' ? plan.why : 'source-changed');
      if (plan.kind !== 'run') await this.giveBack(stream.id);
    }
    // What an earlier run said of a publisher is past; one that is publishing now has said so to this run.
    if (plan.kind !== 'admit' || opener.of(stream.id).length === 0) this.tell(stream, plan);
    return plan.kind === 'run' && plan.isFree && !this.streams.has(stream.id) ? { stream, config: plan.config, fingerprint } : undefined;
  }

  private tell(stream: StreamRecord, plan: StreamPlan): void {
    const { states, logger } = this;
    const says = plan.kind === 'run' ? undefined : plan.says;
    const text = JSON.stringify([plan.kind, says?.state, says?.detail]);
    if (this.told.get(stream.id) === text) return;
    this.told.set(stream.id, text);
    if (says === undefined) return;
    if (says.error !== undefined)
      logger.warn('A stream cannot be started', { streamId: stream.id, stream: stream.name, error: says.error });
    // Another node may have said something else since this one said the same.
    states.forget(stream.id);
    states.report(stream.id, says.state, says.detail);
  }

  /** Takes what is free and runs it. Where there are other nodes, one at a time and the sooner the fewer this one has. */
  private async take(candidates: readonly Candidate[], view: NodesView): Promise<void> {
    const { ownership } = this;
    for (const candidate of candidates) {
      const { stream } = candidate;
      if (this.stopSignal.signal.aborted) return;
      if (this.streams.has(stream.id)) continue; // taken before what failed and is done again
      const isShared = !ownership.isAlone && stream.node === null && view.owners.get(stream.id)?.nodeId !== view.nodeId;
      if (isShared && !this.mayTakeOne) {
        this.spread ??= setTimeout(
          () => {
            this.spread = undefined;
            this.mayTakeOne = true;
            void this.sync();
          },
          Math.min(ownership.count * SPREAD_MS, MAX_SPREAD_MS),
        );
        continue;
      }
      if (!(await ownership.claim(stream.id, stream.node !== null))) continue;
      if (isShared) this.mayTakeOne = false;
      await this.stopping.get(stream.id);
      if (this.stopSignal.signal.aborted) return;
      this.streams.set(stream.id, { source: this.begin(candidate), fingerprint: candidate.fingerprint });
    }
    this.mayTakeOne = false;
  }

  private async forget(streamId: string): Promise<void> {
    await this.end(streamId, 'stream-removed');
    this.told.delete(streamId);
    this.states.forget(streamId);
    await this.giveBack(streamId);
  }

  /** What cannot be given back lapses. */
  private async giveBack(streamId: string): Promise<void> {
    await this.ownership
      .release(streamId)
      .catch((error: unknown) => this.logger.warn('A stream could not be given back', { streamId, error }));
  }

  private async end(streamId: string, reason: string): Promise<void> {
    const known = this.streams.get(streamId);
    if (known === undefined) return this.stopping.get(streamId);
    this.streams.delete(streamId);
    const stopping = known.source.stop(reason).finally(() => this.stopping.delete(streamId));
    this.stopping.set(streamId, stopping);
    await stopping;
  }

  private begin({ stream, config }: Candidate): SupervisedSource {
    const { registry, opener, states, ownership, logger, timings } = this;
    let latest: object | undefined;
    const source = new SupervisedSource({
      name: stream.name,
      adapter: () => registry.createSource(stream.adapterId),
      config,
      context: () => {
        const context: StreamContext = new StreamContext(stream, {
          opener,
          states,
          logger,
          current: () => latest === context,
          permit: async () => {
            if (!ownership.holds(stream.id)) throw ingestError('VD_INGEST_LEASE_LOST', `stream ${stream.id}`);
          },
        });
        latest = context;
        return context;
      },
      report: (state, detail) => states.report(stream.id, state, detail),
      endEpochs: async (reason) => {
        latest = undefined;
        await Promise.all(opener.of(stream.id).map((epoch) => epoch.letGo(reason)));
      },
      logger,
      timings,
    });
    source.start();
    return source;
  }
}
