import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { loggerOf } from '../observability/component-logger.js';
import { CodedError, type Logger } from '../plugin-api/index.js';
import type { StreamRecord } from '../persistence/streams/stream-store.js';
import { type Claim, type Holding, INGEST_NODE, type IngestNode, StreamOwners } from '../persistence/ownership/stream-owners.js';
import { MONOTONIC_CLOCK, type MonotonicClock } from '../runtime/clocks.js';
import { within } from '../runtime/within.js';

export interface OwnershipTimings {
  /** A node that has not renewed for this long is taken for dead. */
  readonly leaseMs: number;
  readonly renewMs: number;
  /** A publisher on one node cannot be superseded by one on another before it had the stream for this long. */
  readonly holdMs: number;
}

/** Nest token of {@link OwnershipTimings}. */
export const OWNERSHIP_TIMINGS = Symbol.for('vedette.ownership-timings');

export const DEFAULT_OWNERSHIP_TIMINGS: OwnershipTimings = { leaseMs: 10_000, renewMs: 2_500, holdMs: 3_000 };

/** Hears of what comes and goes without being asked for. */
export interface OwnershipListener {
  /** Another node has the stream, or may take it any moment: what runs here must end. */
  lost(streamId: string, why: 'superseded' | 'lease-lost'): void;
  /** The lease is good again after it had lapsed: others may have closed epochs that are still written here. */
  regained(): void;
  /** Nodes came or died, or those whose lease lapsed may be followed from now on. */
  nodesChanged(): void;
  /** Another process has this node's id. Nothing is held any more. */
  displaced(error: Error): void;
}

interface Held extends Holding {
  validUntilMs: number;
  /** The stream may not run on any other node. */
  pinned: boolean;
  /** It was told that the lease lapsed. */
  lapsed: boolean;
}

/** Of the lease: how much earlier than the database this node takes it for lapsed, so that what runs has ended by then. */
const MARGIN = 0.1;
/** Asked this often in vain for a stream that others take again and again. */
const TAKE_OVER_TRIES = 4;

/**
 * The streams this node has, by leases it renews. Knows by its own monotonic clock when it can no longer be sure of one:
 * counted from before the request that renewed it, so it is never later than the database.
 *
 * A node that was the only one, and a stream pinned to this node, go on while the database is away: nobody else would run them.
 */
@Injectable()
export class StreamOwnership {
  private readonly held = new Map<string, Held>();
  private listener: OwnershipListener | undefined;
  private timer: NodeJS.Timeout | undefined;
  private others: readonly string[] = [];
  private steadySinceMs: number | undefined;
  private wasSteady = false;
  private renewAtMs = 0;
  /** By then this node's own lease has lapsed. */
  private validUntilMs = 0;
  private renewing: Promise<void> | undefined;
  private again = false;

  constructor(
    private readonly owners: StreamOwners,
    @Inject(INGEST_NODE) readonly node: IngestNode,
    @Inject(OWNERSHIP_TIMINGS) readonly timings: OwnershipTimings,
    @Inject(MONOTONIC_CLOCK) private readonly nowMs: MonotonicClock,
    @Inject(loggerOf('ownership')) private readonly logger: Logger,
  ) {}

  /** @throws VD_INGEST_NODE_TAKEN */
  async start(listener: OwnershipListener): Promise<void> {
    this.listener = listener;
    const { owners, logger } = this;
    await owners.join(this.node, this.timings.leaseMs);
    this.steadySinceMs = this.nowMs();
    await this.renew();
    const namesakes = (await owners.nodes()).filter(
      ({ id, name, alive }) => alive && id !== this.node.id && sameName(name, this.node.name),
    );
    if (namesakes.length > 0)
      logger.warn('Another ingest node has the same name: streams pinned to it run on either. Set `ingest.node`', { name: this.node.name });
    this.timer = setInterval(() => void this.tick(), this.timings.renewMs / 5);
  }

