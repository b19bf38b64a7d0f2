import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What is kept for how long, who holds what, what went and why, and how far the scan of the media folders has come. */
export class Retention1700000000041 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- lost: its file was deleted, replaced or damaged behind our back. checksum: '<algorithm>:<hex>' of the file; null where none was taken.
-- kept: it was about to go, and was found to be of an event or under a hold; null: not looked at yet.
-- file_left: deleted in the ledger, and its file not yet.
ALTER TABLE segments DROP CONSTRAINT segments_state_check,
  ADD CONSTRAINT segments_state_check CHECK (state IN ('ready','unreadable','deleted','lost')),
  ADD COLUMN checksum text,
  ADD COLUMN kept text CHECK (kept IN ('event','hold')),
  ADD COLUMN file_left boolean NOT NULL DEFAULT false;
CREATE INDEX segments_to_go ON segments (epoch_id, sequence) WHERE state <> 'deleted' AND kept IS NULL;
CREATE INDEX segments_kept ON segments (epoch_id, sequence) WHERE state <> 'deleted' AND kept IS NOT NULL;
CREATE INDEX segments_file_left ON segments (id) WHERE file_left;
CREATE INDEX segments_deleted ON segments (stream_id, at) WHERE state = 'deleted' AND NOT file_left;

-- media_gone: its folder holds nothing any more, and is gone.
ALTER TABLE epochs ADD COLUMN media_gone boolean NOT NULL DEFAULT false;
CREATE INDEX epochs_with_media ON epochs (ingest_id, stream_id, ordinal) WHERE NOT media_gone;

-- Segment numbers and epochs whose rows are gone: playlists go on counting from there.
ALTER TABLE streams ADD COLUMN gone_sequences bigint NOT NULL DEFAULT 0, ADD COLUMN gone_epochs int NOT NULL DEFAULT 0;

-- Finds events that last for days; shorter ones are found by when they began.
CREATE INDEX events_long ON events (stream_id, start_at) WHERE end_at - start_at > interval '24 hours';

CREATE TABLE stream_retention (
  stream_id uuid PRIMARY KEY REFERENCES streams(id),
  settings jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now(),
  updated_by text NOT NULL
);

-- hold: nothing of it is deleted until it is released, whatever the limits. mark: kept as long as what has events.
CREATE TABLE holds (
  id uuid PRIMARY KEY,
  stream_id uuid NOT NULL REFERENCES streams(id),
  kind text NOT NULL CHECK (kind IN ('hold','mark')),
  event_id bigint,
  from_at timestamptz NOT NULL,
  to_at timestamptz NOT NULL CHECK (to_at > from_at),
  why text NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  released_by text,
  released_at timestamptz,
  released_why text
);
CREATE INDEX holds_in_force ON holds (stream_id, from_at) WHERE released_at IS NULL;

-- Who keeps house: 'media:<node>' for a node's folder, 'ledger' for the rows, one process at a time.
CREATE TABLE keepers (
  id text PRIMARY KEY,
  holder text,
  lease_until timestamptz,
  report jsonb NOT NULL DEFAULT '{}',
  reported_at timestamptz,
  scan jsonb NOT NULL DEFAULT '{}'
);

-- What went, by hour: scope is a stream's id, or a day of results.
CREATE TABLE purged (
  hour timestamptz NOT NULL,
  keeper text NOT NULL,
  what text NOT NULL CHECK (what IN ('media','results','rows')),
  why text NOT NULL,
  scope text NOT NULL,
  items bigint NOT NULL,
  bytes bigint NOT NULL,
  PRIMARY KEY (hour, keeper, what, why, scope)
);

-- How full it was, once an hour: what forecasts are made of.
CREATE TABLE disk_samples (
  keeper text NOT NULL,
  at timestamptz NOT NULL,
  used_bytes bigint NOT NULL,
  free_bytes bigint,
  total_bytes bigint,
  PRIMARY KEY (keeper, at)
);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP TABLE disk_samples, purged, keepers, holds, stream_retention;
DROP INDEX events_long;
ALTER TABLE streams DROP COLUMN gone_sequences, DROP COLUMN gone_epochs;
DROP INDEX epochs_with_media;
ALTER TABLE epochs DROP COLUMN media_gone;
UPDATE segments SET state = 'deleted' WHERE state = 'lost';
ALTER TABLE segments DROP COLUMN checksum, DROP COLUMN kept, DROP COLUMN file_left, DROP CONSTRAINT segments_state_check,
  ADD CONSTRAINT segments_state_check CHECK (state IN ('ready','unreadable','deleted'));`);
  }
}
