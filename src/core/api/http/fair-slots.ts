import type { VedetteError } from '../../errors/errors.js';

export interface SlotLimits {
  /** What may be under way for everyone together. */
  readonly atOnce: number;
  /** What one token may have under way: less than all, so that others find a place. */
  readonly perToken: number;
  /** What one token may have waiting besides. */
  readonly waitingPerToken: number;
}

/** Whoever asks, and how to learn that they have left. */
export interface Asker {
  readonly tokenId: string;
  /** Aborted when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly start: () => void;
}

/** Tokens that have something waiting, all together: beyond it everyone is refused. */
const MAX_TOKENS_WAITING = 1_000;

/**
 * Costly work for the API, a few pieces at a time: each token has few places of its own, and those who wait are taken in turn, token by
 * token. However much one of them asks for, the others are served as if it had asked for little.
 * @example
 * private readonly slots = new FairSlots({ atOnce: 2, perToken: 1, waitingPerToken: 1 }, (detail) => apiError('VD_API_BUSY', detail));
 * return this.slots.run(askerOf(request), () => this.exposure.measure(…));
 */
export class FairSlots {
  private underWay = 0;
  private readonly running = new Map<string, number>();
  /** By token, in the order of their turns. */
  private readonly waiting = new Map<string, Waiter[]>();

  constructor(
    private readonly limits: SlotLimits,
    private readonly busy: (detail: string) => VedetteError,
  ) {}

  /** @throws what `busy` makes, when the token has too much waiting; the signal's reason, when it is aborted before its turn */
  async run<T>(asker: Asker, work: () => Promise<T>): Promise<T> {
    await this.turn(asker);
    try {
      return await work();
    } finally {
      this.release(asker.tokenId);
    }
  }

  private turn({ tokenId, signal }: Asker): Promise<void> | undefined {
    if (this.mayStart(tokenId)) {
      this.take(tokenId);
      return undefined;
    }
    const mine = this.waiting.get(tokenId) ?? [];
    if (mine.length >= this.limits.waitingPerToken || this.waiting.size >= MAX_TOKENS_WAITING)
      throw this.busy(`${this.running.get(tokenId) ?? 0} are under way and ${mine.length} waiting for this token already.`);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        this.remove(tokenId, waiter);
        reject(signal.reason as Error);
      };
      const waiter = {
        start: (): void => {
          signal.removeEventListener('abort', leave);
          this.take(tokenId);
          resolve();
        },
      };
      signal.addEventListener('abort', leave, { once: true });
      this.waiting.set(tokenId, [...mine, waiter]);
    });
  }

  private mayStart(tokenId: string): boolean {
    return this.underWay < this.limits.atOnce && (this.running.get(tokenId) ?? 0) < this.limits.perToken;
  }

  private take(tokenId: string): void {
    this.underWay++;
    this.running.set(tokenId, (this.running.get(tokenId) ?? 0) + 1);
  }

  private release(tokenId: string): void {
    this.underWay--;
    const left = (this.running.get(tokenId) ?? 1) - 1;
    if (left === 0) this.running.delete(tokenId);
    else this.running.set(tokenId, left);
    for (const [next, [waiter]] of this.waiting) {
      if (waiter === undefined || !this.mayStart(next)) continue;
      this.remove(next, waiter);
      waiter.start();
      return;
    }
  }

  /** A token that still has something waiting goes to the end of the line. */
  private remove(tokenId: string, waiter: Waiter): void {
    const left = (this.waiting.get(tokenId) ?? []).filter((other) => other !== waiter);
    this.waiting.delete(tokenId);
    if (left.length > 0) this.waiting.set(tokenId, left);
  }
}
