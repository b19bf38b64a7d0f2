import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What people cut out of streams: clips, cases of several, and links by which others see one. */
export class Clips1700000000053 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- ordinal: what lists go by. How far a case is is what its clips say.
CREATE TABLE cases (
  id uuid PRIMARY KEY,
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  title text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  created_by text NOT NULL
);
CREATE UNIQUE INDEX cases_newest ON cases (ordinal);

-- detail, error_code: why it failed. host: whose clip folder has its file. result: what there was of what was asked for.
-- epoch_id, from_pts_us, to_pts_us: where it was asked for by media time. estimate_bytes counts as its size until that is known.
CREATE TABLE clips (
  id uuid PRIMARY KEY,
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  stream_id uuid NOT NULL REFERENCES streams(id),
  case_id uuid REFERENCES cases(id) ON DELETE CASCADE,
  title text NOT NULL,
  mode text NOT NULL CHECK (mode IN ('copy','exact','burned')),
  from_at timestamptz NOT NULL,
  to_at timestamptz NOT NULL CHECK (to_at >= from_at),
  epoch_id uuid,
  from_pts_us bigint,
  to_pts_us bigint,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued','running','paused','done','failed','cancelled')),
  progress real NOT NULL DEFAULT 0,
  detail text,
  error_code text,
  result jsonb,
  estimate_bytes bigint NOT NULL,
  size_bytes bigint,
  sha256 text,
  host text,
  hold_id uuid,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  expires_at timestamptz NOT NULL,
  created_by text NOT NULL,
  owner text,
  lease_until timestamptz,
  attempts int NOT NULL DEFAULT 0,
  CHECK ((epoch_id IS NULL) = (from_pts_us IS NULL) AND (epoch_id IS NULL) = (to_pts_us IS NULL))
);
CREATE UNIQUE INDEX clips_newest ON clips (ordinal);
CREATE INDEX clips_of_stream ON clips (stream_id, ordinal);
CREATE INDEX clips_of_case ON clips (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX clips_to_do ON clips (created_at) WHERE state IN ('queued','running');

-- Links that open one clip to whoever has them. Of the token only its SHA-256 is kept.
CREATE TABLE shares (
  id uuid PRIMARY KEY,
  ordinal bigint GENERATED ALWAYS AS IDENTITY,
  clip_id uuid NOT NULL REFERENCES clips(id) ON DELETE CASCADE,
  token_sha256 bytea NOT NULL UNIQUE,
  max_views int,
  views int NOT NULL DEFAULT 0,
  last_used_at timestamptz,
  last_used_address text,
  created_at timestamptz NOT NULL DEFAULT now(),
  created_by text NOT NULL,
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revoked_by text
);
CREATE UNIQUE INDEX shares_newest ON shares (ordinal);
CREATE INDEX shares_of_clip ON shares (clip_id);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE shares, clips, cases');
  }
}
