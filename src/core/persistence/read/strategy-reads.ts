import { Injectable } from '@nestjs/common';
import type { ShadowWire, StrategyWire } from '../../wire/strategies.wire.js';
import { ALIVE_WITHIN } from '../instance-heartbeat.js';
import { Database } from '../database.js';

export interface WorkerReport {
  readonly instanceId: string;
  readonly host: string;
  /** By strategy, as the worker told it. */
  readonly strategies: Readonly<Record<string, unknown>>;
}

/** What the ledger and the workers' heartbeats say of strategies. */
@Injectable()
export class StrategyReads {
  constructor(private readonly database: Database) {}

  workers(): Promise<WorkerReport[]> {
    return this.database.query<WorkerReport>(
      `SELECT id AS "instanceId", host, detail->'strategies' AS strategies FROM instances
       WHERE role = 'worker' AND jsonb_typeof(detail->'strategies') = 'object'
         AND heartbeat_at > now() - ${ALIVE_WITHIN} ORDER BY host, id LIMIT 500`,
    );
  }

  /** By strategy; one without runs is absent. */
  async lastHour(): Promise<ReadonlyMap<string, StrategyWire['lastHour']>> {
    const rows = await this.database.query<StrategyWire['lastHour'] & { strategy: string }>(
      `SELECT strategy, count(*)::int AS runs, count(*) FILTER (WHERE state = 'failed')::int AS failed,
         count(*) FILTER (WHERE strategy_reason <> 'preferred')::int AS moved,
         percentile_cont(0.5) WITHIN GROUP (ORDER BY wall_ms) AS "wallMsP50",
           percentile_cont(0.95) WITHIN GROUP (ORDER BY wall_ms) AS "wallMsP95",
         COALESCE(sum(cost), 0) AS cost
       FROM analysis_runs WHERE finished_at > now() - interval '1 hour' AND strategy IS NOT NULL GROUP BY strategy`,
    );
    return new Map(rows.map(({ strategy, ...figures }) => [strategy, figures]));
  }

  shadows(hours: number): Promise<ShadowWire[]> {
    return this.database.query<ShadowWire>(
      `SELECT analyzer_id AS "analyzerId", strategy, shadow_strategy AS "shadowStrategy",
         count(*) FILTER (WHERE state = 'compared')::int AS compared, count(*) FILTER (WHERE state = 'skipped')::int AS skipped,
           count(*) FILTER (WHERE state = 'failed')::int AS failed,
         avg(agreement) AS agreement, COALESCE(sum(matched), 0)::int AS matched, COALESCE(sum(only_main), 0)::int AS "onlyMain",
           COALESCE(sum(only_shadow), 0)::int AS "onlyShadow",
         percentile_cont(0.5) WITHIN GROUP (ORDER BY main_wall_ms) FILTER (WHERE state = 'compared') AS "mainWallMsP50",
         percentile_cont(0.95) WITHIN GROUP (ORDER BY main_wall_ms) FILTER (WHERE state = 'compared') AS "mainWallMsP95",
         percentile_cont(0.5) WITHIN GROUP (ORDER BY shadow_wall_ms) FILTER (WHERE state = 'compared') AS "shadowWallMsP50",
         percentile_cont(0.95) WITHIN GROUP (ORDER BY shadow_wall_ms) FILTER (WHERE state = 'compared') AS "shadowWallMsP95",
         COALESCE(avg(main_cost) FILTER (WHERE state = 'compared'), 0) AS "mainCostPerRun",
           COALESCE(avg(shadow_cost) FILTER (WHERE state = 'compared'), 0) AS "shadowCostPerRun",
         (array_agg(reason ORDER BY at DESC) FILTER (WHERE state <> 'compared'))[1] AS "lastTrouble"
       FROM shadow_runs WHERE at > now() - $1::int * interval '1 hour' GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
      [hours],
    );
  }
}
