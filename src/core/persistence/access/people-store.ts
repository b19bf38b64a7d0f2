import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import type { Actor } from '../../audit/actor.js';
import { userError } from '../../errors/user.errors.js';
import { cursorParts } from '../../wire/list-cursor.js';
import type { PersonPatch, PersonWire } from '../../wire/people.wire.js';
import type { Page, Role } from '../../wire/wire.js';
import { Database } from '../database.js';
import { InvitationEntity, UserEntity } from '../entities/user.entity.js';
import { pageOfRows } from '../read/page-of-rows.js';
import { recordIn } from './audit-log.js';
import { endAllOf, hasOtherAdmin, nameTaken, PERSON } from './person-rows.js';
import { after, lockAdmins, NOW } from './token-rows.js';

/** A link by which a person sets a password. */
export interface NewInvitation {
  readonly sha256: Buffer;
  readonly ttlMs: number;
}

const ALL_TOKENS = ['session', 'api', 'one-time'] as const;

/** Who may come in. Whoever was removed stays known to the audit trail, and nothing else. */
@Injectable()
export class PeopleStore {
  constructor(private readonly database: Database) {}

  /** In the order in which they came. @throws VD_API_INVALID for a cursor of another list */
  async list({ after: cursor, limit }: { after?: string | undefined; limit: number }): Promise<Page<PersonWire>> {
    return this.database.run(async (manager) => {
      const people = manager.createQueryBuilder(UserEntity, 'user').addSelect('user.passwordHash').where(PERSON);
      if (cursor !== undefined) people.andWhere('user.ordinal > :after', { after: cursorParts(cursor, ['rowId'])[0] });
      const rows = await people
        .orderBy('user.ordinal')
        .limit(limit + 1)
        .getMany();
      const invitations = await invitationsOf(manager, rows);
      return pageOfRows(
        rows,
        limit,
        (row) => toWire(row, invitations.get(row.id)),
        ({ ordinal }) => [ordinal],
      );
    });
  }

  /** @throws VD_USER_NAME_TAKEN */
  async invite(person: { name: string; role: Role }, invitation: NewInvitation, by: Actor): Promise<PersonWire> {
    return this.database.transaction(async (manager) => {
      const id = randomUUID();
      await manager.insert(UserEntity, { id, ...person }).catch(nameTaken(person.name));
      await writeInvitation(manager, id, invitation);
      await recordIn(manager, { by, action: 'user.invite', target: id, detail: person });
      return onWire(manager, id);
    });
  }

  /** A new link for a person who is known: to come in for the first time, or after the password was forgotten. Null: nobody is. */
  async inviteAgain(id: string, invitation: NewInvitation, by: Actor): Promise<PersonWire | null> {
    return this.database.transaction(async (manager) => {
      const person = await locked(manager, id);
      if (person === null) return null;
      if (person.disabledAt !== null) throw userError('VD_USER_DISABLED', `${person.name} is disabled.`);
      await writeInvitation(manager, id, invitation);
      await recordIn(manager, { by, action: 'user.reset', target: id, detail: { name: person.name } });
      return onWire(manager, id);
    });
  }

  /** @returns null where there is no such person @throws VD_USER_NAME_TAKEN, VD_USER_LAST_ADMIN */
  async update(id: string, { name, role, disabled }: PersonPatch, by: Actor): Promise<PersonWire | null> {
    return this.database.transaction(async (manager) => {
      await lockAdmins(manager);
      const person = await locked(manager, id);
      if (person === null) return null;
      const stays = (role ?? person.role) === 'admin' && !(disabled ?? person.disabledAt !== null);
      if (!stays) await keepAnAdmin(manager, person);
      const change = {
        ...(name === undefined ? {} : { name }),
        ...(role === undefined ? {} : { role }),
        ...(disabled === undefined ? {} : { disabledAt: disabled ? NOW : null }),
      };
      if (Object.keys(change).length > 0) await manager.update(UserEntity, { id }, change).catch(nameTaken(name ?? person.name));
      if (disabled === true) await shutOut(manager, id);
      await recordIn(manager, { by, action: 'user.update', target: id, detail: { was: person.name, name, role, disabled } });
      return onWire(manager, id);
    });
  }

  /** @returns false where there is no such person @throws VD_USER_LAST_ADMIN */
  async remove(id: string, by: Actor): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      await lockAdmins(manager);
      const person = await locked(manager, id);
      if (person === null) return false;
      await keepAnAdmin(manager, person);
      await manager.update(UserEntity, { id }, { removedAt: NOW, passwordHash: null });
      await shutOut(manager, id);
      await recordIn(manager, { by, action: 'user.remove', target: id, detail: { name: person.name, role: person.role } });
      return true;
    });
  }
}

const locked = (manager: EntityManager, id: string): Promise<UserEntity | null> =>
  manager.findOne(UserEntity, { where: { ...PERSON, id }, lock: { mode: 'pessimistic_write' } });

/** Everything that a person could come in by ends. */
async function shutOut(manager: EntityManager, id: string): Promise<void> {
  await endAllOf(manager, id, ALL_TOKENS);
  await manager.delete(InvitationEntity, { userId: id });
}

/** Nobody locks everyone out, themselves included. */
async function keepAnAdmin(manager: EntityManager, { id, name, role, disabledAt }: UserEntity): Promise<void> {
  if (role !== 'admin' || disabledAt !== null || (await hasOtherAdmin(manager, id))) return;
  throw userError('VD_USER_LAST_ADMIN', `${name} is the only admin who can come in.`);
}

async function writeInvitation(manager: EntityManager, userId: string, { sha256, ttlMs }: NewInvitation): Promise<void> {
  await manager.delete(InvitationEntity, { userId });
  await manager.insert(InvitationEntity, { userId, tokenSha256: sha256, expiresAt: after(ttlMs) });
}

async function invitationsOf(manager: EntityManager, people: readonly UserEntity[]): Promise<Map<string, InvitationEntity>> {
  if (people.length === 0) return new Map();
  const found = await manager.findBy(InvitationEntity, { userId: In(people.map(({ id }) => id)) });
  return new Map(found.map((invitation) => [invitation.userId, invitation]));
}

async function onWire(manager: EntityManager, id: string): Promise<PersonWire> {
  const person = await manager.createQueryBuilder(UserEntity, 'user').addSelect('user.passwordHash').where({ id }).getOneOrFail();
  return toWire(person, (await invitationsOf(manager, [person])).get(id));
}

function toWire(person: UserEntity, invitation: InvitationEntity | undefined): PersonWire {
  const hasComeIn = person.passwordHash !== null || person.lastSeenAt !== null;
  return {
    id: person.id,
    name: person.name,
    role: person.role,
    state: person.disabledAt !== null ? 'disabled' : hasComeIn ? 'active' : 'invited',
    hasPassword: person.passwordHash !== null,
    createdAt: person.createdAt.toISOString(),
    lastSeenAt: person.lastSeenAt?.toISOString() ?? null,
    linkExpiresAt: invitation?.expiresAt.toISOString() ?? null,
  };
}
