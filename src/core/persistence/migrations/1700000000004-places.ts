import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where work ran, why there, what it cost; what was spent; how strategies compare. */
export class Places1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE analysis_runs ADD COLUMN strategy_reason text, ADD COLUMN decode_cpu_ms real, ADD COLUMN cost double precision;

-- Set aside before a job goes, so that no number of workers can spend more than there is. subject: 'strategy:<id>' or 'analyzer:<id>'.
CREATE TABLE spending (
  subject text NOT NULL,
  day date NOT NULL,
  amount double precision NOT NULL,
  PRIMARY KEY (subject, day)
);

-- A second strategy on a share of segments, whose results are compared and not kept.
CREATE TABLE shadow_runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id bigint NOT NULL,
  stream_id uuid NOT NULL,
  analyzer_id text NOT NULL,
  config_hash text NOT NULL,
  strategy text NOT NULL,
  shadow_strategy text NOT NULL,
  state text NOT NULL CHECK (state IN ('compared','skipped','failed')),
  reason text,
  -- 0..1, null where there was nothing to compare.
  agreement double precision,
  matched int,
  only_main int,
  only_shadow int,
  main_wall_ms real,
  shadow_wall_ms real,
  main_cost double precision,
  shadow_cost double precision,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX shadow_runs_at ON shadow_runs USING brin (at);
CREATE INDEX shadow_runs_analyzer ON shadow_runs (analyzer_id, shadow_strategy, at);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE shadow_runs, spending;
      ALTER TABLE analysis_runs DROP COLUMN strategy_reason, DROP COLUMN decode_cpu_ms, DROP COLUMN cost`);
  }
}
