import type { KnownToken, TokenStore } from '../../persistence/access/token-store.js';

const TOKENS_PER_QUERY = 1_000;

interface Waiting {
  readonly sha256: Buffer;
  readonly answer: PromiseWithResolvers<KnownToken | null>;
}

/**
 * Looks tokens up, whoever brings them, with one query under way at a time: what comes meanwhile goes with the next one. A flood of
 * guesses costs the database a few queries instead of one each, and the right token among them waits for no more than these.
 */
export class TokenLookup {
  /** By hash, oldest first. */
  private readonly waiting = new Map<string, Waiting>();
  private isRunning = false;

  constructor(private readonly tokens: Pick<TokenStore, 'known'>) {}

  /** @returns null for a token that is unknown, used, expired or revoked */
  find(sha256: Buffer): Promise<KnownToken | null> {
    const key = keyOf(sha256);
    const waiting = this.waiting.get(key) ?? { sha256, answer: Promise.withResolvers<KnownToken | null>() };
    this.waiting.set(key, waiting);
    if (!this.isRunning) void this.run();
    return waiting.answer.promise;
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    while (this.waiting.size > 0) {
      const batch = [...this.waiting].slice(0, TOKENS_PER_QUERY);
      for (const [key] of batch) this.waiting.delete(key);
      try {
        const known = await this.tokens.known(batch.map(([, { sha256 }]) => sha256));
        const byKey = new Map(known.map((token) => [keyOf(token.sha256), token]));
        for (const [key, { answer }] of batch) answer.resolve(byKey.get(key) ?? null);
      } catch (error) {
        for (const [, { answer }] of batch) answer.reject(error);
      }
    }
    this.isRunning = false;
  }
}

const keyOf = (sha256: Buffer): string => sha256.toString('base64');
