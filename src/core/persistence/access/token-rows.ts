import { randomUUID } from 'node:crypto';
import { type EntityManager, In, type SelectQueryBuilder } from 'typeorm';
import type { Role } from '../../wire/wire.js';
import { printable } from '../postgres-text.js';
import { UserEntity, UserTokenEntity } from '../entities/user.entity.js';

export interface TokenOwner {
  readonly tokenId: string;
  readonly userId: string;
  readonly userName: string;
  readonly role: Role;
  readonly kind: 'session' | 'api';
  readonly expiresAt: Date | null;
}

export interface NewSession {
  readonly sha256: Buffer;
  readonly ttlMs: number;
  /** Unused for longer, it ends. */
  readonly idleMs: number;
  /** Sessions that one way of signing in may have open, this one included. */
  readonly atMost: number;
  /** Where the browser is, and what it says it is. */
  readonly address: string | null;
  readonly browser: string | null;
}

/** How a person signed in, as the session's name says it; sessions of an API token carry that token's id, and end with it. */
export const SIGNED_IN_BY = { password: 'password', oneTime: 'one-time token' } as const;
export const sessionNameOf = (tokenId: string): string => `api-token:${tokenId}`;

/** By the server's clock; of whom may still come in. */
const VALID = `token.revokedAt IS NULL AND (token.expiresAt IS NULL OR token.expiresAt > now())
  AND (token.idleMs IS NULL OR token.lastUsedAt > now() - token.idleMs * interval '1 millisecond')
  AND user.disabledAt IS NULL AND user.removedAt IS NULL`;
export const NOW = (): string => 'now()';
/** Ended sessions are kept for so long. */
const KEEP_ENDED = "now() - interval '7 days'";
const MAX_BROWSER_CHARS = 300;

/** Serialises everything that decides who is an admin. The letters VDAD. */
const ADMIN_LOCK = 0x56444144;
export const lockAdmins = (manager: EntityManager): Promise<unknown> => manager.query('SELECT pg_advisory_xact_lock($1)', [ADMIN_LOCK]);

/** A time so long from now. */
export const after = (ttlMs: number) => (): string => `now() + ${Math.trunc(ttlMs)} * interval '1 millisecond'`;

/** Tokens that are good now, each with its user. */
export const valid = (manager: EntityManager): SelectQueryBuilder<UserTokenEntity> =>
  manager.createQueryBuilder(UserTokenEntity, 'token').innerJoinAndSelect('token.user', 'user').where(VALID);

export const ownerOf = ({ id, userId, user, expiresAt }: UserTokenEntity) => ({
  tokenId: id,
  userId,
  userName: user.name,
  role: user.role,
  expiresAt,
});

/**
 * Opens a session of a user. Of too many that were opened in the same way, the one unused for longest ends.
 * @param name how it was opened
 * @param notAfter it ends by then, whatever its own time would be
 */
export async function insertSession(
  manager: EntityManager,
  { userId, name, session, notAfter = null }: { userId: string; name: string; session: NewSession; notAfter?: Date | null },
): Promise<TokenOwner> {
  await forgetEnded(manager);
  await endUnused(manager, userId, name, session.atMost - 1);
  const id = randomUUID();
  const { sha256: tokenSha256, idleMs, ttlMs, address } = session;
  const browser = session.browser === null ? null : printable(session.browser).slice(0, MAX_BROWSER_CHARS);
  const row = { id, userId, kind: 'session' as const, name, tokenSha256, idleMs, address, browser };
  await manager.insert(UserTokenEntity, { ...row, lastUsedAt: NOW, expiresAt: after(ttlMs) });
  if (notAfter !== null) {
    await manager.update(UserTokenEntity, { id }, { expiresAt: () => `least(expires_at, '${notAfter.toISOString()}'::timestamptz)` });
  }
  await manager.update(UserEntity, { id: userId }, { lastSeenAt: NOW });
  const made = await manager.findOneOrFail(UserTokenEntity, { where: { id }, relations: { user: true } });
  return { ...ownerOf(made), kind: 'session' };
}

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
