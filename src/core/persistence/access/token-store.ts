import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager, In, IsNull, type SelectQueryBuilder } from 'typeorm';
import type { Role } from '../../wire/wire.js';
import { Database } from '../database.js';
import { UserEntity, UserTokenEntity } from '../entities/operations.entity.js';

export interface TokenOwner {
  readonly tokenId: string;
  readonly userId: string;
  readonly userName: string;
  readonly role: Role;
  readonly kind: 'session' | 'api';
  readonly expiresAt: Date | null;
}
/** Any token that is good now, of whatever kind. */
export interface KnownToken extends Omit<TokenOwner, 'kind'> {
  readonly kind: TokenOwner['kind'] | 'one-time';
  readonly sha256: Buffer;
}
export interface NewSession {
  readonly sha256: Buffer;
  readonly ttlMs: number;
  /** Unused for longer, it ends. */
  readonly idleMs: number;
  /** Sessions that one way of signing in may have open, this one included. */
  readonly atMost: number;
}
export interface TokenRecord {
  readonly id: string;
  readonly kind: 'session' | 'api';
  readonly name: string;
  readonly role: Role;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** By the server's clock. */
const VALID = `token.revokedAt IS NULL AND (token.expiresAt IS NULL OR token.expiresAt > now())
  AND (token.idleMs IS NULL OR token.lastUsedAt > now() - token.idleMs * interval '1 millisecond')`;
const NOW = (): string => 'now()';
/** Serialises everything that decides whether there is a first admin yet. The letters VDAD. */
const ADMIN_LOCK = 0x56444144;
/** Ended sessions are kept for so long. */
const KEEP_ENDED = "now() - interval '7 days'";

/** Users and their tokens. Tokens come in and stay as SHA-256 only; expiry and revocation are judged by the server's clock. */
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
   * Turns a one-time or API token into a session; a one-time token is spent by it, in the same transaction. Of too many sessions that
   * were opened in the same way, the one unused for longest ends.
   * @returns null when the token opens nothing
   */
  async openSession(sha256: Buffer, session: NewSession): Promise<TokenOwner | null> {
    return this.database.transaction(async (manager) => {
      // Locked, so that a one-time token opens one session however many present it at once.
      const opener = await valid(manager)
        .andWhere({ tokenSha256: sha256, kind: In(['one-time', 'api']) })
        .setLock('pessimistic_write', undefined, ['token'])
        .getOne();
      if (opener === null) return null;
      const { userId } = opener;
      const isOneTime = opener.kind === 'one-time';
      if (isOneTime) await manager.update(UserTokenEntity, { id: opener.id }, { revokedAt: NOW, lastUsedAt: NOW });
      const name = isOneTime ? 'one-time token' : sessionNameOf(opener.id);
      await forgetEnded(manager);
      await endUnused(manager, userId, name, session.atMost - 1);
      const id = randomUUID();
      const { sha256: tokenSha256, idleMs, ttlMs } = session;
      await manager.insert(UserTokenEntity, {
        id,
        userId,
        kind: 'session',
        name,
        tokenSha256,
        idleMs,
        lastUsedAt: NOW,
        expiresAt: after(ttlMs),
      });
      // A session ends with the API token that opened it.
      if (opener.expiresAt !== null && !isOneTime) {
        await manager.update(
          UserTokenEntity,
          { id },
          { expiresAt: () => `least(expires_at, '${opener.expiresAt?.toISOString()}'::timestamptz)` },
        );
      }
      const made = await manager.findOneOrFail(UserTokenEntity, { where: { id }, relations: { user: true } });
      return { ...ownerOf(made), kind: 'session' };
    });
  }

  async list(): Promise<TokenRecord[]> {
    const tokens = await this.database.run((manager) =>
      valid(manager)
        .andWhere({ kind: In(['session', 'api']) })
        .orderBy('token.createdAt')
        .addOrderBy('token.id')
        .getMany(),
    );
    return tokens.map(tokenRecord);
  }

