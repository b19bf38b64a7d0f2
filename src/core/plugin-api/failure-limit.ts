import { LRUCache } from 'lru-cache';
import { networkOf } from './network.js';

export interface FailureLimitOptions {
  /** Failures of one network that are free at once. */
  readonly burst: number;
  /** One more is free after this long. */
  readonly refillMs: number;
  /** Networks remembered; the one that failed longest ago is forgotten first. */
  readonly maxNetworks?: number;
}

/** One attempt to authenticate. It counts as failed until `succeeded` is called. */
export interface Attempt {
  /** The network has used up its free failures: answer a wrong credential with "too many attempts". Serve a valid one as usual. */
  readonly exceeded: boolean;
  /** The credential was valid, or could not be checked: the attempt costs nothing. A second call does nothing. */
  succeeded(): void;
}

const MAX_NETWORKS = 10_000;

/**
 * Counts failed attempts by network ({@link networkOf}). It never refuses a look-up: a client with a valid credential is served although
 * another client of its network guesses. An attempt counts from its beginning, so that parallel attempts do not get around the limit.
 * @example
 * const attempt = failures.attempt(remote);
 * const owner = await lookUp(token);
 * if (owner === null) throw attempt.exceeded ? tooManyAttempts() : wrongToken();
 * attempt.succeeded();
 */
export class FailureLimit {
  /** In the order of the last failure: what is only looked at keeps its place. */
  private readonly networks: LRUCache<string, { readonly free: number; readonly atMs: number }>;

  /** @param nowMs a clock; one that is set back forgives nothing meanwhile */
  constructor(
    private readonly options: FailureLimitOptions,
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.networks = new LRUCache({ max: options.maxNetworks ?? MAX_NETWORKS });
  }

  attempt(remote: string): Attempt {
    const network = networkOf(remote);
    const free = this.free(network);
    if (free < 1) return { exceeded: true, succeeded: () => undefined };
    this.keep(network, free - 1);
    let isOpen = true;
    const succeeded = (): void => {
      if (isOpen) this.keep(network, this.free(network) + 1);
      isOpen = false;
    };
    return { exceeded: false, succeeded };
  }

  /** How long until the network of `remote` has a free failure again, in ms. */
  retryAfterMs(remote: string): number {
    return Math.ceil(Math.max(0, 1 - this.free(networkOf(remote))) * this.options.refillMs);
  }

  private free(network: string): number {
    const { burst, refillMs } = this.options;
    const known = this.networks.peek(network);
    return known === undefined ? burst : Math.min(burst, known.free + Math.max(0, this.nowMs() - known.atMs) / refillMs);
  }

  private keep(network: string, free: number): void {
    if (free >= this.options.burst) this.networks.delete(network);
    else this.networks.set(network, { free, atMs: this.nowMs() });
  }
}
