import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** What may go before what: media as such, then media with events or a mark. Media under a hold is in no inventory. */
export type MediaRank = 'ordinary' | 'event';

/** A segment with a file, as retention looks at it. */
export interface KeptSegment {
  readonly id: string;
  readonly streamId: string;
  readonly sizeBytes: number;
  /** Where its media begins and ends on the wall clock. */
  readonly startMs: number;
  readonly endMs: number;
}

/** Which events count for a stream, as regular expressions on their names. */
export interface EventFilter {
  readonly marginMs: number;
  readonly included: readonly string[];
  readonly excluded: readonly string[];
}

interface SegmentRow {
  id: string;
  stream_id: string;
  size_bytes: string;
  start_ms: number;
  end_ms: number;
}

/** Wall clock of the end of segment `s`. */
export const SEGMENT_END = `s.at + GREATEST(s.pts_end_us - s.pts_start_us, 0) * interval '1 microsecond'`;
/** A hold in force on segment `s`. */
export const isHeld = (kind: 'hold' | 'mark'): string => `EXISTS (
  SELECT 1 FROM holds h WHERE h.stream_id = s.stream_id AND h.released_at IS NULL AND h.kind = '${kind}' AND h.from_at < ${SEGMENT_END}
    AND h.to_at > s.at)`;
/** Events that last longer than this have an index of their own. */
const LONG = `interval '24 hours'`;

/** The files of one node's media folder, as the ledger has them: oldest first, and how much there is. */
@Injectable()
export class MediaInventory {
  constructor(private readonly sql: Database) {}

  /** Bytes on disk by stream. Reads every segment there is: to be asked seldom. */
  async bytesByStream(nodeId: string): Promise<Map<string, number>> {
    const rows = await this.sql.rows<{ stream_id: string; bytes: string }>(BYTES_BY_STREAM, [nodeId]);
    return new Map(rows.map((row) => [row.stream_id, Number(row.bytes)]));
  }

  /**
   * The oldest segments of each stream of a rank.
   * @param most of each stream
   */
  async oldest(nodeId: string, rank: MediaRank, most: number): Promise<KeptSegment[]> {
    const rows = await this.sql.rows<SegmentRow>(rank === 'ordinary' ? OLDEST_ORDINARY : OLDEST_WITH_EVENTS, [nodeId, most]);
    return rows.map((row) => ({
      id: row.id,
      streamId: row.stream_id,
      sizeBytes: Number(row.size_bytes),
      startMs: row.start_ms,
      endMs: row.end_ms,
    }));
  }

  /**
   * Looks which of a stream's segments, which are about to go, are under a hold, marked or of an event, and remembers it: none is looked at
   * twice for that.
   * @returns the rank of those that may go
   */
  async rank(streamId: string, ids: readonly string[], filter: EventFilter): Promise<Map<string, MediaRank>> {
    const rows = await this.sql.rows<{ id: string; kept: 'event' | 'hold' | null }>(RANK, [
      streamId,
      ids,
      filter.marginMs,
      filter.included,
      filter.excluded,
    ]);
    return new Map(rows.flatMap(({ id, kept }) => (kept === 'hold' ? [] : [[id, kept ?? 'ordinary'] as const])));
  }
}

const BYTES_BY_STREAM = {
  name: 'retention_bytes',
  text: `
SELECT s.stream_id, sum(s.size_bytes)::text AS bytes FROM epochs e JOIN segments s ON s.epoch_id = e.id
WHERE e.ingest_id = $1 AND NOT e.media_gone AND s.state IN ('ready', 'unreadable') GROUP BY s.stream_id`,
};

/** Epochs in their order, segments in theirs: nothing is sorted that is not given. */
const oldestWhere = (kept: string): string => `
SELECT s.* FROM (SELECT DISTINCT stream_id FROM epochs WHERE ingest_id = $1 AND NOT media_gone) t CROSS JOIN LATERAL (
  SELECT x.* FROM epochs e CROSS JOIN LATERAL (
    SELECT s.id::text AS id, s.stream_id, s.sequence, s.size_bytes::text AS size_bytes,
      (extract(epoch FROM s.at) * 1000)::float8 AS start_ms, (extract(epoch FROM ${SEGMENT_END}) * 1000)::float8 AS end_ms
    FROM segments s WHERE s.epoch_id = e.id AND s.state <> 'deleted' AND ${kept} ORDER BY s.sequence LIMIT $2) x
  WHERE e.ingest_id = $1 AND e.stream_id = t.stream_id AND NOT e.media_gone ORDER BY e.ordinal, x.sequence LIMIT $2) s`;
const OLDEST_ORDINARY = { name: 'retention_oldest', text: oldestWhere('s.kept IS NULL') };
const OLDEST_WITH_EVENTS = { name: 'retention_oldest_events', text: oldestWhere(`s.kept IS NOT NULL AND s.kept = 'event'`) };

/** $1 stream, $2 segments, $3 margin in ms, $4 and $5 names of events. */
const RANK = {
  name: 'retention_rank',
  text: `
WITH looked AS MATERIALIZED (
  SELECT s.id, s.kept AS was, CASE WHEN ${isHeld('hold')} THEN 'hold' WHEN ${isHeld('mark')} OR EXISTS (
      SELECT 1 FROM events v WHERE v.stream_id = s.stream_id
        AND (v.start_at > s.at - $3::float8 * interval '1 millisecond' - ${LONG} OR v.end_at - v.start_at > ${LONG})
        AND v.start_at < ${SEGMENT_END} + $3::float8 * interval '1 millisecond'
        AND (v.end_at IS NULL OR v.end_at > s.at - $3::float8 * interval '1 millisecond')
        AND v.name ~ ANY ($4::text[]) AND NOT v.name ~ ANY ($5::text[])
    ) THEN 'event' END AS kept
  FROM segments s WHERE s.stream_id = $1 AND s.id = ANY ($2::bigint[]) AND s.state <> 'deleted'
), remembered AS (
  UPDATE segments s SET kept = l.kept FROM looked l WHERE s.id = l.id AND l.kept IS DISTINCT FROM l.was
)
SELECT id::text AS id, kept FROM looked`,
};
