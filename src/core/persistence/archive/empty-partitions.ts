import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { sqlState } from '../sql-errors.js';

/** Results of the last two days may still come, as rows that stay a while. */
const QUIET_DAYS = 2;
/** An empty partition with its empty indexes takes less; one that was emptied row by row keeps what it had. */
const WORTHWHILE_BYTES = 262_144;
const LOCK_NOT_AVAILABLE = '55P03';

/** Gives back the disk of daily partitions of which every row was packed: their indexes would keep their size for ever. */
@Injectable()
export class EmptyPartitions {
  constructor(private readonly database: Database) {}

  /** Those that somebody reads or writes just now are left for the next time. */
  async shrink(): Promise<void> {
    const partitions = await this.database.query<{ name: string }>(
      `SELECT c.oid::regclass::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
       WHERE i.inhparent IN ('detections'::regclass, 'metrics'::regclass, 'observations'::regclass)
         AND c.relname ~ '_\\d{4}_\\d\\d_\\d\\d$'
         AND to_date(right(c.relname, 10), 'YYYY_MM_DD') < (now() AT TIME ZONE 'UTC')::date - $1::int
         AND pg_total_relation_size(c.oid) > $2`,
      [QUIET_DAYS, WORTHWHILE_BYTES],
    );
    for (const { name } of partitions) await this.shrinkOne(name);
  }

  private async shrinkOne(name: string): Promise<void> {
    const [first] = await this.database.query<{ is_used: boolean }>(`SELECT EXISTS (SELECT 1 FROM ${name}) AS is_used`);
    if (first?.is_used === true) return;
    try {
      await this.database.script(`
        SET LOCAL lock_timeout = '200ms';
        LOCK TABLE ${name} IN ACCESS EXCLUSIVE MODE;
        DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM ${name}) THEN TRUNCATE ${name}; END IF; END $$;`);
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    }
  }
}
