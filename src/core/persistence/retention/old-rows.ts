import { Injectable } from '@nestjs/common';
import { Database, queryOf } from '../database.js';
import { isHeld } from './media-inventory.js';
import { recordPurged } from './purge-record.js';

/** Until when the rows of a stream are of no use any more. */
export interface RowLimit {
  readonly streamId: string;
  /** Segments and their runs; their media is gone. */
  readonly segmentsBeforeMs: number;
  readonly eventsBeforeMs: number;
}

/**
 * Rows that outlived what they describe. What was there stays on record: a gap takes the place of segments, and playlists go on counting
 * where they were.
 */
@Injectable()
export class OldRows {
  constructor(private readonly sql: Database) {}

  /** Removed streams too: what they left goes by the same limits. */
  async streamIds(): Promise<string[]> {
    return (await this.sql.rows<{ id: string }>({ name: 'retention_streams', text: 'SELECT id FROM streams ORDER BY id' })).map(
      ({ id }) => id,
    );
  }

  /** Segments whose media was deleted, with their runs; the newest of each epoch stays, by which the epoch is known. @returns how many */
  async dropSegments(keeper: string, { streamId, segmentsBeforeMs }: RowLimit, most: number): Promise<number> {
    return this.drop(keeper, streamId, 'segments', DROP_SEGMENTS, [streamId, segmentsBeforeMs, most]);
  }

  /** @returns how many */
  async dropEvents(keeper: string, { streamId, eventsBeforeMs }: RowLimit, most: number): Promise<number> {
    return this.drop(keeper, streamId, 'events', DROP_EVENTS, [streamId, eventsBeforeMs, most]);
  }

  /** Epochs of which nothing is left, but for the stream's newest. @returns how many */
  async dropEpochs(keeper: string, { streamId, segmentsBeforeMs }: RowLimit, most: number): Promise<number> {
    return this.drop(keeper, streamId, 'epochs', DROP_EPOCHS, [streamId, segmentsBeforeMs, most]);
  }

  /** What nobody looks at any more, of all streams: comparisons of strategies, records of what went, samples of disks. */
  async dropRecords(resultsBeforeMs: number, recordsBeforeMs: number): Promise<void> {
    await this.sql.rows(DROP_RECORDS, [resultsBeforeMs, recordsBeforeMs]);
  }

  private async drop(keeper: string, streamId: string, why: string, statement: string, values: readonly unknown[]): Promise<number> {
    return this.sql.transaction(async (manager) => {
      const query = queryOf(manager);
      const [row] = await query<{ count: number }>(statement, values);
      const items = row?.count ?? 0;
      if (items > 0) await recordPurged(query, keeper, 'rows', why, [{ scope: streamId, items, bytes: 0 }]);
      return items;
    });
  }
}

/** An open run `r` of segment `s`. */
const HAS_OPEN_RUN = `EXISTS (SELECT 1 FROM analysis_runs r WHERE r.segment_id = s.id AND r.state IN ('queued', 'running'))`;

/** $1 stream, $2 before (ms), $3 how many. A gap that ends where the new one begins grows: one row for each hole, however it came to be. */
const DROP_SEGMENTS = `
WITH old AS MATERIALIZED (
  SELECT s.id, s.epoch_id, s.stream_id, s.sequence, s.pts_start_us, s.pts_end_us FROM segments s
  WHERE s.stream_id = $1 AND s.state = 'deleted' AND NOT s.file_left AND s.at < to_timestamp($2::float8 / 1000) AND NOT ${isHeld('hold')}
    AND EXISTS (SELECT 1 FROM segments n WHERE n.epoch_id = s.epoch_id AND n.sequence > s.sequence) AND NOT ${HAS_OPEN_RUN}
  ORDER BY s.at LIMIT $3 FOR UPDATE OF s
), islands AS MATERIALIZED (
  SELECT epoch_id, stream_id, min(sequence) AS first, max(sequence) AS last, min(pts_start_us) AS from_us, max(pts_end_us) AS to_us
  FROM (SELECT *, sequence - row_number() OVER (PARTITION BY epoch_id ORDER BY sequence) AS island FROM old) o
  GROUP BY epoch_id, stream_id, island
), grown AS (
  UPDATE gaps g SET missing_sequences = g.missing_sequences + i.last - i.first + 1, to_pts_us = i.to_us FROM islands i
  WHERE g.epoch_id = i.epoch_id AND g.reason = 'retention' AND g.after_sequence + g.missing_sequences = i.first - 1
  RETURNING i.epoch_id, i.first
), made AS (
  INSERT INTO gaps (stream_id, epoch_id, after_sequence, missing_sequences, from_pts_us, to_pts_us, reason)
  SELECT i.stream_id, i.epoch_id, i.first - 1, i.last - i.first + 1, i.from_us, i.to_us, 'retention' FROM islands i
  WHERE NOT EXISTS (SELECT 1 FROM grown g WHERE g.epoch_id = i.epoch_id AND g.first = i.first)
), runs AS (
  DELETE FROM analysis_runs r USING old WHERE r.segment_id = old.id
), lost AS (
  -- The hole that a lost segment left is part of the one that its row leaves.
  DELETE FROM gaps g USING old WHERE g.epoch_id = old.epoch_id AND g.reason = 'lost' AND g.after_sequence = old.sequence - 1
), gone AS (
  DELETE FROM segments s USING old WHERE s.id = old.id RETURNING 1
)
SELECT count(*)::int AS count FROM gone`;

