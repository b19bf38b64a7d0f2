import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

export interface AuditEntry {
  /** User name and role, or the remote address of someone who is not signed in. */
  readonly actor: string;
  /** `stream.create`, `session.open`, … */
  readonly action: string;
  readonly target?: string;
  /** Never secrets: names of what was changed, not the values of keys or configs. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Who changed what, kept in the database. */
@Injectable()
export class AuditLog {
  constructor(private readonly database: Database) {}

  async record(entry: AuditEntry): Promise<void> {
    await this.database.query('INSERT INTO audit (actor, action, target, detail) VALUES ($1, $2, $3, $4::jsonb)', [
      entry.actor,
      entry.action,
      entry.target ?? null,
      JSON.stringify(entry.detail ?? {}),
    ]);
  }
}
