import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { authError } from '../../errors/auth.errors.js';
import { VedetteError } from '../../errors/errors.js';
import { type KnownPassword, PasswordStore } from '../../persistence/access/password-store.js';
import { FailureLimit, networkOf } from '../../plugin-api/index.js';
import { FairSlots } from '../http/fair-slots.js';
import { AUTH_CLOCK } from './authenticator.js';
import { hashPassword, isPassword } from './password-hash.js';
import { TooManyAttempts } from './too-many-attempts.js';

/** Wrong passwords of one network: so many at once, then one in this time. */
const OF_NETWORK = { burst: 10, refillMs: 15_000 };
/** Of one name, from wherever they come. */
const OF_NAME = { burst: 20, refillMs: 60_000 };
/** Names and networks that belong together are remembered, up to so many. */
const MAX_KNOWN = 10_000;
/** Comparing is made costly for those who guess; the server has other things to do. */
const SLOTS = { atOnce: 2, perToken: 1, waitingPerToken: 4 };

/**
 * Compares passwords. Other than a token, a password can be guessed, so that who guessed too often is not even compared any more: by
 * network, and by name over all networks, except from where that name has come in before. That a name is unknown is told by nothing, the
 * time included.
 */
@Injectable()
export class PasswordGuard {
  private readonly networks: FailureLimit;
  private readonly names: FailureLimit;
  private readonly known = new LRUCache<string, true>({ max: MAX_KNOWN });
  private readonly slots = new FairSlots(SLOTS, (detail) => authError('VD_AUTH_PASSWORD_LIMITED', detail));
  /** Compared with where nobody has the name. */
  private nobodys: Promise<string> | undefined;

  constructor(
    private readonly passwords: PasswordStore,
    @Inject(AUTH_CLOCK) nowMs: () => number,
  ) {
    this.networks = new FailureLimit(OF_NETWORK, nowMs);
    this.names = new FailureLimit(OF_NAME, nowMs);
  }

  /** Whose it is. @throws VD_AUTH_PASSWORD_WRONG, VD_AUTH_PASSWORD_LIMITED */
  async check(name: string, password: string, address: string): Promise<KnownPassword> {
    return this.attempt(name, address, async () => {
      const nobodys = await (this.nobodys ??= hashPassword('nobody has this password'));
      const known = await this.passwords.byName(name);
      const isRight = await isPassword(password, known?.hash ?? nobodys);
      if (known !== null && isRight) return known;
      throw authError('VD_AUTH_PASSWORD_WRONG', 'There is nobody with this name and this password.');
    });
  }

  /** Whether it is the password of whoever is signed in. @throws VD_AUTH_PASSWORD_LIMITED */
  async isOwn(owner: { readonly name: string; readonly hash: string }, password: string, address: string): Promise<boolean> {
    try {
      return await this.attempt(owner.name, address, async () => {
        if (await isPassword(password, owner.hash)) return true;
        throw authError('VD_AUTH_PASSWORD_WRONG', 'It is another one.');
      });
    } catch (error) {
      if (error instanceof VedetteError && error.code === 'VD_AUTH_PASSWORD_WRONG') return false;
      throw error;
    }
  }

  /** A new password, as it is stored. @throws VD_AUTH_PASSWORD_LIMITED where a network sets too many at once */
  hash(password: string, address: string): Promise<string> {
    return this.inTurn(address, () => hashPassword(password));
  }

  private async attempt<T>(name: string, address: string, compare: () => Promise<T>): Promise<T> {
    const named = createHash('sha256').update(name.toLowerCase()).digest('hex');
    const place = `${named} ${networkOf(address)}`;
    const tries = [this.networks.attempt(address), ...(this.known.has(place) ? [] : [this.names.attempt(named)])];
    if (tries.some(({ exceeded }) => exceeded)) {
      for (const attempt of tries) attempt.succeeded(); // it was not tried
      const waitMs = Math.max(this.networks.retryAfterMs(address), this.known.has(place) ? 0 : this.names.retryAfterMs(named));
      throw new TooManyAttempts('VD_AUTH_PASSWORD_LIMITED', Math.max(1, Math.ceil(waitMs / 1000)));
    }
    try {
      const found = await this.inTurn(address, compare);
      for (const attempt of tries) attempt.succeeded();
      this.known.set(place, true);
      return found;
    } catch (error) {
      if (!(error instanceof VedetteError) || error.code !== 'VD_AUTH_PASSWORD_WRONG') for (const attempt of tries) attempt.succeeded();
      throw error;
    }
  }

  private inTurn<T>(address: string, work: () => Promise<T>): Promise<T> {
    return this.slots.run({ tokenId: networkOf(address), signal: new AbortController().signal }, work);
  }
}
