import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Analysing again what was recorded: jobs, what they found, and how it differs from what was known. */
export class Backfills1700000000054 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE backfills (
  id uuid PRIMARY KEY,
  title text NOT NULL,
  analyzer_id text NOT NULL,
  analyzer_version text NOT NULL,
  -- As it is written; null: the one in force when a segment is analysed.
  config jsonb,
  from_at timestamptz NOT NULL,
  to_at timestamptz NOT NULL,
  only_missing boolean NOT NULL,
  -- What is found fills what was missing, segment by segment; else it is kept apart until it is taken over as a whole.
  fills boolean NOT NULL,
  -- Taken over without being asked once all is found.
  applies boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('queued','running','paused','done','failed','cancelled')),
  phase text NOT NULL DEFAULT 'analysing' CHECK (phase IN ('analysing','comparing','applying')),
  outcome text CHECK (outcome IN ('applied','discarded')),
  detail text,
  error_code text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz
);
CREATE INDEX backfills_open ON backfills (created_at) WHERE state IN ('queued','running','paused');

-- One after the other in each stream: who is at it, and what its analyzer keeps in mind.
CREATE TABLE backfill_streams (
  backfill_id uuid NOT NULL REFERENCES backfills (id) ON DELETE CASCADE,
  stream_id uuid NOT NULL,
  owner text,
  fence bigint NOT NULL DEFAULT 0,
  lease_until timestamptz,
  checkpoint jsonb,
  -- What was known when it was compared: [epoch, name, start, end or null], in microseconds of media.
  known_events jsonb,
  cleared boolean NOT NULL DEFAULT false,
  PRIMARY KEY (backfill_id, stream_id)
);

CREATE TABLE backfill_runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  backfill_id uuid NOT NULL REFERENCES backfills (id) ON DELETE CASCADE,
  stream_id uuid NOT NULL,
  segment_id bigint NOT NULL,
  epoch_id uuid NOT NULL,
  epoch_ordinal int NOT NULL,
  sequence int NOT NULL,
  at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued','running','done','partial','skipped','failed')),
  attempt int NOT NULL DEFAULT 0,
  deferrals int NOT NULL DEFAULT 0,
  not_before timestamptz,
  -- How it ended, as the ledger tells it of a run.
  ended jsonb,
  reason text,
  error_code text,
  finished_at timestamptz,
  -- What it found, as JSON, deflated; kept until it is taken over.
  results bytea,
  -- Against what was known of the segment.
  difference jsonb,
  applied boolean NOT NULL DEFAULT false,
  UNIQUE (backfill_id, segment_id)
);
ALTER TABLE backfill_runs ALTER COLUMN results SET STORAGE EXTERNAL;
CREATE INDEX backfill_runs_open ON backfill_runs (backfill_id, stream_id, epoch_ordinal, sequence) WHERE state IN ('queued','running');
CREATE INDEX backfill_runs_order ON backfill_runs (backfill_id, stream_id, epoch_ordinal, sequence)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE backfill_runs, backfill_streams, backfills');
  }
}
