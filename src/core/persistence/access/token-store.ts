import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager, In, IsNull } from 'typeorm';
import type { Role } from '../../wire/wire.js';
import { Database } from '../database.js';
import { UserEntity, UserTokenEntity } from '../entities/user.entity.js';
import {
  after,
  insertSession,
  lockAdmins,
  type NewSession,
  NOW,
  ownerOf,
  sessionNameOf,
  SIGNED_IN_BY,
  type TokenOwner,
  valid,
} from './token-rows.js';

export type { NewSession, TokenOwner } from './token-rows.js';

/** Any token that is good now, of whatever kind. */
export interface KnownToken extends Omit<TokenOwner, 'kind'> {
  readonly kind: TokenOwner['kind'] | 'one-time';
  readonly sha256: Buffer;
}
export interface TokenRecord {
  readonly id: string;
  readonly kind: 'session' | 'api';
  readonly name: string;
  readonly role: Role;
  /** Null: whoever brings it, no person. */
  readonly owner: { readonly id: string; readonly name: string } | null;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** Tokens and whose they are. They come in and stay as SHA-256 only; expiry and revocation are judged by the server's clock. */
@Injectable()
export class TokenStore {
  constructor(private readonly database: Database) {}

  /** Of these, the tokens that are good now. One-time tokens open nothing but a session. */
  async known(sha256s: readonly Buffer[]): Promise<KnownToken[]> {
    if (sha256s.length === 0) return [];
    const tokens = await this.database.run((manager) =>
      valid(manager)
        .andWhere({ tokenSha256: In(sha256s) })
        .getMany(),
    );
    return tokens.map((token) => ({ ...ownerOf(token), kind: token.kind, sha256: token.tokenSha256 }));
  }

  /** Of these, the ones still good, with the role they carry now. */
  async stillValid(tokenIds: readonly string[]): Promise<Map<string, Role>> {
    if (tokenIds.length === 0) return new Map();
    const tokens = await this.database.run((manager) =>
      valid(manager)
        .andWhere({ id: In(tokenIds) })
        .getMany(),
    );
    return new Map(tokens.map(({ id, user }) => [id, user.role]));
  }

  /**
   * Turns a one-time or API token into a session; a one-time token is spent by it, in the same transaction.
   * @returns null when the token opens nothing
   */
  async openSession(sha256: Buffer, session: NewSession): Promise<TokenOwner | null> {
    return this.database.transaction(async (manager) => {
      const opener = await lockedOpener(manager, sha256, ['one-time', 'api']);
      if (opener === null) return null;
      const { id, userId, expiresAt } = opener;
      if (opener.kind !== 'one-time') return insertSession(manager, { userId, name: sessionNameOf(id), session, notAfter: expiresAt });
      await spend(manager, opener);
      return insertSession(manager, { userId, name: SIGNED_IN_BY.oneTime, session });
    });
  }

  /** @param kind only those; absent: sessions and API tokens */
  async list(kind?: TokenOwner['kind']): Promise<TokenRecord[]> {
    const tokens = await this.database.run((manager) =>
      valid(manager)
        .andWhere({ kind: In(kind === undefined ? ['session', 'api'] : [kind]) })
        .orderBy('token.createdAt')
        .addOrderBy('token.id')
        .getMany(),
    );
    return tokens.map(tokenRecord);
  }

  /** An API token: an admin's own, or one of the shared viewer user. */
  async createApiToken(input: { sha256: Buffer; name: string; role: Role; ownerId: string; ttlMs: number | null }): Promise<TokenRecord> {
    return this.database.transaction(async (manager) => {
      const userId = input.role === 'viewer' ? await sharedViewer(manager) : input.ownerId;
      const id = randomUUID();
      const { name, sha256: tokenSha256, ttlMs } = input;
      const expiresAt = ttlMs === null ? null : after(ttlMs);
      await manager.insert(UserTokenEntity, { id, userId, kind: 'api', name, tokenSha256, expiresAt });
      const made = await manager.findOneOrFail(UserTokenEntity, { where: { id }, relations: { user: true } });
      return { ...tokenRecord(made), role: input.role };
    });
  }

