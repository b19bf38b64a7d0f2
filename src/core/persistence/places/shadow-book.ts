import { Injectable } from '@nestjs/common';
import { printable } from '../postgres-text.js';
import { Database } from '../database.js';

/** How a strategy in the shadow did on one run. */
export interface ShadowEntry {
  readonly runId: string;
  readonly streamId: string;
  readonly analyzerId: string;
  readonly configHash: string;
  readonly strategy: string;
  readonly shadowStrategy: string;
  readonly state: 'compared' | 'skipped' | 'failed';
  readonly reason?: string;
  /** 0..1; null where neither found anything. */
  readonly agreement?: number | null;
  readonly matched?: number;
  readonly onlyMain?: number;
  readonly onlyShadow?: number;
  readonly mainWallMs?: number;
  readonly shadowWallMs?: number;
  readonly mainCost?: number;
  readonly shadowCost?: number;
}

/** Days that comparisons are kept. */
const KEPT_DAYS = 30;

/** Writes down how strategies in the shadow compare. An abstract class so that it is its own Nest token. */
export abstract class ShadowBook {
  abstract write(entry: ShadowEntry): Promise<void>;
}

@Injectable()
export class PgShadowBook extends ShadowBook {
  constructor(private readonly sql: Database) {
    super();
  }

  async write(entry: ShadowEntry): Promise<void> {
    await this.sql.rows(
      {
        name: 'shadow_write',
        text: `WITH old AS (DELETE FROM shadow_runs WHERE id IN (SELECT id FROM shadow_runs
          WHERE at < now() - interval '${KEPT_DAYS} days' LIMIT 10))
INSERT INTO shadow_runs (run_id, stream_id, analyzer_id, config_hash, strategy, shadow_strategy, state, reason, agreement, matched,
  only_main, only_shadow,
  main_wall_ms, shadow_wall_ms, main_cost, shadow_cost) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
      },
      [
        ...[
          entry.runId,
          entry.streamId,
          entry.analyzerId,
          entry.configHash,
          entry.strategy,
          entry.shadowStrategy,
          entry.state,
          entry.reason === undefined ? null : printable(entry.reason),
        ],
        ...[entry.agreement ?? null, entry.matched ?? null, entry.onlyMain ?? null, entry.onlyShadow ?? null],
        ...[entry.mainWallMs ?? null, entry.shadowWallMs ?? null, entry.mainCost ?? null, entry.shadowCost ?? null],
      ],
    );
  }
}
