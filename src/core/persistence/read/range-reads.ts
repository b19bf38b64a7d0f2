import { Injectable } from '@nestjs/common';
import { apiError } from '../../errors/api.errors.js';
import { Database } from '../database.js';
import { EPOCH_SPAN, NumberedEpochs, toEpoch, type EpochSpanRow } from './numbered-epochs.js';
import { SEGMENT_SPAN, toSegment, withHoles, type PlaylistEpoch, type SegmentSpanRow } from './playlist-media.js';

/** A day of segments of one second, and some. */
const MOST_SEGMENTS = 90_000;

/** A stretch of a stream's wall clock, ms since 1970. */
export interface MediaRange {
  readonly streamId: string;
  readonly fromMs: number;
  /** Exclusive. */
  readonly toMs: number;
}

export interface RangeMedia {
  /** Oldest first, none without segments: from the segment that holds `fromMs`, or the first after it. */
  readonly epochs: readonly PlaylistEpoch[];
  /** The stream is recorded, and has not come to the end of the range. */
  readonly isGrowing: boolean;
}

interface RangeEpochRow extends EpochSpanRow {
  readonly first_media_sequence: number | null;
  readonly discontinuity: number | null;
}

/** What was recorded in a stretch of time, found by the segments of that time alone. */
@Injectable()
export class RangeReads {
  private readonly spans: NumberedEpochs;

  constructor(private readonly database: Database) {
    this.spans = new NumberedEpochs(database);
  }

  /** @throws VD_API_RANGE_TOO_WIDE, VD_API_QUERY_TIMEOUT */
  async media({ streamId, fromMs, toMs }: MediaRange): Promise<RangeMedia> {
    // What no playlist has named yet waits for the tail of the epoch before it.
    const newest = (await this.spans.newest(streamId)).at(-1);
    const [fromS, toS] = [fromMs / 1000, toMs / 1000];
    return this.database.snapshot(async (query) => {
      const rows = await query<SegmentSpanRow>(SEGMENTS, [streamId, fromS, toS, MOST_SEGMENTS + 1]);
      const found = Map.groupBy(rows, (row) => row.epoch_id);
      refuseTooMany(rows.length, found);
      const epochs = await query<RangeEpochRow>(EPOCHS, [[...found.keys()], newest?.ordinal ?? -1]);
      const [state] = await query<{ growing: boolean }>(IS_GROWING, [streamId, toS]);
      return { epochs: epochs.map((epoch) => withSegments(epoch, found.get(epoch.id) ?? [])), isGrowing: state?.growing === true };
    });
  }

  /** Of the densest segment; 0 where there is none. @throws VD_API_QUERY_TIMEOUT */
  async peakBitsPerSecond({ streamId, fromMs, toMs }: MediaRange): Promise<number> {
    const [row] = await this.database.bounded<{ peak: number }>(PEAK, [streamId, fromMs / 1000, toMs / 1000]);
    return row?.peak ?? 0;
  }
}

/** Numbers may be missing without end: a hole is as long in the text as what would fill it. */
function refuseTooMany(count: number, found: ReadonlyMap<string, readonly SegmentSpanRow[]>): void {
  const spanned = [...found.values()].reduce((sum, rows) => sum + rows.at(-1)!.sequence - rows[0]!.sequence + 1, 0);
  if (count <= MOST_SEGMENTS && spanned <= MOST_SEGMENTS) return;
  throw apiError('VD_API_RANGE_TOO_WIDE', `The range has more than ${MOST_SEGMENTS} segments, or as many missing ones.`);
}

function withSegments(row: RangeEpochRow, found: readonly SegmentSpanRow[]): PlaylistEpoch {
  const [first, last] = [found[0]!.sequence, found.at(-1)!.sequence];
  const numbers = { firstMediaSequence: row.first_media_sequence ?? 0, discontinuity: row.discontinuity ?? 0 };
  return { ...toEpoch({ ...row, ...numbers }), isCut: first > 0, segments: withHoles(found.map(toSegment), first, last + 1) };
}

/** $1 stream, $2 from, $3 to, in s since 1970, $4 how many. What could not be read takes no time of its own: it is a hole. */
const SEGMENTS = `
SELECT ${SEGMENT_SPAN} FROM segments s
WHERE s.stream_id = $1 AND s.state <> 'unreadable' AND s.at < to_timestamp($3::float8)
  AND s.at >= COALESCE((SELECT b.at FROM segments b WHERE b.stream_id = $1 AND b.at <= to_timestamp($2::float8) AND b.state <> 'unreadable'
    ORDER BY b.at DESC LIMIT 1), to_timestamp($2::float8))
  AND s.at + (s.pts_end_us - s.pts_start_us) * interval '1 microsecond' > to_timestamp($2::float8)
ORDER BY s.epoch_id, s.sequence LIMIT $4`;

/** $1 stream, $2 from, $3 to, in s since 1970. */
const PEAK = `
SELECT COALESCE(max(s.size_bytes * 8e6 / GREATEST(s.pts_end_us - s.pts_start_us, 1000)), 0)::float8 AS peak FROM segments s
WHERE s.stream_id = $1 AND s.state = 'ready' AND s.at >= to_timestamp($2::float8) AND s.at < to_timestamp($3::float8)`;

/** $1 epochs, $2 the newest that has been named. One that had its first segment when a later one was named counts from where that does. */
const EPOCHS = `
SELECT ${EPOCH_SPAN}, n.first::float8 AS first_media_sequence, n.discontinuity FROM epochs e LEFT JOIN LATERAL (
  SELECT n.first_media_sequence AS first, n.discontinuity FROM epochs n
  WHERE n.stream_id = e.stream_id AND n.ordinal >= e.ordinal AND n.first_media_sequence IS NOT NULL ORDER BY n.ordinal LIMIT 1
) n ON TRUE WHERE e.id = ANY ($1::uuid[]) AND e.ordinal <= $2 ORDER BY e.ordinal`;

/** $1 stream, $2 to, in s since 1970. A publisher that has just gone may come back to the same viewing. */
const IS_GROWING = `
SELECT NOT EXISTS (SELECT FROM segments s WHERE s.stream_id = $1 AND s.at >= to_timestamp($2::float8)) AND (
  EXISTS (SELECT FROM epochs e WHERE e.stream_id = $1 AND e.state = 'open')
  OR (SELECT e.ended_at > now() - interval '30 seconds' FROM epochs e WHERE e.stream_id = $1 ORDER BY e.ordinal DESC LIMIT 1) IS TRUE
) AS growing`;
