import { type EntityManager, In, IsNull, Not, Raw } from 'typeorm';
import { userError } from '../../errors/user.errors.js';
import { UserEntity, UserTokenEntity } from '../entities/user.entity.js';
import { sqlState } from '../sql-errors.js';
import { NOW } from './token-rows.js';

/** Whom the list of people shows. */
export const PERSON = { isShared: false, removedAt: IsNull() } as const;

/** A person's name, however it is capitalised. */
export const isNamed = (name: string) => Raw((column) => `lower(${column}) = lower(:name)`, { name });

/** What a name that somebody has already is refused by. @throws VD_USER_NAME_TAKEN */
export const nameTaken =
  (name: string) =>
  (error: unknown): never => {
    if (sqlState(error) !== '23505') throw error;
    throw userError('VD_USER_NAME_TAKEN', `Somebody is named “${name}” already.`);
  };

/** Ends tokens of a user. @param but this one stays */
export async function endAllOf(
  manager: EntityManager,
  userId: string,
  kinds: readonly UserTokenEntity['kind'][],
  but: string | null = null,
): Promise<void> {
  const open = { userId, kind: In(kinds), revokedAt: IsNull(), ...(but === null ? {} : { id: Not(but) }) };
  await manager.update(UserTokenEntity, open, { revokedAt: NOW });
}

/** Whether another admin can come in, who has come before or has a password. Call it with admins locked. */
export const hasOtherAdmin = (manager: EntityManager, userId: string): Promise<boolean> =>
  manager
    .createQueryBuilder(UserEntity, 'user')
    .where({ ...PERSON, role: 'admin', disabledAt: IsNull(), id: Not(userId) })
    .andWhere('(user.passwordHash IS NOT NULL OR user.lastSeenAt IS NOT NULL)')
    .getExists();
