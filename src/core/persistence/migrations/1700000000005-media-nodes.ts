import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Media folders and where they are reached; secrets that all processes of an installation share. */
export class MediaNodes1700000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- id: as in epochs.ingest_id. A stopped node keeps its row: what it recorded is still there when it comes back.
CREATE TABLE media_nodes (
  id text PRIMARY KEY,
  name text NOT NULL,
  -- Null: it serves its segments to nobody.
  url text,
  host text NOT NULL,
  -- Null: stopped on purpose.
  heartbeat_at timestamptz DEFAULT now()
);

CREATE TABLE secrets (
  name text PRIMARY KEY,
  value bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE secrets, media_nodes');
  }
}
