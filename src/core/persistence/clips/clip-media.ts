import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { SEGMENT_END } from '../retention/media-inventory.js';
import type { Clip } from './clip-store.js';

/** A segment of what is to be cut. */
export interface ClipSegment {
  readonly sequence: number;
  readonly path: string;
  readonly nodeId: string;
  readonly sizeBytes: number;
  readonly ptsStartUs: number;
  readonly ptsEndUs: number;
}

/** What of one epoch lies in a range. */
export interface ClipEpoch {
  readonly epochId: string;
  readonly startedAtMs: number;
  readonly ptsOriginUs: number;
  readonly video: { readonly codec: string; readonly widthPx: number; readonly heightPx: number } | null;
  /** Of the epoch's media clock: what is wanted of it. */
  readonly fromPtsUs: number;
  readonly toPtsUs: number;
  /** Those that can be read, from one that a decoder can start in. */
  readonly segments: readonly ClipSegment[];
  readonly missing: readonly MissingMedia[];
}

/** Media of the range that is not there. */
export interface MissingMedia {
  readonly fromPtsUs: number;
  readonly toPtsUs: number;
  readonly reason: 'deleted' | 'lost' | 'unreadable' | 'gap';
}

interface EpochRow {
  id: string;
  state: 'open' | 'closed';
  started_at: Date;
  pts_origin_us: string | null;
  video_codec: string | null;
  width_px: number | null;
  height_px: number | null;
  ingest_id: string;
}

interface SegmentRow {
  sequence: number;
  path: string;
  state: 'ready' | 'unreadable' | 'deleted' | 'lost';
  size_bytes: string;
  pts_start_us: string;
  pts_end_us: string;
  keyframe_us: string | null;
}

/** Of one clip. */
const MOST_EPOCHS = 500;
/** No segment lasts longer. */
const LONGEST = "interval '1 hour'";
const LONGEST_US = 3_600_000_000;
/** Less than a frame lasts: segments that adjoin need not do so to the microsecond. */
const SEAM_US = 200_000;

/** What media a range has. */
@Injectable()
export class ClipMediaReads {
  constructor(private readonly database: Database) {}

  /** Of the epochs in order; those with nothing that can be read say so by having no segments. */
  async of({ streamId, fromMs, toMs, pts }: Pick<Clip, 'streamId' | 'fromMs' | 'toMs' | 'pts'>): Promise<ClipEpoch[]> {
    const rows = await this.database.query<EpochRow>(
      `SELECT e.id, e.state, e.started_at, e.pts_origin_us, e.video_codec, e.width_px, e.height_px, e.ingest_id FROM epochs e
        WHERE e.stream_id = $1 AND e.pts_origin_us IS NOT NULL AND CASE WHEN $2::uuid IS NOT NULL THEN e.id = $2 ELSE e.id IN (
          SELECT s.epoch_id FROM segments s WHERE s.stream_id = $1 AND s.at <= $4 AND s.at > $3::timestamptz - ${LONGEST}
            AND ${SEGMENT_END} > $3) END
        ORDER BY e.ordinal LIMIT ${MOST_EPOCHS}`,
      [streamId, pts?.epochId ?? null, new Date(fromMs), new Date(toMs)],
    );
    const epochs: ClipEpoch[] = [];
    for (const row of rows) epochs.push(await this.epoch(row, pts ?? ptsRange(row, fromMs, toMs)));
    return epochs;
  }

  /** Up to when the stream is recorded; null where it has no media. */
  async recordedUntilMs(streamId: string, epochId: string | null): Promise<number | null> {
    const [row] = await this.database.query<{ end_ms: number | null }>(
      `SELECT (extract(epoch FROM max(${SEGMENT_END})) * 1000)::float8 AS end_ms FROM epochs e
        CROSS JOIN LATERAL (SELECT * FROM segments WHERE epoch_id = e.id ORDER BY sequence DESC LIMIT 1) s
       WHERE e.stream_id = $1 AND ($2::uuid IS NULL OR e.id = $2)`,
      [streamId, epochId],
    );
    return row?.end_ms ?? null;
  }

  /** The time of a moment of an epoch; null where the stream has no such epoch with media. */
  async timeOf(streamId: string, epochId: string): Promise<{ startedAtMs: number; ptsOriginUs: number } | null> {
    const [row] = await this.database.query<EpochRow>(
      'SELECT started_at, pts_origin_us FROM epochs WHERE id = $1 AND stream_id = $2 AND pts_origin_us IS NOT NULL',
      [epochId, streamId],
    );
    return row === undefined ? null : { startedAtMs: row.started_at.getTime(), ptsOriginUs: Number(row.pts_origin_us) };
  }

