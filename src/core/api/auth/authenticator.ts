import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { authError } from '../../errors/auth.errors.js';
import { TokenStore, type TokenOwner } from '../../persistence/access/token-store.js';
import { AttemptLimiter } from './attempt-limiter.js';
import { credentialsOf } from './credentials.js';
import type { Principal } from './principal.js';
import { hashToken } from './fresh-token.js';

/** A revoked token is refused at the latest after this. */
const CACHE_MS = 3_000;
const CACHE_ENTRIES = 10_000;

interface Cached {
  readonly owner: TokenOwner | null;
  readonly untilMs: number;
}

/** Says who a token belongs to. Good answers are kept for seconds, so that players and pollers cost the database nothing. */
@Injectable()
export class Authenticator {
  private readonly cache = new Map<string, Cached>();
  private readonly pending = new Map<string, Promise<TokenOwner | null>>();
  readonly limiter = new AttemptLimiter();

  constructor(@Inject(TokenStore) private readonly tokens: TokenStore) {}

  /**
   * @returns null when the request brings no token
   * @throws VD_AUTH_TOKEN_INVALID, VD_AUTH_RATE_LIMITED
   */
  async authenticate(request: IncomingMessage, address: string): Promise<Principal | null> {
    const credentials = credentialsOf(request);
    if (credentials === null) return null;
    return { ...(await this.verify(credentials.token, address)), via: credentials.via };
  }

  /** @throws VD_AUTH_TOKEN_INVALID, VD_AUTH_RATE_LIMITED */
  async verify(token: string, address: string): Promise<TokenOwner> {
    const sha256 = hashToken(token);
    const key = sha256.toString('base64');
    const cached = this.cache.get(key);
    if (cached?.owner != null && cached.untilMs > Date.now()) return cached.owner;
    this.limiter.check(address);
    const owner = await this.lookUp(key, sha256);
    if (owner === null) {
      this.limiter.failed(address);
      throw authError('VD_AUTH_TOKEN_INVALID', 'The token is unknown, expired or revoked.');
    }
    return owner;
  }

  /** After a revocation in this process: effective at once. */
  forget(): void {
    this.cache.clear();
  }

  private async lookUp(key: string, sha256: Buffer): Promise<TokenOwner | null> {
    const running = this.pending.get(key);
    if (running !== undefined) return running;
    const lookUp = this.tokens.owner(sha256).finally(() => this.pending.delete(key));
    this.pending.set(key, lookUp);
    const owner = await lookUp;
    if (owner !== null) {
      if (this.cache.size >= CACHE_ENTRIES) this.cache.clear();
      const expiresAtMs = owner.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
      this.cache.set(key, { owner, untilMs: Math.min(Date.now() + CACHE_MS, expiresAtMs) });
    }
    return owner;
  }
}