  /** Gives everything back; not waited for when the database is away. */
  async stop(timeoutMs: number): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await within(timeoutMs, this.owners.leave(), () => new Error('the database does not answer')).catch((error: unknown) =>
      this.logger.warn('The streams could not be given back: others follow when the lease lapses', { error }),
    );
  }

  /** Whether the stream may run here now. */
  holds(streamId: string): boolean {
    const held = this.held.get(streamId);
    return held !== undefined && this.isGood(held);
  }

  /** Whether no other node is known to have the stream: the lease may have lapsed. */
  has(streamId: string): boolean {
    return this.held.has(streamId);
  }

  /** Told anew as streams change. */
  setPinned(streamId: string, pinned: boolean): void {
    const held = this.held.get(streamId);
    if (held !== undefined) held.pinned = pinned;
  }

  get count(): number {
    return this.held.size;
  }

  /** Whether another node is there to share with. */
  get isAlone(): boolean {
    return this.others.length === 0;
  }

  /**
   * Whether a lapsed lease of another node means that it is dead: the database must have been there long enough for every
   * living node to renew. Right after an outage all leases have lapsed.
   */
  get isSteady(): boolean {
    return this.steadySinceMs !== undefined && this.nowMs() - this.steadySinceMs >= this.timings.leaseMs;
  }

  /** The other living node that records the stream now; null: none, or this one has it. */
  async recordedBy({ id, state }: Pick<StreamRecord, 'id' | 'state'>): Promise<string | null> {
    return this.isAlone || this.has(id) || state !== 'live' ? null : this.owners.recordedBy(id);
  }

  /** Takes a stream that no living node has. */
  async claim(streamId: string, pinned: boolean): Promise<boolean> {
    return (await this.askFor(streamId, pinned, false)).fence !== null;
  }

  /**
   * Takes a stream for a publisher, from a living node too, but not within its hold time: two encoders that fight for a
   * stream change it every few seconds at the most, and the last one has it.
   * @returns null when it cannot be had, else the living node it was taken from
   */
  async takeOver(streamId: string, pinned: boolean): Promise<{ from: string | null } | null> {
    for (let tries = 0; tries < TAKE_OVER_TRIES; tries++) {
      const claim = await this.askFor(streamId, pinned, true);
      if (claim.fence !== null) return { from: claim.from };
      if (claim.holdLeftMs === undefined) return null;
      await delay(claim.holdLeftMs + 20);
    }
    return null;
  }

  /** Whether or not the database can be told: what is not renewed lapses. */
  async release(streamId: string): Promise<void> {
    const held = this.held.get(streamId);
    if (held === undefined) return;
    this.held.delete(streamId);
    await this.owners.release([held]);
  }

  /** Asks the database now whether what is held is held; calls while it does are put together. Never rejects. */
  check(): Promise<void> {
    this.again = true;
    this.renewing ??= this.renewAll().finally(() => (this.renewing = undefined));
    return this.renewing;
  }

  /** What the timer does. */
  tick(): Promise<void> {
    this.lookForLapsed();
    if (this.isSteady && !this.wasSteady) this.listener?.nodesChanged();
    this.wasSteady = this.isSteady;
    return this.nowMs() >= this.renewAtMs ? this.check() : Promise.resolve();
  }

  private async askFor(streamId: string, pinned: boolean, isTakeOver: boolean): Promise<Claim> {
    const { owners } = this;
    // The database gives no stream to a node whose own lease has lapsed.
    if (this.nowMs() >= this.validUntilMs) await this.check();
    const sentAtMs = this.nowMs();
    const known = this.held.get(streamId)?.fence;
    const claim = await owners.claim(streamId, {
      ...(known !== undefined && { known }),
      ...(isTakeOver && { takeOver: { holdMs: this.timings.holdMs } }),
    });
    if (claim.fence !== null)
      this.held.set(streamId, { streamId, fence: claim.fence, validUntilMs: this.validUntil(sentAtMs), pinned, lapsed: false });
    return claim;
  }

  private async renewAll(): Promise<void> {
    while (this.again) {
      this.again = false;
      try {
        await this.renew();
      } catch (error) {
        if (error instanceof CodedError && error.code === 'VD_INGEST_NODE_TAKEN') return this.displaced(error);
        this.steadySinceMs = undefined;
        if (this.timer !== undefined)
          this.logger.warn("The lease of this node's streams could not be renewed", { streams: this.held.size, error });
      }
    }
  }

  private async renew(): Promise<void> {
    const { owners } = this;
    const asked = [...this.held.values()];
    const sentAtMs = this.nowMs();
    this.renewAtMs = sentAtMs + this.timings.renewMs;
    const late = () => new Error('the database does not answer');
    const { held, lapsed, others } = await within(this.timings.renewMs, owners.renew(asked), late);
    this.validUntilMs = this.validUntil(sentAtMs);
    if (lapsed || this.steadySinceMs === undefined) this.steadySinceMs = this.nowMs();
    const still = new Set(held);
    for (const holding of asked) {
      // Taken anew, or given back, while this was under way.
      if (this.held.get(holding.streamId) !== holding) continue;
      if (still.has(holding.streamId)) {
        holding.validUntilMs = this.validUntil(sentAtMs);
        holding.lapsed = false;
      } else {
        this.held.delete(holding.streamId);
        this.logger.info('Another ingest node has taken a stream', { streamId: holding.streamId });
        this.listener?.lost(holding.streamId, 'superseded');
      }
    }
    const changed = others.join() !== this.others.join();
    this.others = others;
    if (lapsed) this.listener?.regained();
    if (changed) this.listener?.nodesChanged();
  }

  private lookForLapsed(): void {
    for (const held of this.held.values()) {
      if (held.lapsed || this.isGood(held)) continue;
      held.lapsed = true;
      this.logger.warn('The lease of a stream has lapsed: another ingest node may take it', { streamId: held.streamId });
      this.listener?.lost(held.streamId, 'lease-lost');
    }
  }

  private displaced(error: Error): void {
    clearInterval(this.timer);
    for (const streamId of this.held.keys()) this.listener?.lost(streamId, 'superseded');
    this.held.clear();
    this.listener?.displaced(error);
  }

  private isGood(held: Held): boolean {
    return held.pinned || this.isAlone || this.nowMs() < held.validUntilMs;
  }

  private validUntil(sentAtMs: number): number {
    return sentAtMs + this.timings.leaseMs * (1 - MARGIN);
  }
}

/** Names of nodes are host names: upper and lower case are one. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
