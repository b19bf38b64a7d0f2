import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a stream's health is judged by besides the media itself, and roles that ended without being asked to. */
export class Health1700000000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- Of the first segment; null: not known, or no such track.
ALTER TABLE epochs ADD COLUMN video_profile_idc int, ADD COLUMN chroma text, ADD COLUMN bit_depth int, ADD COLUMN declared_fps real;
-- Null: registered before anybody looked.
ALTER TABLE segments ADD COLUMN has_sound boolean;
CREATE INDEX gaps_stream_created ON gaps (stream_id, created_at);

-- What only the ingest process knows of an epoch that goes on, said anew every two seconds: worth nothing after a crash.
CREATE UNLOGGED TABLE live_measures (
  stream_id uuid PRIMARY KEY,
  epoch_id uuid NOT NULL,
  measured_at timestamptz NOT NULL DEFAULT now(),
  measures jsonb NOT NULL
) WITH (fillfactor = 50);

-- Kept until a person has seen it, and after that for the record.
CREATE TABLE role_crashes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  instance_id text NOT NULL UNIQUE,
  role text NOT NULL,
  host text NOT NULL,
  pid int NOT NULL,
  last_heard_at timestamptz NOT NULL,
  noticed_at timestamptz NOT NULL DEFAULT now(),
  acknowledged_at timestamptz,
  acknowledged_by text
);
CREATE INDEX role_crashes_unseen ON role_crashes (id) WHERE acknowledged_at IS NULL;
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP TABLE role_crashes, live_measures;
DROP INDEX gaps_stream_created;
ALTER TABLE segments DROP COLUMN has_sound;
ALTER TABLE epochs DROP COLUMN video_profile_idc, DROP COLUMN chroma, DROP COLUMN bit_depth, DROP COLUMN declared_fps;
`);
  }
}
