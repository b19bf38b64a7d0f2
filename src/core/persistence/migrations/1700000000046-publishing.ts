import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Keys that end by themselves, publishers that were refused, and streams that the config file declares. */
export class Publishing1700000000046 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
ALTER TABLE stream_keys ADD COLUMN expires_at timestamptz, ADD COLUMN last_address text;
-- Name of the ingest node whose config declares the stream, and where in its file.
ALTER TABLE streams ADD COLUMN declared_by text, ADD COLUMN declared_at text,
  ADD CONSTRAINT streams_declared CHECK ((declared_by IS NULL) = (declared_at IS NULL));
CREATE TABLE publish_refusals (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Refusals are added up that have the same address, code, stream and application.
  alike text NOT NULL UNIQUE,
  -- Null: several addresses.
  address text,
  code text NOT NULL,
  reason text NOT NULL,
  fix text,
  stream_id uuid REFERENCES streams(id),
  app text,
  key_hint text,
  count bigint NOT NULL CHECK (count > 0),
  first_at timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX publish_refusals_last ON publish_refusals (last_at DESC, id DESC)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP TABLE publish_refusals;
ALTER TABLE streams DROP CONSTRAINT streams_declared, DROP COLUMN declared_by, DROP COLUMN declared_at;
ALTER TABLE stream_keys DROP COLUMN expires_at, DROP COLUMN last_address`);
  }
}