  /** Ends a session or API token, and the sessions that were opened with it. */
  async revoke(tokenId: string): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const present = { revokedAt: IsNull(), kind: In(['session', 'api'] as const) };
      const { affected } = await manager.update(UserTokenEntity, { id: tokenId, ...present }, { revokedAt: NOW });
      await manager.update(UserTokenEntity, { name: sessionNameOf(tokenId), ...present }, { revokedAt: NOW });
      return affected === 1;
    });
  }

  /** These were just used, and so whose they are was just here. */
  async touch(tokenIds: readonly string[]): Promise<void> {
    if (tokenIds.length === 0) return;
    await this.database.query(
      `WITH used AS (UPDATE user_tokens SET last_used_at = now() WHERE id = ANY($1) RETURNING user_id)
       UPDATE users SET last_seen_at = now() WHERE id IN (SELECT user_id FROM used) AND NOT is_shared`,
      [tokenIds],
    );
  }

  /**
   * Gives the first admin this one-time token, in place of an earlier unused one; makes one if there is none.
   * @param onlyFirst leave everything as it is when an admin has signed in before
   * @returns whether the token was written
   */
  async issueOneTimeToken(input: { sha256: Buffer; ttlMs: number; onlyFirst: boolean }): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      await lockAdmins(manager);
      const admins = await admittedAdmins(manager);
      const adminId = admins[0] ?? (await makeAdmin(manager));
      if (input.onlyFirst) {
        const signedIn = manager.createQueryBuilder(UserTokenEntity, 'token').where({ userId: In([...admins, adminId]) });
        if (await signedIn.andWhere("(token.kind <> 'one-time' OR token.lastUsedAt IS NOT NULL)").getExists()) return false;
        await manager.update(UserTokenEntity, { userId: adminId, kind: 'one-time', revokedAt: IsNull() }, { revokedAt: NOW });
      }
      const token = { id: randomUUID(), userId: adminId, kind: 'one-time' as const, name: 'sign-in', tokenSha256: input.sha256 };
      await manager.insert(UserTokenEntity, { ...token, expiresAt: after(input.ttlMs) });
      return true;
    });
  }
}

/** A token that is good now, locked, so that a one-time token opens one session however many present it at once. */
export const lockedOpener = (
  manager: EntityManager,
  sha256: Buffer,
  kinds: readonly KnownToken['kind'][],
): Promise<UserTokenEntity | null> =>
  valid(manager)
    .andWhere({ tokenSha256: sha256, kind: In(kinds) })
    .setLock('pessimistic_write', undefined, ['token'])
    .getOne();

/** A one-time token opens nothing any more. */
export const spend = (manager: EntityManager, { id }: UserTokenEntity): Promise<unknown> =>
  manager.update(UserTokenEntity, { id }, { revokedAt: NOW, lastUsedAt: NOW });

/** Ids of admins who may come in: those who have come before, then the rest, each in the order of their making. */
async function admittedAdmins(manager: EntityManager): Promise<string[]> {
  const admitted = { role: 'admin' as const, isShared: false, disabledAt: IsNull(), removedAt: IsNull() };
  const admins = await manager.find(UserEntity, { where: admitted, order: { createdAt: 'ASC', ordinal: 'ASC' } });
  return [...admins.filter(({ lastSeenAt }) => lastSeenAt !== null), ...admins.filter(({ lastSeenAt }) => lastSeenAt === null)].map(
    ({ id }) => id,
  );
}

async function makeAdmin(manager: EntityManager): Promise<string> {
  const id = randomUUID();
  await manager.insert(UserEntity, { id, name: 'admin', role: 'admin' });
  return id;
}

/** Whose the API tokens are that may only look. */
async function sharedViewer(manager: EntityManager): Promise<string> {
  const shared = { role: 'viewer' as const, isShared: true };
  await manager
    .createQueryBuilder()
    .insert()
    .into(UserEntity)
    .values({ id: randomUUID(), name: 'viewer', ...shared })
    .orIgnore()
    .execute();
  return (await manager.findOneByOrFail(UserEntity, shared)).id;
}

const tokenRecord = ({ id, kind, name, userId, user, createdAt, expiresAt, lastUsedAt }: UserTokenEntity): TokenRecord => ({
  id,
  kind: kind as TokenRecord['kind'],
  name,
  role: user.role,
  owner: user.isShared ? null : { id: userId, name: user.name },
  createdAt,
  expiresAt,
  lastUsedAt,
});
