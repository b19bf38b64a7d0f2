import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files that people bring into streams. */
export class Imports1700000000049 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- path: absolute, of a file in a folder of the server; null: brought here, and in the folder for imports under its id.
-- media_us: how far into the media it has come; duration_us: as the file says, null where it says nothing that can be believed.
-- has_file: what was brought here is not deleted yet.
CREATE TABLE imports (
  id uuid PRIMARY KEY,
  number bigint GENERATED ALWAYS AS IDENTITY,
  stream_id uuid NOT NULL REFERENCES streams(id),
  name text NOT NULL,
  path text,
  size_bytes bigint NOT NULL CHECK (size_bytes >= 0),
  received_bytes bigint NOT NULL DEFAULT 0,
  has_file boolean NOT NULL,
  state text NOT NULL CHECK (state IN ('uploading','queued','running','paused','done','failed','cancelled')),
  detail text,
  error_code text,
  recorded_at timestamptz,
  started_media_at timestamptz,
  epoch_id uuid,
  media_us bigint NOT NULL DEFAULT 0,
  duration_us bigint,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX imports_of_stream ON imports (stream_id, number);
CREATE INDEX imports_to_do ON imports (stream_id, number) WHERE state IN ('queued','running');
CREATE INDEX imports_epoch ON imports (epoch_id);
CREATE INDEX imports_with_file ON imports (changed_at) WHERE has_file;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE imports');
  }
}
