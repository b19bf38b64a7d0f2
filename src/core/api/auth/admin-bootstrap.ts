import { Injectable } from '@nestjs/common';
import { DAY_MS, HOUR_MS } from '../../plugin-api/index.js';
import { TokenStore } from '../../persistence/access/token-store.js';
import { freshToken } from './fresh-token.js';

const FIRST_TTL_MS = DAY_MS;
const ON_DEMAND_TTL_MS = HOUR_MS;

/**
 * How the first person gets in: by a one-time token that the start-up banner prints, never by a default password.
 * @example const first = await bootstrap.ensureFirstAdmin(); if (first !== null) banner(first.token);
 */
@Injectable()
export class AdminBootstrap {
  constructor(private readonly tokens: TokenStore) {}

  /**
   * Makes the admin at the first start. While no admin has ever signed in, each call gives a fresh token and ends the
   * one before; afterwards it gives null.
   */
  async ensureFirstAdmin(): Promise<{ token: string } | null> {
    const { token, sha256 } = freshToken('one-time');
    return (await this.tokens.issueOneTimeToken({ sha256, ttlMs: FIRST_TTL_MS, onlyFirst: true })) ? { token } : null;
  }

  /** For an operator with access to the machine (`vedette token`): signs in as the admin once, within an hour. */
  async issueOneTimeToken(): Promise<{ token: string }> {
    const { token, sha256 } = freshToken('one-time');
    await this.tokens.issueOneTimeToken({ sha256, ttlMs: ON_DEMAND_TTL_MS, onlyFirst: false });
    return { token };
  }
}
