import { ingestError } from '../errors/ingest.errors.js';
import type { StreamStore } from '../persistence/ledger/ingest-ledger.js';
import type { EpochHandle, Logger, PublishGate, PublishGrant } from '../plugin-api/index.js';
import { AttemptLimit } from './attempt-limit.js';
import type { EpochOpener } from './epoch-opener.js';
import { StreamContext } from './stream-context.js';
import type { StreamStates } from './stream-states.js';

interface Published {
  readonly streamId: string;
  readonly keyId: string;
  readonly epoch: EpochHandle;
}

export interface StreamPublishGateServices {
  readonly store: StreamStore;
  readonly logger: Logger;
  /** Asked for at the first publisher: what opens epochs needs the plugins, and the plugins need this gate. */
  readonly opener: () => EpochOpener;
  readonly states: () => StreamStates;
}

/** Keys are 160 random bits in text; anything much longer is not one. */
const KEY = /^[\x21-\x7e]{8,256}$/;

/** Admits publishers by stream key, and ends what they publish when the permission goes. */
export class StreamPublishGate implements PublishGate {
  readonly #published = new Set<Published>();
  /** By stream: the publisher admitted last. It has the stream; what earlier ones report no longer counts. */
  readonly #latest = new Map<string, object>();
  readonly #limit: AttemptLimit;

  constructor(
    private readonly services: StreamPublishGateServices,
    limit?: AttemptLimit,
  ) {
    this.#limit = limit ?? new AttemptLimit();
  }

  async authorise(key: string, remote: string): Promise<PublishGrant | { readonly refused: string }> {
    if (!this.#limit.allows(remote)) return { refused: 'VD_INGEST_RATE_LIMITED' };
    let found: Awaited<ReturnType<StreamStore['findByKey']>>;
    try {
      found = KEY.test(key) ? await this.services.store.findByKey(key) : null;
    } catch (error) {
      this.services.logger.warn('A stream key could not be looked up', { remote, error });
      return { refused: 'VD_INGEST_UNAVAILABLE' };
    }
    if (found === null || !found.stream.enabled) {
      this.#limit.failed(remote);
      return { refused: 'VD_INGEST_KEY_UNKNOWN' };
    }
    const { stream, keyId } = found;
    const publisher = {};
    this.#latest.set(stream.id, publisher);
    return {
      context: new StreamContext(stream, {
        opener: this.services.opener(),
        states: this.services.states(),
        logger: this.services.logger,
        current: () => this.#latest.get(stream.id) === publisher,
        permit: () => this.#permit(stream.id, keyId),
        opened: (epoch) => this.#track({ streamId: stream.id, keyId, epoch }),
      }),
    };
  }

  /** Ends what is published to a stream, or to all, without permission any more. */
  async recheck(streamId?: string): Promise<void> {
    const affected = [...this.#published].filter((published) => streamId === undefined || published.streamId === streamId);
    await Promise.all(
      affected.map(async ({ streamId: id, keyId, epoch }) => {
        const withdrawn = await this.#withdrawn(id, keyId);
        if (withdrawn !== null) await epoch.end(withdrawn);
      }),
    );
  }

  async #permit(streamId: string, keyId: string): Promise<void> {
    let withdrawn: string | null;
    try {
      withdrawn = await this.#withdrawn(streamId, keyId);
    } catch (error) {
      // The key was valid when the publisher came. A database that is away costs no media; `recheck` makes up for it.
      this.services.logger.warn('The permission to publish could not be checked again', { streamId, error });
      return;
    }
    if (withdrawn !== null) throw ingestError('VD_INGEST_GRANT_WITHDRAWN', `stream ${streamId}: ${withdrawn}`);
  }

  async #withdrawn(streamId: string, keyId: string): Promise<string | null> {
    const { store } = this.services;
    const stream = await store.get(streamId);
    if (stream === null) return 'stream-removed';
    if (!stream.enabled) return 'stream-disabled';
    const key = (await store.listKeys(streamId)).find((candidate) => candidate.keyId === keyId);
    return key === undefined || key.revokedAtMs !== null ? 'key-revoked' : null;
  }

  #track(published: Published): void {
    this.#published.add(published);
    void published.epoch.done.then(() => this.#published.delete(published));
    // Whatever changed between the check and now is seen here.
    this.recheck(published.streamId).catch((error: unknown) =>
      this.services.logger.warn('The permission to publish could not be checked again', { streamId: published.streamId, error }),
    );
  }
}
