import { Injectable } from '@nestjs/common';
import type { Actor } from '../audit/actor.js';
import type { CrashWire } from '../wire/health.wire.js';
import { recordIn } from './access/audit-log.js';
import { Database, queryOf } from './database.js';

interface CrashRow {
  role: string;
  host: string;
  count: number;
  first_at: Date;
  last_at: Date;
  up_to: string;
}

/** Of the most roles and machines at once. */
const SHOWN = 100;

/** Processes that ended without being asked to, as the others' heartbeats noticed: told until a person has seen it. */
@Injectable()
export class RoleCrashes {
  constructor(private readonly database: Database) {}

  /** The latest first. */
  async unseen(): Promise<CrashWire[]> {
    const rows = await this.database.query<CrashRow>(
      `SELECT role, host, count(*)::int AS count, min(last_heard_at) AS first_at, max(last_heard_at) AS last_at,
         (SELECT max(id) FROM role_crashes)::text AS up_to
       FROM role_crashes WHERE acknowledged_at IS NULL GROUP BY role, host ORDER BY last_at DESC, role, host LIMIT ${SHOWN}`,
    );
    return rows.map(({ first_at, last_at, up_to, ...row }) => ({
      ...row,
      firstAt: first_at.toISOString(),
      lastAt: last_at.toISOString(),
      upTo: up_to,
    }));
  }

  /**
   * Somebody has seen them, and what became of it is on record.
   * @param upTo of what they saw: what crashed since is still told
   */
  async acknowledge(upTo: string, by: Actor): Promise<void> {
    await this.database.transaction(async (manager) => {
      const seen = await queryOf(manager)<{ role: string; host: string; pid: number }>(
        `WITH seen AS (
           UPDATE role_crashes SET acknowledged_at = now(), acknowledged_by = $2 WHERE acknowledged_at IS NULL AND id <= $1::bigint
           RETURNING id, role, host, pid)
         SELECT role, host, pid FROM seen ORDER BY id`,
        [upTo, by.name],
      );
      if (seen.length === 0) return;
      const roles = [...new Set(seen.map(({ role, host }) => `${role} on ${host}`))];
      await recordIn(manager, { by, action: 'crash.acknowledge', detail: { upTo, count: seen.length, roles } });
    });
  }
}
