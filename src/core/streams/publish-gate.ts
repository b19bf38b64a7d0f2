import { Inject, Injectable } from '@nestjs/common';
import { ingestError } from '../errors/ingest.errors.js';
import { loggerOf } from '../observability/component-logger.js';
import { RefusalRecord } from '../persistence/access/refusal-record.js';
import { type StreamRecord, StreamStore } from '../persistence/streams/stream-store.js';
import { FailureLimit, plainAddress, type EpochHandle, type Logger, type PublishGate, type PublishGrant } from '../plugin-api/index.js';
import { within } from '../runtime/within.js';
import type { EpochOpener } from './epoch-opener.js';
import { KnownKeys } from './known-keys.js';
import { StreamContext } from './stream-context.js';
import { StreamOwnership } from './stream-ownership.js';
import { mayRunOn } from './stream-plan.js';
import { TakeOverWatch } from './ownership-timeout.js';
import { StreamStates } from './stream-states.js';

interface Published {
  readonly streamId: string;
  /** Null: of someone who is signed in, and brought none. */
  readonly keyId: string | null;
  readonly epoch: EpochHandle;
}

/**
 * Nest token of what returns the {@link EpochOpener}, which needs the plugins, as they need the gate: it is there at the first
 * publisher.
 */
export const EPOCH_OPENER = Symbol.for('vedette.epoch-opener');

/** Keys are 160 random bits in text; anything much longer is not one. */
const KEY = /^[\x21-\x7e]{8,256}$/;

/** Asked of a stream before anything is taken from whoever has it. @returns the code of a refusal */
type Accepts = (stream: StreamRecord) => string | undefined;

/** How long a stream stays with this node after its publisher left: encoders come back. */
const LINGER_MS = 30_000;
const KNOWN_KEY_PATIENCE_MS = 2000;

/**
 * Admits publishers by stream key, and ends what they publish when the permission goes. A publisher brings its stream to this
 * node: from another one too, whose publisher is superseded as by any that comes later.
 */
@Injectable()
export class StreamPublishGate implements PublishGate {
  private readonly published = new Set<Published>();
  /** By stream: the publisher admitted last. It has the stream; what earlier ones report no longer counts. */
  private readonly latest = new Map<string, object>();
  private readonly keys = new KnownKeys();
  private readonly takeOvers = new TakeOverWatch();
  /** By stream: when a publisher was last seen of a stream that was brought here. */
  private readonly seenAtMs = new Map<string, number>();

  constructor(
    private readonly store: StreamStore,
    private readonly ownership: StreamOwnership,
    private readonly states: StreamStates,
    private readonly failures: FailureLimit,
    private readonly refusals: RefusalRecord,
    @Inject(EPOCH_OPENER) private readonly opener: () => EpochOpener,
    @Inject(loggerOf('publish-gate')) private readonly logger: Logger,
  ) {}

  async authorise(key: string, remote: string, accepts?: Accepts): Promise<PublishGrant | { readonly refused: string }> {
    const attempt = this.failures.attempt(remote);
    const { ownership, logger } = this;
    let found: Awaited<ReturnType<StreamStore['findByKey']>>;
    let contest: string | undefined;
    try {
      found = KEY.test(key) ? await this.find(key) : null;
      if (found === null || !found.stream.enabled) {
        return this.refuse(remote, attempt.exceeded ? 'VD_INGEST_RATE_LIMITED' : 'VD_INGEST_KEY_UNKNOWN');
      }
      attempt.succeeded();
      const taken = await this.take(found.stream, remote, accepts);
      if ('refused' in taken) return taken;
      contest = taken.contest;
      this.keys.remember(key, found);
    } catch (error) {
      attempt.succeeded(); // what could not be looked up is no failure of the publisher's
      // A stream that this node has may come back while nothing can be asked: nobody else has it meanwhile.
      const known = this.keys.get(key);
      if (known === null || !ownership.holds(known.stream.id)) {
        logger.warn('A stream key could not be looked up', { remote, error });
        return { refused: 'VD_INGEST_UNAVAILABLE' };
      }
      logger.warn('A publisher is let in again by a key that cannot be looked up now', { streamId: known.stream.id, remote, error });
      found = known;
    }
    return { context: this.admit(found.stream, found.keyId, contest) };
  }

  /** Admits someone whom an API role knows, and who may publish to any stream. */
  async admitSignedIn(streamId: string, remote: string, accepts: Accepts): Promise<PublishGrant | { readonly refused: string }> {
    try {
      const stream = await this.store.get(streamId);
      if (stream === null || !stream.enabled) return this.refuse(remote, 'VD_INGEST_STREAM_CLOSED', streamId);
      const taken = await this.take(stream, remote, accepts);
      return 'refused' in taken ? taken : { context: this.admit(stream, null, taken.contest) };
    } catch (error) {
      this.logger.warn('A stream could not be looked up for its publisher', { streamId, remote, error });
      return { refused: 'VD_INGEST_UNAVAILABLE' };
    }
  }

  refused(remote: string, code: string): void {
    this.refuse(remote, code);
  }