const DROP_EVENTS = `
WITH old AS MATERIALIZED (
  SELECT v.id FROM events v WHERE v.stream_id = $1 AND v.state = 'closed' AND v.start_at < to_timestamp($2::float8 / 1000)
    AND v.end_at < to_timestamp($2::float8 / 1000)
    AND NOT EXISTS (SELECT 1 FROM holds h WHERE h.stream_id = v.stream_id AND h.released_at IS NULL AND h.kind = 'hold'
      AND (h.event_id = v.id OR h.from_at < v.end_at AND h.to_at > v.start_at))
  ORDER BY v.start_at LIMIT $3 FOR UPDATE OF v
), gone AS (
  DELETE FROM events v USING old WHERE v.id = old.id RETURNING 1
)
SELECT count(*)::int AS count FROM gone`;

/** Locks the stream: what its playlists count from changes with the rows. */
const DROP_EPOCHS = `
WITH stream AS MATERIALIZED (
  SELECT id FROM streams WHERE id = $1 FOR NO KEY UPDATE
), old AS MATERIALIZED (
  SELECT e.id, (SELECT max(s.sequence) + 1 FROM segments s WHERE s.epoch_id = e.id) AS span
  FROM epochs e JOIN stream ON stream.id = e.stream_id
  WHERE e.state = 'closed' AND e.media_gone AND e.ended_at < to_timestamp($2::float8 / 1000)
    AND e.ordinal < (SELECT max(ordinal) FROM epochs WHERE stream_id = $1)
    AND (SELECT count(*) FROM segments s WHERE s.epoch_id = e.id) <= 1
    AND NOT EXISTS (SELECT 1 FROM segments s WHERE s.epoch_id = e.id
      AND (s.state <> 'deleted' OR s.file_left OR ${isHeld('hold')} OR ${HAS_OPEN_RUN}))
    AND NOT EXISTS (SELECT 1 FROM events v WHERE v.epoch_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM reference_images i WHERE i.epoch_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM analyzer_checkpoints k WHERE k.epoch_id = e.id)
  ORDER BY e.ordinal LIMIT $3
), runs AS (
  DELETE FROM analysis_runs r USING segments s, old WHERE s.epoch_id = old.id AND r.segment_id = s.id
), segments_gone AS (
  DELETE FROM segments s USING old WHERE s.epoch_id = old.id
), gaps_gone AS (
  DELETE FROM gaps g USING old WHERE g.epoch_id = old.id
), gone AS (
  DELETE FROM epochs e USING old WHERE e.id = old.id RETURNING old.span
), counted AS (
  UPDATE streams t SET gone_sequences = t.gone_sequences + c.sequences, gone_epochs = t.gone_epochs + c.epochs
  FROM (SELECT COALESCE(sum(span), 0) AS sequences, count(span) AS epochs FROM gone) c WHERE t.id = $1
)
SELECT count(*)::int AS count FROM gone`;

const DROP_RECORDS = {
  name: 'retention_drop_records',
  text: `
WITH shadows AS (DELETE FROM shadow_runs WHERE at < to_timestamp($1::float8 / 1000)),
records AS (DELETE FROM purged WHERE hour < to_timestamp($2::float8 / 1000))
DELETE FROM disk_samples WHERE at < to_timestamp($2::float8 / 1000)`,
};
