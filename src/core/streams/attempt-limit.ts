import { isIPv6 } from 'node:net';

export interface AttemptLimitOptions {
  /** Failed attempts in a row that are free. */
  readonly burst: number;
  /** One more is free after this long. */
  readonly refillMs: number;
  /** Addresses remembered; the oldest is forgotten first. */
  readonly maxAddresses: number;
}

const DEFAULTS: AttemptLimitOptions = { burst: 10, refillMs: 6000, maxAddresses: 10_000 };

/** Limits failed attempts per remote address, so that keys cannot be guessed; success costs nothing. */
export class AttemptLimit {
  readonly #failures = new Map<string, { tokens: number; atMs: number }>();
  readonly #options: AttemptLimitOptions;

  constructor(
    options: Partial<AttemptLimitOptions> = {},
    private readonly nowMs: () => number = () => performance.now(),
  ) {
    this.#options = { ...DEFAULTS, ...options };
  }

  allows(remote: string): boolean {
    return this.#tokens(networkOf(remote)) >= 1;
  }

  failed(remote: string): void {
    const network = networkOf(remote);
    const tokens = Math.max(0, this.#tokens(network) - 1);
    this.#failures.delete(network); // to the end of the order of insertion
    this.#failures.set(network, { tokens, atMs: this.nowMs() });
    const oldest = this.#failures.keys().next();
    if (this.#failures.size > this.#options.maxAddresses && !oldest.done) this.#failures.delete(oldest.value);
  }

  #tokens(network: string): number {
    const known = this.#failures.get(network);
    if (known === undefined) return this.#options.burst;
    return Math.min(this.#options.burst, known.tokens + (this.nowMs() - known.atMs) / this.#options.refillMs);
  }
}

/** An IPv4 address, or the /64 that one IPv6 customer has whole; a port is left out. */
export function networkOf(remote: string): string {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(remote)?.[1] ?? (isIPv6(remote) ? remote : remote.replace(/:\d+$/, ''));
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare);
  if (mapped !== null) return mapped[1]!;
  if (!isIPv6(bare)) return bare;
  const [head = '', tail] = bare.split('%')[0]!.split('::');
  const groups = head === '' ? [] : head.split(':');
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':');
    while (groups.length + after.length < 8) groups.push('0');
    groups.push(...after);
  }
  return groups
    .slice(0, 4)
    .map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''))
    .join(':');
}