  /** The stream is another node's by now: ends what is published to it here, and opens nothing more for who published. */
  lost(streamId: string): void {
    this.latest.delete(streamId);
    this.seenAtMs.delete(streamId);
    for (const { streamId: id, epoch } of this.published) if (id === streamId) void epoch.end('superseded');
  }

  /** Gives back the streams whose publishers have not come back. */
  async releaseIdle(nowMs = performance.now()): Promise<void> {
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
      affected.map(async ({ streamId: id, keyId, epoch }) => {
        const withdrawn = await this.withdrawn(id, keyId);
        if (withdrawn === null) return;
        if (keyId !== null) this.keys.forget(keyId);
        await epoch.end(withdrawn);
      }),
    );
  }

  /** Makes the stream this node's. */
  private async take(
    stream: StreamRecord,
    remote: string,
    accepts: Accepts = () => undefined,
  ): Promise<{ readonly contest: string | undefined } | { readonly refused: string }> {
    const refusal = accepts(stream);
    if (refusal !== undefined) return this.refuse(remote, refusal, stream.id);
    if (!mayRunOn(stream, this.ownership.node.name)) return this.refuse(remote, 'VD_INGEST_PINNED_ELSEWHERE', stream.id);
    const taken = await this.ownership.takeOver(stream.id, stream.node !== null);
    if (taken === null) return { refused: 'VD_INGEST_UNAVAILABLE' };
    return { contest: this.contestOf(stream, taken.from) };
  }

  /** A publisher that would be let in again without an answer does not wait long for one. */
  private find(key: string): ReturnType<StreamStore['findByKey']> {
    const { store, ownership } = this;
    const known = this.keys.get(key);
    const asked = store.findByKey(key);
    if (known === null || !ownership.holds(known.stream.id)) return asked;
    return within(KNOWN_KEY_PATIENCE_MS, asked, () => new Error('the database does not answer'));
  }

  private refuse(remote: string, code: string, target?: string): { readonly refused: string } {
    const by = { name: 'publisher', userId: null, tokenId: null, address: plainAddress(remote), requestId: null };
    this.refusals.add({ action: 'publish.refused', code, target, by });
    return { refused: code };
  }

  private admit(stream: StreamRecord, keyId: string | null, contest: string | undefined): StreamContext {
    const publisher = {};
    this.latest.set(stream.id, publisher);
    this.seenAtMs.set(stream.id, performance.now());
    const { states } = this;
    return new StreamContext(stream, {
      opener: this.opener(),
      states: contest === undefined ? states : { report: (streamId, state, detail) => states.report(streamId, state, detail ?? contest) },
      logger: this.logger,
      current: () => this.latest.get(stream.id) === publisher,
      permit: async () => {
        await this.permit(stream.id, keyId);
        if (!this.latest.has(stream.id) || !this.ownership.has(stream.id))
          throw ingestError('VD_INGEST_TAKEN_OVER', `stream ${stream.id} is another ingest node's now`);
      },
      opened: (epoch) => this.track({ streamId: stream.id, keyId, epoch }),
    });
  }

  /** @returns what to say of a stream that goes to and fro between nodes */
  private contestOf(stream: StreamRecord, from: string | null): string | undefined {
    if (from === null) return undefined;
    this.logger.info('A publisher brought a stream from another ingest node', { streamId: stream.id, stream: stream.name, from });
    const contest = this.takeOvers.took(stream.id);
    if (contest === 'none') return undefined;
    const detail = `Two encoders publish with keys of this stream, one of them to the ingest node "${from}": they take it from each other`;
    if (contest === 'new') this.logger.warn(detail, { streamId: stream.id, stream: stream.name });
    return detail;
  }

  private async permit(streamId: string, keyId: string | null): Promise<void> {
    let withdrawn: string | null;
    try {
      withdrawn = await this.withdrawn(streamId, keyId);
    } catch (error) {
      // The key was valid when the publisher came. A database that is away costs no media; `recheck` makes up for it.
      this.logger.warn('The permission to publish could not be checked again', { streamId, error });
      return;
    }
    if (withdrawn !== null) throw ingestError('VD_INGEST_GRANT_WITHDRAWN', `stream ${streamId}: ${withdrawn}`);
  }

  private async withdrawn(streamId: string, keyId: string | null): Promise<string | null> {
    const { store } = this;
    const stream = await store.get(streamId);
    if (stream === null) return 'stream-removed';
    if (!stream.enabled) return 'stream-disabled';
    if (!mayRunOn(stream, this.ownership.node.name)) return 'stream-moved';
    if (keyId === null) return null; // the API role ends what it let through
    const key = (await store.listKeys(streamId)).find((candidate) => candidate.keyId === keyId);
    return key === undefined || key.revokedAtMs !== null ? 'key-revoked' : null;
  }

  private track(published: Published): void {
    this.published.add(published);
    void published.epoch.done.then(() => this.published.delete(published));
    // Whatever changed between the check and now is seen here.
    this.recheck(published.streamId).catch((error: unknown) =>
      this.logger.warn('The permission to publish could not be checked again', { streamId: published.streamId, error }),
    );
  }
}
