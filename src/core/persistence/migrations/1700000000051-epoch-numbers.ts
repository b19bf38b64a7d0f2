import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What playlists counted when they first named an epoch, so that no poll counts all epochs before it; and events by their end. */
export class EpochNumbers1700000000051 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
-- Media sequence number of its segment 0, and how many epochs with media came before it: kept from the first playlist on that names it.
ALTER TABLE epochs ADD COLUMN first_media_sequence bigint, ADD COLUMN discontinuity int,
  ADD CONSTRAINT epochs_numbered_whole CHECK ((first_media_sequence IS NULL) = (discontinuity IS NULL)) NOT VALID;

-- What earlier playlists said. The newest epoch may still wait for the tail of the one before it.
WITH spans AS (
  SELECT e.id, e.stream_id, e.ordinal, (SELECT max(s.sequence) + 1 FROM segments s WHERE s.epoch_id = e.id) AS span,
    row_number() OVER (PARTITION BY e.stream_id ORDER BY e.ordinal DESC) AS nth_last
  FROM epochs e
), numbered AS (
  SELECT p.id, p.nth_last, t.gone_sequences + sum(p.span) OVER before - p.span AS first, t.gone_epochs + count(*) OVER before - 1 AS nth
  FROM spans p JOIN streams t ON t.id = p.stream_id WHERE p.span IS NOT NULL
  WINDOW before AS (PARTITION BY p.stream_id ORDER BY p.ordinal)
)
UPDATE epochs e SET first_media_sequence = n.first, discontinuity = n.nth FROM numbered n WHERE n.id = e.id AND n.nth_last > 1;

CREATE INDEX epochs_numbered ON epochs (stream_id, ordinal) WHERE first_media_sequence IS NOT NULL;
CREATE INDEX events_ended ON events (stream_id, end_at) WHERE end_at IS NOT NULL;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
DROP INDEX events_ended;
DROP INDEX epochs_numbered;
ALTER TABLE epochs DROP COLUMN first_media_sequence, DROP COLUMN discontinuity`);
  }
}
