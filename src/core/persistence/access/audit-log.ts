import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { AuditAction } from '../../audit/actions.js';
import type { Actor } from '../../audit/actor.js';
import type { AuditEntryWire } from '../../wire/audit.wire.js';
import { cursorParts } from '../../wire/list-cursor.js';
import type { Page } from '../../wire/wire.js';
import { printable, printableJson } from '../postgres-text.js';
import { Database } from '../database.js';
import { pageOfRows } from '../read/page-of-rows.js';
import { AuditEntity } from '../entities/operations.entity.js';

export interface AuditEntry {
  readonly by: Actor;
  readonly action: AuditAction;
  readonly target?: string;
  /** Never secrets: names of what was changed, not the values of keys or configs. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export interface AuditFilter {
  readonly action?: string;
  readonly target?: string;
  readonly userId?: string;
  readonly tokenId?: string;
  readonly address?: string;
  readonly from?: string;
  readonly to?: string;
  readonly after?: string;
  readonly ascending: boolean;
  readonly limit: number;
}

/** Puts an entry on record in the transaction of what it is about. */
export async function recordIn(manager: EntityManager, { by, action, target, detail }: AuditEntry): Promise<void> {
  const { userId, tokenId, address, requestId } = by;
  // What others say of themselves may hold what PostgreSQL cannot store.
  const said = JSON.parse(printableJson(detail ?? {})) as object;
  await manager.insert(AuditEntity, {
    actor: printable(by.name),
    action,
    target: target ?? null,
    detail: said,
    userId,
    tokenId,
    address,
    requestId,
  });
}

/** Who changed what, and who was refused, kept in the database: entries are written and read, and never changed. */
@Injectable()
export class AuditLog {
  constructor(private readonly database: Database) {}

  record(entry: AuditEntry): Promise<void> {
    return this.database.run((manager) => recordIn(manager, entry));
  }

  /** Newest first unless `ascending`. @throws VD_API_INVALID for a cursor of another list */
  async list(filter: AuditFilter): Promise<Page<AuditEntryWire>> {
    const { from, to, after, ascending, limit, ...is } = filter;
    const asked = Object.fromEntries(Object.entries(is).filter(([, value]) => value !== undefined));
    const rows = await this.database.run((manager) => {
      const found = manager.createQueryBuilder(AuditEntity, 'entry').where(asked);
      if (from !== undefined) found.andWhere('entry.at >= :from', { from });
      if (to !== undefined) found.andWhere('entry.at < :to', { to });
      if (after !== undefined) found.andWhere(`entry.id ${ascending ? '>' : '<'} :after`, { after: cursorParts(after, ['rowId'])[0] });
      return found
        .orderBy('entry.id', ascending ? 'ASC' : 'DESC')
        .limit(limit + 1)
        .getMany();
    });
    return pageOfRows(
      rows,
      limit,
      ({ at, ...row }) => ({ ...row, at: at.toISOString() }),
      ({ id }) => [id],
    );
  }
}
