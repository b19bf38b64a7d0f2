import type { IncomingMessage } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { authError } from '../../errors/auth.errors.js';
import { TokenStore, type KnownToken, type TokenOwner } from '../../persistence/access/token-store.js';
import { FailureLimit } from '../../plugin-api/index.js';
import { HttpConnections } from '../http/http-connections.js';
import { credentialsOf } from './credentials.js';
import type { Principal } from './principal.js';
import { hashToken } from './fresh-token.js';
import { TokenLookup } from './token-lookup.js';
import { TooManyAttempts } from './too-many-attempts.js';

/** A revoked token is refused at the latest after this. */
const CACHE_MS = 3_000;
const CACHE_ENTRIES = 10_000;

/** The wall clock of authentication, ms since 1970: `() => number`. */
export const AUTH_CLOCK = Symbol('AUTH_CLOCK');

/**
 * Says who a token belongs to. Good answers are kept for seconds, so that players and pollers cost the database nothing. Every token
 * is looked up, also one from a network that guesses: what is limited are failures, and they change what a failure is answered.
 */
@Injectable()
export class Authenticator {
  private readonly cache: LRUCache<string, TokenOwner>;
  private readonly lookup: TokenLookup;
  private readonly failures: FailureLimit;

  constructor(
    tokens: TokenStore,
    private readonly connections: HttpConnections,
    @Inject(AUTH_CLOCK) private readonly nowMs: () => number,
  ) {
    this.cache = new LRUCache({ max: CACHE_ENTRIES, ttl: CACHE_MS, ttlResolution: 0, perf: { now: nowMs } });
    this.lookup = new TokenLookup(tokens);
    this.failures = new FailureLimit({ burst: 20, refillMs: 3_000 }, nowMs);
  }

  /**
   * @returns null when the request brings no token
   * @throws VD_AUTH_TOKEN_INVALID, VD_AUTH_RATE_LIMITED
   */
  async authenticate(request: IncomingMessage, address: string): Promise<Principal | null> {
    const credentials = credentialsOf(request);
    if (credentials === null) return null;
    return { ...(await this.verify(request, credentials.token, address)), via: credentials.via };
  }

  /**
   * @param request the request, or the upgrade, whose connection brought the token
   * @throws VD_AUTH_TOKEN_INVALID, VD_AUTH_RATE_LIMITED
   */
  async verify(request: IncomingMessage, token: string, address: string): Promise<TokenOwner> {
    const owner = await this.connections.examine(request, this.ownerOf(hashToken(token), address));
    this.connections.known(request);
    return owner;
  }

  /**
   * Checks that a token may open a session, before anything is written.
   * @returns its hash
   * @throws VD_AUTH_TOKEN_INVALID, VD_AUTH_RATE_LIMITED
   */
  async verifySignIn(request: IncomingMessage, token: string, address: string): Promise<Buffer> {
    const { sha256 } = await this.connections.examine(request, this.find(hashToken(token), address, opensSession));
    this.connections.known(request);
    return sha256;
  }

  /**
   * Looks up another secret that a request brings: guessing it counts as guessing tokens does.
   * @param find null: it opens nothing
   * @throws what `refusal` makes, VD_AUTH_RATE_LIMITED
   */
  async verifySecret<T>(request: IncomingMessage, address: string, find: () => Promise<T | null>, refusal: () => Error): Promise<T> {
    const found = await this.connections.examine(request, this.counted(address, find, refusal));
    this.connections.known(request);
    return found;
  }

  /** How long until a failure from this address is answered as such again. */
  retryAfterS(address: string): number {
    return Math.max(1, Math.ceil(this.failures.retryAfterMs(address) / 1000));
  }

  /** After a revocation in this process: effective at once. */
  forget(): void {
    this.cache.clear();
  }

  private async ownerOf(sha256: Buffer, address: string): Promise<TokenOwner> {
    const key = sha256.toString('base64');
    const cached = this.cache.get(key);
    if (cached !== undefined) return cached;
    const owner = await this.find(sha256, address, isOwned);
    const livesMs = (owner.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY) - this.nowMs();
    if (livesMs > 0) this.cache.set(key, owner, { ttl: Math.min(CACHE_MS, livesMs) });
    return owner;
  }

  private async find<T extends KnownToken>(sha256: Buffer, address: string, isGood: (found: KnownToken) => found is T): Promise<T> {
    return this.counted(address, async () => {
      const found = await this.lookup.find(sha256);
      return found !== null && isGood(found) ? found : null;
    });
  }

  /** Null counts as failed; an error does not: nobody could say. */
  private async counted<T>(address: string, find: () => Promise<T | null>, refusal = tokenInvalid): Promise<T> {
    const attempt = this.failures.attempt(address);
    const found = await find().catch((error: unknown) => {
      attempt.succeeded();
      throw error;
    });
    if (found !== null) {
      attempt.succeeded();
      return found;
    }
    throw attempt.exceeded ? new TooManyAttempts('VD_AUTH_RATE_LIMITED', this.retryAfterS(address)) : refusal();
  }
}

const tokenInvalid = (): Error => authError('VD_AUTH_TOKEN_INVALID', 'The token is unknown, used, expired or revoked.');
const isOwned = (found: KnownToken): found is KnownToken & TokenOwner => found.kind !== 'one-time';
const opensSession = (found: KnownToken): found is KnownToken => found.kind !== 'session';
