import { Injectable } from '@nestjs/common';
import type { DatabaseFactsWire } from '../../wire/system.wire.js';
import { Database } from '../database.js';

/** Tables that are told of, the largest first. */
const SHOWN_TABLES = 12;

/** What PostgreSQL says of itself. */
@Injectable()
export class DatabaseFacts {
  constructor(private readonly database: Database) {}

  /** @throws VD_API_QUERY_TIMEOUT */
  read(): Promise<DatabaseFactsWire> {
    return this.database.snapshot(async (query) => {
      const [facts] = await query<{ version: string; size_bytes: string; connections: number; max_connections: number }>(
        `SELECT current_setting('server_version') AS version, pg_database_size(current_database())::text AS size_bytes,
           (SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database()) AS connections,
           current_setting('max_connections')::int AS max_connections`,
      );
      const tables = await query<{ name: string; size_bytes: string; rows: string }>(TABLES);
      return {
        version: facts!.version,
        sizeBytes: Number(facts!.size_bytes),
        connections: facts!.connections,
        maxConnections: facts!.max_connections,
        tables: tables.map(({ name, size_bytes, rows }) => ({ name, sizeBytes: Number(size_bytes), rows: Number(rows) })),
      };
    });
  }
}

/** A partitioned table as one; rows as the server last counted them. */
const TABLES = `
SELECT COALESCE(parent.relname, c.relname) AS name, sum(pg_total_relation_size(c.oid))::text AS size_bytes,
  round(sum(GREATEST(c.reltuples, 0)))::text AS rows
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
LEFT JOIN pg_class parent ON parent.oid = i.inhparent
WHERE c.relkind = 'r' AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'
GROUP BY 1 ORDER BY sum(pg_total_relation_size(c.oid)) DESC, 1 LIMIT ${SHOWN_TABLES}`;
