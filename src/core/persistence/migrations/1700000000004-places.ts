import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Where work ran, why there, what it cost; what was spent; how strategies compare. */
export class Places1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- deferrals: attempts that were claimed and given back untried; they do not count towards the permitted ones.
ALTER TABLE analysis_runs ADD COLUMN strategy_reason text, ADD COLUMN decode_cpu_ms real, ADD COLUMN cost double precision,
  ADD COLUMN deferrals int NOT NULL DEFAULT 0;

-- subject: 'strategy:<id>' or 'analyzer:<id>'; period: a day, '2026-11-26', or a month, '2026-11', in UTC.
CREATE TABLE spending (
  subject text NOT NULL,
  period text NOT NULL,
  amount double precision NOT NULL,
  PRIMARY KEY (subject, period)
);

-- Money is set aside before a job goes, all subjects or none, so that no number of workers can spend more than there is.
-- Rows are locked in one order; each statement sees what was committed before it.
CREATE FUNCTION set_aside(asked jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE refused text;
BEGIN
  INSERT INTO spending (subject, period, amount)
  SELECT subject, period, 0 FROM jsonb_to_recordset(asked) AS a(subject text, period text) ORDER BY subject, period ON CONFLICT DO NOTHING;
  PERFORM 1 FROM spending s JOIN jsonb_to_recordset(asked) AS a(subject text, period text) USING (subject, period)
    ORDER BY s.subject, s.period FOR UPDATE OF s;
  SELECT a.subject INTO refused FROM jsonb_to_recordset(asked) AS a(subject text, period text, amount float8, most float8)
  JOIN spending s USING (subject, period) WHERE s.amount + a.amount > a.most + 1e-9 ORDER BY a.subject LIMIT 1;
  IF refused IS NOT NULL THEN RETURN refused; END IF;
  UPDATE spending s SET amount = s.amount + a.amount FROM jsonb_to_recordset(asked) AS a(subject text, period text, amount float8)
  WHERE s.subject = a.subject AND s.period = a.period;
  RETURN NULL;
END $$;

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
    await runner.query(`DROP TABLE shadow_runs, spending; DROP FUNCTION set_aside;
      ALTER TABLE analysis_runs DROP COLUMN strategy_reason, DROP COLUMN decode_cpu_ms, DROP COLUMN cost, DROP COLUMN deferrals`);
  }
}
