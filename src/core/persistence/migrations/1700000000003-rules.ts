import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Rules over detections. Deleted ones stay, so that what they told can still be named. */
export class Rules1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE rules (
  id uuid PRIMARY KEY,
  stream_id uuid NOT NULL REFERENCES streams(id),
  name text NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  analyzer_id text NOT NULL,
  labels text[] NOT NULL DEFAULT '{}',
  min_score double precision NOT NULL DEFAULT 0 CHECK (min_score BETWEEN 0 AND 1),
  kind text NOT NULL CHECK (kind IN ('zone','line','dwell','count')),
  points jsonb NOT NULL,
  params jsonb NOT NULL,
  revision int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE UNIQUE INDEX rules_name_live ON rules (stream_id, lower(name)) WHERE deleted_at IS NULL;
-- What judging the past reads, and what finds the segment of a frame: media of an epoch by its time.
CREATE INDEX segments_epoch_pts ON segments (epoch_id, pts_start_us);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX segments_epoch_pts; DROP TABLE rules');
  }
}
