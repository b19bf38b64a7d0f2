import { Inject, Injectable } from '@nestjs/common';
import { ingestError } from '../errors/ingest.errors.js';
import { loggerOf } from '../observability/component-logger.js';
import { type FoundKey, type StreamRecord, StreamStore } from '../persistence/streams/stream-store.js';
import {
  FailureLimit,
  type EpochHandle,
  type Logger,
  type PublishAttempt,
  type PublishGate,
  type PublishGrant,
  type RefusedAttempt,
} from '../plugin-api/index.js';
import { within } from '../runtime/within.js';
import type { EpochOpener } from './epoch-opener.js';
import { KnownKeys } from './known-keys.js';
import { publishPolicyOf } from './publish-policy.js';
import { type Bar, PublisherPlaces, type StreamPublisher } from './publisher-places.js';
import { RefusedPublishers, type RefusedPublisher } from './refused-publishers.js';
import { StreamContext } from './stream-context.js';
import { StreamOwnership } from './stream-ownership.js';
import { mayRunOn } from './stream-plan.js';
import { StreamStates } from './stream-states.js';

interface Published {
  readonly streamId: string;
  /** Null: of someone who is signed in, and brought none. */
  readonly keyId: string | null;
  readonly address: string;
  readonly epoch: EpochHandle;
}

/**
 * Nest token of what returns the {@link EpochOpener}, which needs the plugins, as they need the gate: it is there at the first
 * publisher.
 */
export const EPOCH_OPENER = Symbol.for('vedette.epoch-opener');

/** An attempt that not every stream is open to. */
export interface SelectiveAttempt extends PublishAttempt {
  /** @returns the code of a refusal */
  readonly accepts?: (stream: StreamRecord) => string | undefined;
}

/** Keys are 160 random bits in text; anything much longer is not one. */
const KEY = /^[\x21-\x7e]{8,256}$/;

/** How long a stream stays with this node after its publisher left: encoders come back. */
const LINGER_MS = 30_000;
const KNOWN_KEY_PATIENCE_MS = 2000;

const FAULTS = {
  revoked: 'VD_INGEST_KEY_REVOKED',
  expired: 'VD_INGEST_KEY_EXPIRED',
  disabled: 'VD_INGEST_STREAM_DISABLED',
} as const;

/**
 * Admits publishers by stream key, and ends what they publish when the permission goes. A publisher brings its stream to this
 * node; where another publisher has it, here or on another node, the stream's policy decides.
 */
@Injectable()
export class StreamPublishGate implements PublishGate {
  private readonly published = new Set<Published>();
  private readonly places: PublisherPlaces;
  private readonly keys = new KnownKeys();
  /** By stream: when a publisher was last seen of a stream that was brought here. */
  private readonly seenAtMs = new Map<string, number>();

  constructor(
    private readonly store: StreamStore,
    private readonly ownership: StreamOwnership,
    states: StreamStates,
    private readonly failures: FailureLimit,
    private readonly refusals: RefusedPublishers,
    @Inject(EPOCH_OPENER) private readonly opener: () => EpochOpener,
    @Inject(loggerOf('publish-gate')) private readonly logger: Logger,
  ) {
    this.places = new PublisherPlaces(states, logger);
  }

  async authorise(key: string, remote: string, attempt: SelectiveAttempt = {}): Promise<PublishGrant | { readonly refused: string }> {
    const failure = this.failures.attempt(remote);
    const { ownership, logger } = this;
    const refuse = (bar: Bar, more: Partial<RefusedPublisher> = {}) => this.refuse({ ...bar, ...more, remote, app: attempt.app });
    let found: FoundKey | null;
    try {
      found = KEY.test(key) ? await this.find(key) : null;
      if (found === null) return refuse({ code: failure.exceeded ? 'VD_INGEST_RATE_LIMITED' : 'VD_INGEST_KEY_UNKNOWN' }, { key });
      const { stream, fault } = found;
      if (fault === null) failure.succeeded();
      const bar = this.bar(found, remote, attempt) ?? (await this.barElsewhere(stream, attempt));
      if (bar !== undefined) return refuse(bar, { streamId: stream.id });
      const taken = await ownership.takeOver(stream.id, stream.node !== null);
      if (taken === null) return { refused: 'VD_INGEST_UNAVAILABLE' };
      if (taken.from !== null) this.places.tookFrom(stream, taken.from, remote);
      this.keys.remember(key, found);
    } catch (error) {
      failure.succeeded(); // what could not be looked up is no failure of the publisher's
      // A stream that this node has may come back while nothing can be asked: nobody else has it meanwhile.
      const known = this.keys.get(key);
      if (known === null || !ownership.holds(known.stream.id)) {
        logger.warn('A stream key could not be looked up', { remote, error });
        return { refused: 'VD_INGEST_UNAVAILABLE' };
      }
      logger.warn('A publisher is let in again by a key that cannot be looked up now', { streamId: known.stream.id, remote, error });
      found = known;
    }
    // Another one may have come meanwhile; from here on nothing is waited for.
    const bar = this.bar(found, remote, attempt);
    if (bar !== undefined) return refuse(bar, { streamId: found.stream.id });
    return { context: this.admit(found, remote) };
  }

