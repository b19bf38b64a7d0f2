import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The spine: streams, epochs, segments, the ledger of runs, results, the feed, people.
 * Time of media is `*_us` (microseconds of the epoch's own clock); `at` is that time on the wall clock, derived as
 * epoch.started_at + (pts - epoch.pts_origin), so that the same frame always gets the same `at`.
 */
export class Spine1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
CREATE TABLE streams (
  id uuid PRIMARY KEY,
  name text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  title text NOT NULL,
  adapter_id text NOT NULL,
  source_config jsonb NOT NULL DEFAULT '{}',
  enabled boolean NOT NULL DEFAULT true,
  private boolean NOT NULL DEFAULT false,
  state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending','starting','live','retrying','failed','stopped')),
  state_detail text,
  state_at timestamptz NOT NULL DEFAULT now(),
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE UNIQUE INDEX streams_name_live ON streams (name) WHERE deleted_at IS NULL;

CREATE TABLE stream_keys (
  id uuid PRIMARY KEY,
  stream_id uuid NOT NULL REFERENCES streams(id),
  key_sha256 bytea NOT NULL UNIQUE,
  hint text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  last_used_at timestamptz
);
CREATE INDEX stream_keys_stream ON stream_keys (stream_id);

CREATE TABLE epochs (
  id uuid PRIMARY KEY,
  stream_id uuid NOT NULL REFERENCES streams(id),
  ordinal int NOT NULL,
  ingest_id text NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open','closed')),
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  end_reason text,
  pts_origin_us bigint,
  video_codec text,
  audio_codec text,
  width_px int,
  height_px int,
  UNIQUE (stream_id, ordinal)
);
CREATE INDEX epochs_open ON epochs (stream_id) WHERE state = 'open';

CREATE TABLE segments (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream_id uuid NOT NULL REFERENCES streams(id),
  epoch_id uuid NOT NULL REFERENCES epochs(id),
  sequence int NOT NULL CHECK (sequence >= 0),
  state text NOT NULL CHECK (state IN ('ready','unreadable','deleted')),
  path text NOT NULL,
  size_bytes bigint NOT NULL,
  pts_start_us bigint NOT NULL,
  pts_end_us bigint NOT NULL,
  frame_count int NOT NULL,
  keyframe_pts_us bigint[] NOT NULL DEFAULT '{}',
  at timestamptz NOT NULL,
  error text,
  registered_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (epoch_id, sequence)
);
CREATE INDEX segments_stream_at ON segments (stream_id, at);

CREATE TABLE gaps (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream_id uuid NOT NULL REFERENCES streams(id),
  epoch_id uuid NOT NULL REFERENCES epochs(id),
  after_sequence int NOT NULL,
  missing_sequences int NOT NULL DEFAULT 0,
  from_pts_us bigint,
  to_pts_us bigint,
  reason text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (epoch_id, after_sequence, reason)
);

CREATE TABLE analysis_runs (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  segment_id bigint NOT NULL REFERENCES segments(id),
  stream_id uuid NOT NULL,
  epoch_id uuid NOT NULL,
  epoch_ordinal int NOT NULL,
  sequence int NOT NULL,
  queue text NOT NULL,
  analyzer_id text NOT NULL,
  analyzer_version text NOT NULL,
  config_hash text NOT NULL,
  state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued','running','done','partial','skipped','failed')),
  attempt int NOT NULL DEFAULT 0,
  owner text,
  not_before timestamptz,
  reason text,
  error_code text,
  error_message text,
  strategy text,
  executed_by text,
  frames_seen int,
  frames_expected int,
  result_count int,
  wall_ms real,
  cpu_ms real,
  created_at timestamptz NOT NULL DEFAULT now(),
  started_at timestamptz,
  finished_at timestamptz,
  UNIQUE (segment_id, analyzer_id, config_hash)
);
-- The order a lane works in. A running run is protected by its lane's lease: it needs none of its own.
CREATE INDEX analysis_runs_lane ON analysis_runs (stream_id, queue, epoch_ordinal, sequence) WHERE state IN ('queued','running');
CREATE INDEX analysis_runs_finished ON analysis_runs USING brin (finished_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX analysis_runs_stream ON analysis_runs (stream_id, id);

-- One holder at a time per (stream, queue): segments in order, decoder and trackers warm.
-- rung: another worker came by while the lane was held; the holder looks again before it lets go.
CREATE TABLE lanes (
  stream_id uuid NOT NULL REFERENCES streams(id),
  queue text NOT NULL,
  owner text,
  fence bigint NOT NULL DEFAULT 0,
  lease_until timestamptz,
  rung boolean NOT NULL DEFAULT false,
  PRIMARY KEY (stream_id, queue)
);

CREATE TABLE analyzer_checkpoints (
  stream_id uuid NOT NULL REFERENCES streams(id),
  analyzer_id text NOT NULL,
  config_hash text NOT NULL,
  epoch_id uuid NOT NULL,
  sequence int NOT NULL,
  data jsonb NOT NULL,
  PRIMARY KEY (stream_id, analyzer_id, config_hash)
);

CREATE TABLE detections (
  at timestamptz NOT NULL,
  run_id bigint NOT NULL,
  ordinal int NOT NULL,
  stream_id uuid NOT NULL,
  epoch_id uuid NOT NULL,
  analyzer_id text NOT NULL,
  pts_us bigint NOT NULL,
  label text NOT NULL,
  score real NOT NULL,
  x real NOT NULL, y real NOT NULL, width real NOT NULL, height real NOT NULL,
  track_id text,
  attributes jsonb,
  PRIMARY KEY (run_id, ordinal, at)
) PARTITION BY RANGE (at);
CREATE INDEX detections_stream_at ON detections (stream_id, at) INCLUDE (label, score);
CREATE INDEX detections_epoch_pts ON detections (epoch_id, pts_us);

CREATE TABLE metrics (
  at timestamptz NOT NULL,
  run_id bigint NOT NULL,
  ordinal int NOT NULL,
  stream_id uuid NOT NULL,
  epoch_id uuid NOT NULL,
  analyzer_id text NOT NULL,
  pts_us bigint NOT NULL,
  name text NOT NULL,
  unit text NOT NULL,
  value double precision NOT NULL,
  PRIMARY KEY (run_id, ordinal, at)
) PARTITION BY RANGE (at);
CREATE INDEX metrics_stream_name_at ON metrics (stream_id, name, at) INCLUDE (value);

CREATE TABLE observations (
  at timestamptz NOT NULL,
  run_id bigint NOT NULL,
  ordinal int NOT NULL,
  stream_id uuid NOT NULL,
  epoch_id uuid NOT NULL,
  analyzer_id text NOT NULL,
  pts_us bigint NOT NULL,
  type text NOT NULL,
  data jsonb NOT NULL,
  PRIMARY KEY (run_id, ordinal, at)
) PARTITION BY RANGE (at);
CREATE INDEX observations_stream_at ON observations (stream_id, at);

CREATE TABLE events (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream_id uuid NOT NULL REFERENCES streams(id),
  epoch_id uuid NOT NULL REFERENCES epochs(id),
  analyzer_id text NOT NULL,
  config_hash text NOT NULL,
  key text NOT NULL,
  name text NOT NULL,
  state text NOT NULL CHECK (state IN ('open','closed')),
  start_pts_us bigint NOT NULL,
  start_at timestamptz NOT NULL,
  end_pts_us bigint,
  end_at timestamptz,
  end_reason text,
  data jsonb,
  first_run_id bigint NOT NULL,
  last_run_id bigint NOT NULL,
  UNIQUE (epoch_id, analyzer_id, config_hash, key)
);
CREATE INDEX events_stream_at ON events (stream_id, start_at);
CREATE INDEX events_last_run ON events (last_run_id);
CREATE INDEX events_open ON events (stream_id) WHERE state = 'open';

-- What clients are told, in commit order: (xid, id) is the cursor. Rows become visible to readers only once every older
-- write transaction has ended (xid < pg_snapshot_xmin), so a cursor never jumps over a row that commits late.
CREATE TABLE feed (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  at timestamptz NOT NULL DEFAULT now(),
  kind text NOT NULL,
  stream_id uuid,
  payload jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX feed_order ON feed (xid, id);
CREATE INDEX feed_at ON feed USING brin (at);

CREATE TABLE instances (
  id text PRIMARY KEY,
  role text NOT NULL,
  host text NOT NULL,
  pid int NOT NULL,
  version text NOT NULL,
  started_at timestamptz NOT NULL DEFAULT now(),
  heartbeat_at timestamptz NOT NULL DEFAULT now(),
  detail jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE users (
  id uuid PRIMARY KEY,
  name text NOT NULL UNIQUE,
  role text NOT NULL CHECK (role IN ('admin','viewer')),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE user_tokens (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users(id),
  kind text NOT NULL CHECK (kind IN ('one-time','session','api')),
  name text NOT NULL,
  token_sha256 bytea NOT NULL UNIQUE,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
CREATE TABLE audit (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT now(),
  actor text NOT NULL,
  action text NOT NULL,
  target text,
  detail jsonb NOT NULL DEFAULT '{}'
);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE audit, user_tokens, users, instances, feed, events, observations, metrics, detections,
      analyzer_checkpoints, lanes, analysis_runs, gaps, segments, epochs, stream_keys, streams`);
  }
}