  /** The moment of media that a time stands for: of the segment that began last by then. */
  async momentAt(streamId: string, atMs: number): Promise<{ epochId: string; ptsUs: number } | null> {
    const [row] = await this.database.query<{ epoch_id: string; pts_start_us: string; at: Date }>(
      'SELECT epoch_id, pts_start_us, at FROM segments WHERE stream_id = $1 AND at <= $2 ORDER BY at DESC, id DESC LIMIT 1',
      [streamId, new Date(atMs)],
    );
    return row === undefined
      ? null
      : { epochId: row.epoch_id, ptsUs: Number(row.pts_start_us) + Math.round((atMs - row.at.getTime()) * 1_000) };
  }

  private async epoch(row: EpochRow, { fromPtsUs, toPtsUs }: { fromPtsUs: number; toPtsUs: number }): Promise<ClipEpoch> {
    const rows = await this.database.query<SegmentRow>(
      `SELECT sequence, path, state, size_bytes, pts_start_us, pts_end_us, keyframe_pts_us[1] AS keyframe_us FROM segments
        WHERE epoch_id = $1 AND pts_start_us <= $3 AND pts_start_us >= LEAST($2::bigint - ${LONGEST_US}, (
          SELECT pts_start_us FROM segments WHERE epoch_id = $1 AND state = 'ready' AND pts_start_us <= $2 AND keyframe_pts_us[1] <= $2
           ORDER BY pts_start_us DESC LIMIT 1))
        ORDER BY pts_start_us`,
      [row.id, fromPtsUs, toPtsUs],
    );
    const found = rows.slice(firstNeeded(rows, fromPtsUs));
    const segments = found
      .filter(({ state }) => state === 'ready')
      .map((segment): ClipSegment => ({
        ...{ sequence: segment.sequence, path: segment.path, nodeId: row.ingest_id, sizeBytes: Number(segment.size_bytes) },
        ...{ ptsStartUs: Number(segment.pts_start_us), ptsEndUs: Number(segment.pts_end_us) },
      }));
    return {
      ...{ epochId: row.id, startedAtMs: row.started_at.getTime(), ptsOriginUs: Number(row.pts_origin_us), fromPtsUs, toPtsUs, segments },
      video: row.video_codec === null ? null : { codec: row.video_codec, widthPx: row.width_px ?? 0, heightPx: row.height_px ?? 0 },
      missing: missingOf(found, fromPtsUs, toPtsUs),
    };
  }
}

function ptsRange(row: EpochRow, fromMs: number, toMs: number): { fromPtsUs: number; toPtsUs: number } {
  const ptsAt = (ms: number): number => Number(row.pts_origin_us) + Math.round((ms - row.started_at.getTime()) * 1_000);
  return { fromPtsUs: ptsAt(fromMs), toPtsUs: ptsAt(toMs) };
}

/** Where decoding has to begin: at the segment in which the range begins, or before it where that cannot be decoded alone. */
function firstNeeded(rows: readonly SegmentRow[], fromPtsUs: number): number {
  const first = rows.findIndex(({ pts_end_us }) => Number(pts_end_us) > fromPtsUs);
  if (first === -1) return rows.length;
  const isEntry = ({ state, keyframe_us, pts_start_us }: SegmentRow): boolean =>
    state === 'ready' && keyframe_us !== null && Number(keyframe_us) <= Math.max(fromPtsUs, Number(pts_start_us));
  if (isEntry(rows[first]!)) return first;
  const entry = rows.slice(0, first).findLastIndex(isEntry);
  return entry === -1 ? first : entry;
}

/** Segments that cannot be read, and times between segments that no segment has. */
function missingOf(found: readonly SegmentRow[], fromPtsUs: number, toPtsUs: number): MissingMedia[] {
  const missing: MissingMedia[] = [];
  let endUs: number | undefined;
  for (const { state, pts_start_us, pts_end_us } of found) {
    const [startUs, ownEndUs] = [Number(pts_start_us), Number(pts_end_us)];
    if (endUs !== undefined && startUs - endUs > SEAM_US) missing.push({ fromPtsUs: endUs, toPtsUs: startUs, reason: 'gap' });
    if (state !== 'ready' && ownEndUs > fromPtsUs)
      missing.push({ fromPtsUs: startUs, toPtsUs: Math.min(ownEndUs, toPtsUs), reason: state });
    endUs = ownEndUs;
  }
  return missing;
}