  /** Admits someone whom an API role knows, and who may publish to any stream. */
  async admitSignedIn(streamId: string, remote: string, attempt: SelectiveAttempt): Promise<PublishGrant | { readonly refused: string }> {
    const { store, ownership, logger } = this;
    const refuse = (bar: Bar) => this.refuse({ ...bar, streamId, remote });
    try {
      const stream = await store.get(streamId);
      if (stream === null || !stream.enabled) return refuse({ code: 'VD_INGEST_STREAM_DISABLED' });
      const found = { stream, keyId: null, fault: null };
      const bar = this.bar(found, remote, attempt) ?? (await this.barElsewhere(stream, attempt));
      if (bar !== undefined) return refuse(bar);
      const taken = await ownership.takeOver(stream.id, stream.node !== null);
      if (taken === null) return { refused: 'VD_INGEST_UNAVAILABLE' };
      if (taken.from !== null) this.places.tookFrom(stream, taken.from, remote);
      const late = this.bar(found, remote, attempt);
      return late === undefined ? { context: this.admit(found, remote) } : refuse(late);
    } catch (error) {
      logger.warn('A stream could not be looked up for its publisher', { streamId, remote, error });
      return { refused: 'VD_INGEST_UNAVAILABLE' };
    }
  }

  refused(remote: string, code: string, about: RefusedAttempt = {}): void {
    this.refuse({ ...about, remote, code });
  }

  /** The stream is another node's by now: ends what is published to it here, and opens nothing more for who published. */
  lost(streamId: string): void {
    this.places.forget(streamId);
    this.seenAtMs.delete(streamId);
    for (const { streamId: id, epoch } of this.published) if (id === streamId) void epoch.end('superseded');
  }

  /** Gives back the streams whose publishers have not come back, and says no more of fights that are over. */
  async releaseIdle(nowMs = performance.now()): Promise<void> {
    this.places.tellPeace();
    for (const [streamId, seenAtMs] of this.seenAtMs) {
      if ([...this.published].some((published) => published.streamId === streamId)) this.seenAtMs.set(streamId, nowMs);
      else if (nowMs - seenAtMs > LINGER_MS) {
        this.seenAtMs.delete(streamId);
        await this.ownership.release(streamId);
      }
    }
  }

  /** Ends what is published to a stream, or to all, without permission any more. */
  async recheck(streamId?: string): Promise<void> {
    const affected = [...this.published].filter((published) => streamId === undefined || published.streamId === streamId);
    await Promise.all(
      affected.map(async ({ streamId: id, keyId, address, epoch }) => {
        const withdrawn = await this.withdrawn(id, keyId, address);
        if (withdrawn === null) return;
        if (keyId !== null) this.keys.forget(keyId);
        await epoch.end(withdrawn);
      }),
    );
  }

  /** A publisher that would be let in again without an answer does not wait long for one. */
  private find(key: string): ReturnType<StreamStore['findByKey']> {
    const { store, ownership } = this;
    const known = this.keys.get(key);
    const asked = store.findByKey(key);
    if (known === null || !ownership.holds(known.stream.id)) return asked;
    return within(KNOWN_KEY_PATIENCE_MS, asked, () => new Error('the database does not answer'));
  }

