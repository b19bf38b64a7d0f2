import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull, Not, Raw } from 'typeorm';
import type { Actor } from '../../audit/actor.js';
import type { Role } from '../../wire/wire.js';
import { authError } from '../../errors/auth.errors.js';
import { userError } from '../../errors/user.errors.js';
import { Database } from '../database.js';
import { InvitationEntity, UserEntity, UserTokenEntity } from '../entities/user.entity.js';
import { recordIn } from './audit-log.js';
import { endAllOf, isNamed, nameTaken, PERSON } from './person-rows.js';
import { insertSession, lockAdmins, type NewSession, SIGNED_IN_BY, type TokenOwner, valid } from './token-rows.js';
import { lockedOpener, spend } from './token-store.js';

/** What a password is compared with. */
export interface KnownPassword {
  readonly userId: string;
  readonly hash: string;
}

/** Whom a link was made for. */
export interface Invited {
  readonly name: string;
  readonly role: Role;
  /** Whether the person had a password before. */
  readonly isReset: boolean;
  readonly expiresAt: Date;
}

/** What a signed-in person has to bring to set a password. */
export interface OwnPassword {
  readonly isPerson: boolean;
  /** Null: none was set so far. */
  readonly hash: string | null;
  /** Nobody asks for the old one where the session proves access to the machine, or where there is none. */
  readonly asksOld: boolean;
}

/** By a one-time token of the command line a password may be set anew for so long. */
const RESCUED_SINCE = "now() - interval '1 hour'";

/** Passwords, as hashes: who has one, and the ways to set it. Whom they were set by is on record; what they are is not. */
@Injectable()
export class PasswordStore {
  constructor(private readonly database: Database) {}

  /** Whether anybody can sign in by a password. */
  async isAnySet(): Promise<boolean> {
    return this.database.run((manager) => isAnySet(manager));
  }

  /** Of a person who may come in. Null: there is no such person, or without password. */
  async byName(name: string): Promise<KnownPassword | null> {
    const user = await this.database.run((manager) => withHash(manager, { ...PERSON, disabledAt: IsNull(), name: isNamed(name) }));
    return user?.passwordHash == null ? null : { userId: user.id, hash: user.passwordHash };
  }

  /** A session of whoever brought the right password. @returns null where it is not the password any more, or the person may not come in */
  async openSession({ userId, hash }: KnownPassword, session: NewSession): Promise<TokenOwner | null> {
    return this.database.transaction(async (manager) => {
      const user = await withHash(manager, { ...PERSON, disabledAt: IsNull(), id: userId });
      return user?.passwordHash === hash ? insertSession(manager, { userId, name: SIGNED_IN_BY.password, session }) : null;
    });
  }

  /**
   * Names the first person, by a one-time token that is spent by it.
   * @returns null when the token opens nothing
   * @throws VD_USER_SETUP_DONE, VD_USER_NAME_TAKEN
   */
  async setUp(sha256: Buffer, input: { name: string; hash: string }, session: NewSession): Promise<TokenOwner | null> {
    return this.database.transaction(async (manager) => {
      await lockAdmins(manager);
      if (await isAnySet(manager)) throw userError('VD_USER_SETUP_DONE', 'Somebody has a password here already.');
      const opener = await lockedOpener(manager, sha256, ['one-time']);
      if (opener === null) return null;
      const { userId } = opener;
      await manager.update(UserEntity, { id: userId }, { name: input.name, passwordHash: input.hash }).catch(nameTaken(input.name));
      await spend(manager, opener);
      return insertSession(manager, { userId, name: SIGNED_IN_BY.password, session });
    });
  }

  /** Whom a link is for; null when it opens nothing. */
  async invited(sha256: Buffer): Promise<Invited | null> {
    return this.database.run(async (manager) => {
      const found = await openInvitation(manager, sha256);
      if (found === null) return null;
      const { name, role, passwordHash } = found.user;
      return { name, role, isReset: passwordHash !== null, expiresAt: found.expiresAt };
    });
  }

  /** Sets the password of whom a link was made for; the link and what was open before end by it. @returns null when it opens nothing */
  async accept(sha256: Buffer, hash: string, session: NewSession): Promise<TokenOwner | null> {
    return this.database.transaction(async (manager) => {
      const found = await openInvitation(manager, sha256);
      const used = found === null ? null : await manager.delete(InvitationEntity, { userId: found.user.id, tokenSha256: sha256 });
      if (found === null || used?.affected !== 1) return null;
      const { id: userId } = found.user;
      await manager.update(UserEntity, { id: userId }, { passwordHash: hash });
      await endAllOf(manager, userId, ['session']);
      return insertSession(manager, { userId, name: SIGNED_IN_BY.password, session });
    });
  }

  /** What whoever holds this token has to bring. */
  async own({ userId, tokenId }: Pick<TokenOwner, 'userId' | 'tokenId'>): Promise<OwnPassword> {
    return this.database.run(async (manager) => {
      const user = await withHash(manager, { ...PERSON, id: userId });
      if (user === null) return { isPerson: false, hash: null, asksOld: true };
      const rescue = { id: tokenId, kind: 'session' as const, name: SIGNED_IN_BY.oneTime };
      const inTime = user.passwordHash === null ? {} : { createdAt: Raw((at) => `${at} > ${RESCUED_SINCE}`) };
      const isRescued = await manager.existsBy(UserTokenEntity, { ...rescue, ...inTime });
      return { isPerson: true, hash: user.passwordHash, asksOld: !isRescued };
    });
  }

  /** Replaces a person's own password; what else is open of theirs ends. @param was what it was compared with */
  async change(owner: TokenOwner, { was, hash }: { was: string | null; hash: string }, by: Actor): Promise<void> {
    await this.database.transaction(async (manager) => {
      const passwordHash = was === null ? IsNull() : was;
      const { affected } = await manager.update(UserEntity, { ...PERSON, id: owner.userId, passwordHash }, { passwordHash: hash });
      if (affected !== 1) throw authError('VD_AUTH_PASSWORD_WRONG', 'The password was changed by somebody else a moment ago.');
      const others = await valid(manager)
        .andWhere({ userId: owner.userId, kind: 'session', id: Not(owner.tokenId) })
        .getMany();
      await endAllOf(manager, owner.userId, ['session', 'one-time'], owner.tokenId);
      await manager.delete(InvitationEntity, { userId: owner.userId });
      await recordIn(manager, { by, action: 'user.password', target: owner.userId, detail: { endedSessions: others.length } });
    });
  }
}

const isAnySet = (manager: EntityManager): Promise<boolean> => manager.existsBy(UserEntity, { ...PERSON, passwordHash: Not(IsNull()) });

const withHash = (manager: EntityManager, where: object): Promise<UserEntity | null> =>
  manager.createQueryBuilder(UserEntity, 'user').addSelect('user.passwordHash').where(where).getOne();

/** A link that is open, for somebody who may come in. */
async function openInvitation(manager: EntityManager, sha256: Buffer): Promise<{ user: UserEntity; expiresAt: Date } | null> {
  const open = await manager.findOneBy(InvitationEntity, { tokenSha256: sha256, expiresAt: Raw((at) => `${at} > now()`) });
  if (open === null) return null;
  const user = await withHash(manager, { ...PERSON, disabledAt: IsNull(), id: open.userId });
  return user === null ? null : { user, expiresAt: open.expiresAt };
}
