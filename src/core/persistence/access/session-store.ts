import { Injectable } from '@nestjs/common';
import { type EntityManager, In, Not, type SelectQueryBuilder } from 'typeorm';
import type { Actor } from '../../audit/actor.js';
import { cursorParts } from '../../wire/list-cursor.js';
import type { OpenSessionWire } from '../../wire/people.wire.js';
import type { Page } from '../../wire/wire.js';
import { Database } from '../database.js';
import { UserTokenEntity } from '../entities/user.entity.js';
import { pageOfRows } from '../read/page-of-rows.js';
import { recordIn } from './audit-log.js';
import { NOW, sessionNameOf, SIGNED_IN_BY, type TokenOwner, valid } from './token-rows.js';

/** Whoever holds a token. */
export type Holder = Pick<TokenOwner, 'userId' | 'tokenId'>;

/** Sessions that are open: whose they are, and how to end them. */
@Injectable()
export class SessionStore {
  constructor(private readonly database: Database) {}

  /**
   * The newest first.
   * @param of whose; null: everybody's
   * @param current the token of whoever asks
   * @throws VD_API_INVALID for a cursor of another list
   */
  async list(of: Holder | null, page: { after?: string | undefined; limit: number }, current: string): Promise<Page<OpenSessionWire>> {
    const rows = await this.database.run((manager) => {
      const open = sessions(manager, of);
      if (page.after !== undefined) open.andWhere('token.ordinal < :after', { after: cursorParts(page.after, ['rowId'])[0] });
      return open
        .orderBy('token.ordinal', 'DESC')
        .limit(page.limit + 1)
        .getMany();
    });
    return pageOfRows(
      rows,
      page.limit,
      (row) => toWire(row, current),
      ({ ordinal }) => [ordinal],
    );
  }

  /**
   * Ends one.
   * @param of whose it has to be; null: anybody's
   * @returns false where no such session is open
   */
  async end(sessionId: string, of: Holder | null, by: Actor): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const session = await sessions(manager, of).andWhere({ id: sessionId }).getOne();
      if (session === null) return false;
      await endAll(manager, [session]);
      await recordIn(manager, { by, action: 'session.close', target: sessionId, detail: { of: session.user.name } });
      return true;
    });
  }

  /** Ends all of a holder but the one that asks. @returns how many were open */
  async endOthers(of: Holder, by: Actor): Promise<number> {
    return this.database.transaction(async (manager) => {
      const others = await sessions(manager, of)
        .andWhere({ id: Not(of.tokenId) })
        .getMany();
      if (others.length === 0) return 0;
      await endAll(manager, others);
      await recordIn(manager, { by, action: 'session.close', target: of.userId, detail: { others: others.length } });
      return others.length;
    });
  }
}

/** Those that are open. Whoever holds a token that belongs to nobody shares its user with others, and has what that token opened. */
function sessions(manager: EntityManager, of: Holder | null): SelectQueryBuilder<UserTokenEntity> {
  const open = valid(manager).andWhere({ kind: 'session' });
  if (of === null) return open;
  return open
    .andWhere({ userId: of.userId })
    .andWhere(`(NOT user.isShared OR token.name IN (:opened, (SELECT name FROM user_tokens WHERE id = :tokenId)))`, {
      opened: sessionNameOf(of.tokenId),
      tokenId: of.tokenId,
    });
}

const endAll = (manager: EntityManager, ended: readonly UserTokenEntity[]): Promise<unknown> =>
  manager.update(UserTokenEntity, { id: In(ended.map(({ id }) => id)) }, { revokedAt: NOW });

function toWire(token: UserTokenEntity, current: string): OpenSessionWire {
  return {
    id: token.id,
    user: { id: token.userId, name: token.user.name, role: token.user.role },
    openedBy: token.name === SIGNED_IN_BY.password ? 'password' : token.name === SIGNED_IN_BY.oneTime ? 'one-time' : 'api',
    address: token.address,
    browser: token.browser,
    createdAt: token.createdAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    expiresAt: token.expiresAt?.toISOString() ?? null,
    current: token.id === current,
  };
}