  /** Why the owner of a key may not publish from there, or not now. */
  private bar({ stream, fault }: Pick<FoundKey, 'stream' | 'fault'>, remote: string, attempt: SelectiveAttempt): Bar | undefined {
    if (fault !== null) return { code: FAULTS[fault] };
    const code = attempt.accepts?.(stream);
    if (code !== undefined) return { code };
    if (!mayRunOn(stream, this.ownership.node.name)) return { code: 'VD_INGEST_PINNED_ELSEWHERE' };
    const { networks, takeover = attempt.takeover ?? false } = publishPolicyOf(stream.sourceConfig);
    return networks.has(remote) ? this.places.bar(stream.id, takeover) : { code: 'VD_INGEST_NETWORK_REFUSED' };
  }

  /** The same for a stream that is published to another node. */
  private async barElsewhere(stream: StreamRecord, attempt: PublishAttempt): Promise<Bar | undefined> {
    if (publishPolicyOf(stream.sourceConfig).takeover ?? attempt.takeover ?? false) return undefined;
    const rival = await this.ownership.recordedBy(stream);
    if (rival === null) return undefined;
    return { code: 'VD_INGEST_STREAM_BUSY', reason: `Another encoder publishes to the stream already, to the ingest node "${rival}"` };
  }

  private refuse(refused: RefusedPublisher): { readonly refused: string } {
    this.refusals.add(refused);
    return { refused: refused.code };
  }

  private admit({ stream, keyId }: { readonly stream: StreamRecord; readonly keyId: string | null }, remote: string): StreamContext {
    const { places, ownership, logger } = this;
    const publisher = places.take(stream, remote);
    const { address } = publisher;
    this.seenAtMs.set(stream.id, performance.now());
    if (keyId !== null) this.noteUse(stream.id, keyId, address);
    return new StreamContext(stream, {
      opener: this.opener(),
      states: { report: (_streamId, state, detail) => places.report(publisher, state, detail) },
      logger,
      current: () => places.isLatest(publisher),
      permit: async () => {
        await this.permit(stream.id, keyId, address);
        if (!places.has(stream.id) || !ownership.has(stream.id))
          throw ingestError('VD_INGEST_TAKEN_OVER', `stream ${stream.id} is another ingest node's now`);
      },
      opened: (epoch) => this.track({ streamId: stream.id, keyId, address, epoch }, publisher),
      openedInVain: () => publisher.opensInVain(),
    });
  }

  private noteUse(streamId: string, keyId: string, address: string): void {
    this.store
      .keyUsed(keyId, address)
      .catch((error: unknown) => this.logger.warn('The use of a stream key could not be written down', { streamId, keyId, error }));
  }

  private async permit(streamId: string, keyId: string | null, address: string): Promise<void> {
    let withdrawn: string | null;
    try {
      withdrawn = await this.withdrawn(streamId, keyId, address);
    } catch (error) {
      // The key was valid when the publisher came. A database that is away costs no media; `recheck` makes up for it.
      this.logger.warn('The permission to publish could not be checked again', { streamId, error });
      return;
    }
    if (withdrawn !== null) throw ingestError('VD_INGEST_GRANT_WITHDRAWN', `stream ${streamId}: ${withdrawn}`);
  }

  private async withdrawn(streamId: string, keyId: string | null, address: string): Promise<string | null> {
    const { store } = this;
    const stream = await store.get(streamId);
    if (stream === null) return 'stream-removed';
    if (!stream.enabled) return 'stream-disabled';
    if (!mayRunOn(stream, this.ownership.node.name)) return 'stream-moved';
    if (!publishPolicyOf(stream.sourceConfig).networks.has(address)) return 'network-refused';
    if (keyId === null) return null; // the API role ends what it let through
    const key = (await store.listKeys(streamId)).find((candidate) => candidate.keyId === keyId);
    if (key === undefined || key.revokedAtMs !== null) return 'key-revoked';
    return key.expiresAtMs !== null && key.expiresAtMs <= Date.now() ? 'key-expired' : null;
  }

  private track(published: Published, publisher: StreamPublisher): void {
    this.published.add(published);
    publisher.opened(published.epoch);
    void published.epoch.done.then(() => this.published.delete(published));
    // Whatever changed between the check and now is seen here.
    this.recheck(published.streamId).catch((error: unknown) =>
      this.logger.warn('The permission to publish could not be checked again', { streamId: published.streamId, error }),
    );
  }
}
