import { isIPv6 } from 'node:net';

/** Connections that have not proved themselves: of one address, and in all. */
const MAX_UNPROVED_PER_ADDRESS = 8;
const MAX_UNPROVED = 64;
const MAX_CONNECTIONS = 256;
/** Failed proofs of one address that are let pass at once, and how long until one is forgiven. */
const FAILURES_AT_ONCE = 10;
const FORGIVEN_AFTER_MS = 6_000;
const MAX_REMEMBERED = 10_000;

interface Failures {
  count: number;
  sinceMs: number;
}

/** Who may connect: what strangers cost is bounded, and so is how often one may guess. */
export class ConnectionGuard {
  readonly #unproved = new Map<string, number>();
  readonly #failures = new Map<string, Failures>();
  #unprovedTotal = 0;
  #total = 0;

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  /** @returns what to call when it has proved itself and when it is gone; undefined: it is turned away */
  admit(remoteAddress: string): { proved(): void; gone(): void } | undefined {
    const address = groupOf(remoteAddress);
    const ofAddress = this.#unproved.get(address) ?? 0;
    if (
      this.#total >= MAX_CONNECTIONS ||
      this.#unprovedTotal >= MAX_UNPROVED ||
      ofAddress >= MAX_UNPROVED_PER_ADDRESS ||
      this.isLocked(remoteAddress)
    )
      return undefined;
    this.#total++;
    this.#unprovedTotal++;
    this.#unproved.set(address, ofAddress + 1);
    let isProved = false;
    let isGone = false;
    const proved = (): void => {
      if (isProved) return;
      isProved = true;
      this.#unprovedTotal--;
      const left = (this.#unproved.get(address) ?? 1) - 1;
      if (left > 0) this.#unproved.set(address, left);
      else this.#unproved.delete(address);
    };
    const gone = (): void => {
      if (isGone) return;
      isGone = true;
      this.#total--;
      proved();
    };
    return { proved, gone };
  }

  failed(remoteAddress: string): void {
    const address = groupOf(remoteAddress);
    const count = this.#standing(address) + 1;
    this.#failures.delete(address);
    this.#failures.set(address, { count, sinceMs: this.nowMs() });
    const oldest = this.#failures.keys().next();
    if (this.#failures.size > MAX_REMEMBERED && !oldest.done) this.#failures.delete(oldest.value);
  }

  isLocked(remoteAddress: string): boolean {
    return this.#standing(groupOf(remoteAddress)) >= FAILURES_AT_ONCE;
  }

  /** Failures that are not forgiven yet. */
  #standing(address: string): number {
    const failures = this.#failures.get(address);
    return failures === undefined ? 0 : Math.max(0, failures.count - Math.floor((this.nowMs() - failures.sinceMs) / FORGIVEN_AFTER_MS));
  }
}

/** IPv6: whoever has one address has its /64. */
function groupOf(remoteAddress: string): string {
  const address = remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '');
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter((group) => group !== '');
  const missing = tail === undefined ? 0 : 8 - groups.length - tail.split(':').filter((group) => group !== '').length;
  return [...groups, ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...(tail ?? '').split(':')].slice(0, 4).join(':');
}
