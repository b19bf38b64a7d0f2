import type { Ground } from '../scale/stack.js';

export interface TableSize {
  readonly name: string;
  readonly rows: number;
  readonly heapBytes: number;
  readonly toastBytes: number;
  readonly indexBytes: number;
  readonly totalBytes: number;
}

/** Tables of the ledger, daily partitions with their table; queues have a schema of their own. Sizes are of what a VACUUM leaves. */
export async function tableSizes({ rows }: Pick<Ground, 'rows'>): Promise<TableSize[]> {
  await rows('VACUUM (ANALYZE)');
  return rows<TableSize>(
    `SELECT regexp_replace(c.relname, '_\\d{4}_\\d\\d_\\d\\d$', '') AS name, sum(GREATEST(c.reltuples, 0))::float8 AS rows,
       sum(pg_relation_size(c.oid))::float8 AS "heapBytes", sum(pg_indexes_size(c.oid))::float8 AS "indexBytes",
       sum(COALESCE(pg_total_relation_size(NULLIF(c.reltoastrelid, 0)), 0))::float8 AS "toastBytes",
       sum(pg_total_relation_size(c.oid))::float8 AS "totalBytes"
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public' AND c.relkind = 'r'
     GROUP BY 1 HAVING sum(GREATEST(c.reltuples, 0)) > 0 ORDER BY "totalBytes" DESC`,
  );
}

/** Indexes by size, as {@link tableSizes}. */
export function indexSizes({ rows }: Pick<Ground, 'rows'>): Promise<{ name: string; bytes: number }[]> {
  return rows(
    `SELECT regexp_replace(i.relname, '_\\d{4}_\\d\\d_\\d\\d_', '_') AS name, sum(pg_relation_size(i.oid))::float8 AS bytes
     FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_namespace n ON n.oid = i.relnamespace
     WHERE n.nspname = 'public' GROUP BY 1 HAVING sum(pg_relation_size(i.oid)) > 65536 ORDER BY bytes DESC`,
  );
}

export async function walBytes({ rows }: Pick<Ground, 'rows'>): Promise<number> {
  const [row] = await rows<{ bytes: number }>(`SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::float8 AS bytes`);
  return row!.bytes;
}
