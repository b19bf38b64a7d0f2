import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Where runs and results go once nobody works on them any more: blocks of ten minutes of one analyzer of one epoch, column by column and
 * deflated. Rows that are there already are packed later, a few at a time, by whoever keeps the ledger; nothing is moved here.
 */
export class Archive1700000000042 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- at: where the ten minutes begin. first_key, last_key: what the block's list is ordered by: µs since 1970 of results, ids of runs.
-- first_run, last_run: ids of the runs that it is of, the least and the greatest. names: labels, names of metrics, types of observations,
-- states of runs. Parallel to names, of detections (scores) and metrics (values): how many, their sum, the least and the greatest; minutes
-- has the same by the minute.
CREATE TABLE ledger_archive (
  at timestamptz NOT NULL,
  kind text NOT NULL CHECK (kind IN ('runs','detections','metrics','observations')),
  stream_id uuid NOT NULL,
  epoch_id uuid NOT NULL,
  analyzer_id text NOT NULL,
  first_key bigint NOT NULL,
  last_key bigint NOT NULL,
  first_run bigint NOT NULL,
  last_run bigint NOT NULL,
  row_count int NOT NULL CHECK (row_count > 0),
  names text[] NOT NULL,
  counts int[],
  sums double precision[],
  lows double precision[],
  highs double precision[],
  minutes bytea,
  data bytea NOT NULL
) PARTITION BY RANGE (at);
-- Deflated already.
ALTER TABLE ledger_archive ALTER COLUMN data SET STORAGE EXTERNAL, ALTER COLUMN minutes SET STORAGE EXTERNAL;
CREATE INDEX ledger_archive_first ON ledger_archive (stream_id, kind, first_key);
CREATE INDEX ledger_archive_last ON ledger_archive (stream_id, kind, last_key);

-- Texts that were read stay rows, to be searched; what is packed is found without passing them by.
CREATE INDEX observations_to_pack ON observations (stream_id, at) WHERE type <> 'text';

-- Each run is written three times and packed after some hours: what it leaves behind is used again before it is a fifth of the table.
ALTER TABLE analysis_runs SET (autovacuum_vacuum_scale_factor = 0.05);
`);
  }

  /** What is packed is packed: without its table it is gone, so only an empty one goes. */
  async down(runner: QueryRunner): Promise<void> {
    const [found] = (await runner.query('SELECT EXISTS (SELECT 1 FROM ledger_archive) AS is_used')) as { is_used: boolean }[];
    if (found?.is_used === true) throw new Error('Runs and results have been packed: their table cannot be removed without losing them');
    await runner.query(
      'ALTER TABLE analysis_runs RESET (autovacuum_vacuum_scale_factor); DROP INDEX observations_to_pack; DROP TABLE ledger_archive',
    );
  }
}