  /** An API token: an admin's own, or one of the shared viewer user. */
  async createApiToken(input: { sha256: Buffer; name: string; role: Role; ownerId: string; ttlMs: number | null }): Promise<TokenRecord> {
    return this.database.transaction(async (manager) => {
      const userId = input.role === 'viewer' ? (await userNamed(manager, 'viewer')).id : input.ownerId;
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

  async touch(tokenIds: readonly string[]): Promise<void> {
    if (tokenIds.length === 0) return;
    await this.database.run((manager) => manager.update(UserTokenEntity, { id: In(tokenIds) }, { lastUsedAt: NOW }));
  }

  /**
   * Makes the first admin if there is none and gives it this one-time token, in place of an earlier unused one.
   * @param onlyFirst leave everything as it is when an admin has signed in before
   * @returns whether the token was written
   */
  async issueOneTimeToken(input: { sha256: Buffer; ttlMs: number; onlyFirst: boolean }): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [ADMIN_LOCK]);
      await makeUser(manager, 'admin');
      const admins = await manager.find(UserEntity, { where: { role: 'admin' }, order: { createdAt: 'ASC', id: 'ASC' } });
      const [admin] = admins;
      if (admin === undefined) throw new Error('The user named admin is not an admin');
      if (input.onlyFirst) {
        const signedIn = manager.createQueryBuilder(UserTokenEntity, 'token').where({ userId: In(admins.map(({ id }) => id)) });
        if (await signedIn.andWhere("(token.kind <> 'one-time' OR token.lastUsedAt IS NOT NULL)").getExists()) return false;
        await manager.update(UserTokenEntity, { userId: admin.id, kind: 'one-time', revokedAt: IsNull() }, { revokedAt: NOW });
      }
      const token = { id: randomUUID(), userId: admin.id, kind: 'one-time' as const, name: 'sign-in', tokenSha256: input.sha256 };
      await manager.insert(UserTokenEntity, { ...token, expiresAt: after(input.ttlMs) });
      return true;
    });
  }
}

/** Sessions opened with an API token carry its id, and end with it. */
const sessionNameOf = (tokenId: string): string => `api-token:${tokenId}`;

/** A time so long from now. */
const after = (ttlMs: number) => (): string => `now() + ${Math.trunc(ttlMs)} * interval '1 millisecond'`;

/** Tokens that are good now, each with its user. */
const valid = (manager: EntityManager): SelectQueryBuilder<UserTokenEntity> =>
  manager.createQueryBuilder(UserTokenEntity, 'token').innerJoinAndSelect('token.user', 'user').where(VALID);

async function forgetEnded(manager: EntityManager): Promise<void> {
  const ended = manager.createQueryBuilder().delete().from(UserTokenEntity).where({ kind: 'session' });
  await ended.andWhere(`(revoked_at < ${KEEP_ENDED} OR expires_at < ${KEEP_ENDED})`).execute();
}

/** Ends sessions of one way of signing in that are too many, the ones unused for longest. */
async function endUnused(manager: EntityManager, userId: string, name: string, atMost: number): Promise<void> {
  const open = valid(manager).andWhere({ userId, kind: 'session', name }).orderBy('token.lastUsedAt', 'DESC').addOrderBy('token.id');
  const tooMany = (await open.setLock('pessimistic_write', undefined, ['token']).getMany()).slice(atMost);
  if (tooMany.length > 0) await manager.update(UserTokenEntity, { id: In(tooMany.map(({ id }) => id)) }, { revokedAt: NOW });
}

async function makeUser(manager: EntityManager, name: Role): Promise<void> {
  await manager.createQueryBuilder().insert().into(UserEntity).values({ id: randomUUID(), name, role: name }).orIgnore().execute();
}

/** The user who has the name of a role. */
async function userNamed(manager: EntityManager, name: Role): Promise<UserEntity> {
  await makeUser(manager, name);
  const user = await manager.findOneBy(UserEntity, { name, role: name });
  if (user === null) throw new Error(`The user named ${name} is not of that role`);
  return user;
}

const ownerOf = ({ id, userId, user, expiresAt }: UserTokenEntity) => ({
  tokenId: id,
  userId,
  userName: user.name,
  role: user.role,
  expiresAt,
});

const tokenRecord = ({ id, kind, name, user, createdAt, expiresAt, lastUsedAt }: UserTokenEntity): TokenRecord => ({
  id,
  kind: kind as TokenRecord['kind'],
  name,
  role: user.role,
  createdAt,
  expiresAt,
  lastUsedAt,
});
