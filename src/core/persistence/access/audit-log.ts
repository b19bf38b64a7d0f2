import { Injectable } from '@nestjs/common';
import type { Actor } from '../../audit/actor.js';
import type { AuditEntryWire } from '../../wire/audit.wire.js';
import { cursorAt, cursorParts } from '../../wire/list-cursor.js';
import type { Page } from '../../wire/wire.js';
import { printable, printableJson } from '../postgres-text.js';
import { Database } from '../database.js';
import { SqlWhere } from '../read/sql-where.js';

export interface AuditEntry {
  readonly by: Actor;
  /** `stream.create`, `session.open`, … */
  readonly action: string;
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

type Query = (sql: string, params: readonly unknown[]) => Promise<unknown>;

interface AuditRow {
  readonly id: string;
  readonly at: Date;
  readonly actor: string;
  readonly action: string;
  readonly target: string | null;
  readonly detail: Record<string, unknown>;
  readonly userId: string | null;
  readonly tokenId: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
}

/** Puts an entry on record in the transaction of what it tells of. */
export async function recordIn(query: Query, { by, action, target, detail }: AuditEntry): Promise<void> {
  await query(
    `INSERT INTO audit (actor, action, target, detail, user_id, token_id, address, request_id)
     VALUES ($1, $2, $3, $4::jsonb, $5, $6, $7, $8)`,
    [printable(by.name), action, target ?? null, printableJson(detail ?? {}), by.userId, by.tokenId, by.address, by.requestId],
  );
}

/** Who changed what, and who was refused, kept in the database: entries are written and read, and never changed. */
@Injectable()
export class AuditLog {
  constructor(private readonly database: Database) {}

  record(entry: AuditEntry): Promise<void> {
    return recordIn((sql, params) => this.database.query(sql, params), entry);
  }

  /** Newest first unless `ascending`. @throws VD_API_INVALID for a cursor of another list */
  async list(filter: AuditFilter): Promise<Page<AuditEntryWire>> {
    const where = new SqlWhere();
    const columns = {
      action: filter.action,
      target: filter.target,
      user_id: filter.userId,
      token_id: filter.tokenId,
      address: filter.address,
    };
    for (const [column, value] of Object.entries(columns)) if (value !== undefined) where.add(`${column} = ?`, value);
    if (filter.from !== undefined) where.add('at >= ?::timestamptz', filter.from);
    if (filter.to !== undefined) where.add('at < ?::timestamptz', filter.to);
    if (filter.after !== undefined) where.add(`id ${filter.ascending ? '>' : '<'} ?::bigint`, ...cursorParts(filter.after, ['rowId']));
    const rows = await this.database.query<AuditRow>(
      `SELECT id, at, actor, action, target, detail, user_id AS "userId", token_id AS "tokenId", address, request_id AS "requestId"
       FROM audit WHERE ${where} ORDER BY id ${filter.ascending ? 'ASC' : 'DESC'} LIMIT ${where.param(filter.limit + 1)}`,
      where.params,
    );
    const kept = rows.slice(0, filter.limit);
    const last = rows.length > filter.limit ? kept.at(-1) : undefined;
    return {
      items: kept.map(({ at, ...row }) => ({ ...row, at: at.toISOString() })),
      next: last === undefined ? null : cursorAt([last.id]),
    };
  }
}
