import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { printableJson } from '../postgres-text.js';

/** Who keeps the rows: one process of all, whichever. */
export const LEDGER_KEEPER = 'ledger';
/** Who keeps a media folder: the node whose it is. */
export const mediaKeeper = (nodeId: string): string => `media:${nodeId}`;

/** How full a place is; null where it cannot be told. */
export interface DiskSample {
  readonly usedBytes: number;
  readonly freeBytes: number | null;
  readonly totalBytes: number | null;
}

export interface KeeperReport<R = unknown> {
  readonly id: string;
  readonly report: R;
  readonly reportedAtMs: number;
}

/** Those who keep house: whose turn it is, what they have to say, and where they stand. */
@Injectable()
export class Keepers {
  constructor(private readonly sql: Database) {}

  /** Takes the work, or goes on with it, for `leaseMs`. @returns false while another process has it */
  async claim(id: string, holder: string, leaseMs: number): Promise<boolean> {
    return (await this.sql.rows(CLAIM, [id, holder, leaseMs])).length > 0;
  }

  /** Others may take the work at once. */
  async release(id: string, holder: string): Promise<void> {
    await this.sql.rows(
      { name: 'keeper_release', text: 'UPDATE keepers SET holder = NULL, lease_until = NULL WHERE id = $1 AND holder = $2' },
      [id, holder],
    );
  }

  /** What the dashboard is told. The disk is put on record once an hour besides. */
  async report(id: string, report: object, disk: DiskSample): Promise<void> {
    await this.sql.rows(REPORT, [id, printableJson(report), disk.usedBytes, disk.freeBytes, disk.totalBytes]);
  }

  async reports(): Promise<KeeperReport[]> {
    const rows = await this.sql.rows<{ id: string; report: unknown; reported_at_ms: number }>({
      name: 'keeper_reports',
      text: `SELECT id, report, (extract(epoch FROM reported_at) * 1000)::float8 AS reported_at_ms FROM keepers
        WHERE reported_at IS NOT NULL ORDER BY id LIMIT 1000`,
    });
    return rows.map((row) => ({ id: row.id, report: row.report, reportedAtMs: row.reported_at_ms }));
  }

  /** Where a scan stands; what was never kept is an empty object. */
  async place(id: string): Promise<unknown> {
    const [row] = await this.sql.rows<{ scan: unknown }>({ name: 'keeper_place', text: 'SELECT scan FROM keepers WHERE id = $1' }, [id]);
    return row?.scan ?? {};
  }

  async keepPlace(id: string, place: object): Promise<void> {
    await this.sql.rows(
      {
        name: 'keeper_keep_place',
        text: 'INSERT INTO keepers (id, scan) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET scan = EXCLUDED.scan',
      },
      [id, JSON.stringify(place)],
    );
  }
}

/** By the server's clock. */
const CLAIM = {
  name: 'keeper_claim',
  text: `
INSERT INTO keepers AS k (id, holder, lease_until) VALUES ($1, $2, now() + $3::float8 * interval '1 millisecond')
ON CONFLICT (id) DO UPDATE SET holder = EXCLUDED.holder, lease_until = EXCLUDED.lease_until
WHERE k.holder = EXCLUDED.holder OR k.holder IS NULL OR k.lease_until < now() RETURNING 1`,
};

const REPORT = {
  name: 'keeper_report',
  text: `
WITH sampled AS (
  INSERT INTO disk_samples (keeper, at, used_bytes, free_bytes, total_bytes) VALUES ($1, date_trunc('hour', now()), $3, $4, $5)
  ON CONFLICT DO NOTHING
)
INSERT INTO keepers (id, report, reported_at) VALUES ($1, $2, now())
ON CONFLICT (id) DO UPDATE SET report = EXCLUDED.report, reported_at = EXCLUDED.reported_at`,
};
