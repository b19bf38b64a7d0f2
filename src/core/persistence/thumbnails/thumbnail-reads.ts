import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { SHEET_SLOTS, sheetOf, SLOT_US } from './thumbnail-slots.js';

/** A picture that is kept, in the sheet of its quarter of an hour. */
export interface KeptThumbnail {
  readonly slot: number;
  readonly epochId: string;
  readonly ptsUs: number;
  readonly atMs: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** A keyframe of which no picture is kept: one can be made of it. */
export interface NearKeyframe {
  readonly slot: number;
  readonly epochId: string;
  readonly ptsUs: number;
  readonly atMs: number;
  /** Of the stream's pictures; null: not known. */
  readonly streamWidthPx: number | null;
  readonly streamHeightPx: number | null;
}

interface SlotRow {
  readonly slot: number;
  readonly epoch_id: string;
  readonly pts_us: number;
  readonly at_ms: number;
}

/** Small pictures of a stream, by time. */
@Injectable()
export class ThumbnailReads {
  constructor(private readonly database: Database) {}

  /** All of the sheets that the slots are in, in order. */
  async kept(streamId: string, fromSlot: number, toSlot: number): Promise<KeptThumbnail[]> {
    const rows = await this.database.bounded<SlotRow & { width_px: number; height_px: number }>(
      `SELECT slot::float8 AS slot, epoch_id, pts_us::float8 AS pts_us, (extract(epoch FROM at) * 1000)::float8 AS at_ms,
         width_px, height_px
       FROM thumbnails WHERE stream_id = $1 AND slot >= $2::bigint AND slot < $3::bigint ORDER BY slot`,
      [streamId, sheetOf(fromSlot) * SHEET_SLOTS, (sheetOf(toSlot - 1) + 1) * SHEET_SLOTS],
    );
    return rows.map((row) => ({ ...placed(row), widthPx: row.width_px, heightPx: row.height_px }));
  }

  /** For each slot at which there is media, the keyframe nearest to it. */
  async keyframes(streamId: string, slots: readonly number[]): Promise<NearKeyframe[]> {
    if (slots.length === 0) return [];
    const rows = await this.database.bounded<SlotRow & { width_px: number | null; height_px: number | null }>(
      `SELECT u.slot::float8 AS slot, s.epoch_id, k.pts_us::float8 AS pts_us,
         (extract(epoch FROM s.at) * 1000 + (k.pts_us - s.pts_start_us) / 1000.0)::float8 AS at_ms, e.width_px, e.height_px
       FROM unnest($2::bigint[]) AS u(slot) CROSS JOIN LATERAL (SELECT to_timestamp(u.slot::float8 * ${SLOT_US / 1e6}) AS at) moment
       CROSS JOIN LATERAL (
         SELECT * FROM segments s WHERE s.stream_id = $1 AND s.at <= moment.at AND s.at > moment.at - interval '1 hour'
         ORDER BY s.at DESC LIMIT 1) s
       CROSS JOIN LATERAL (
         SELECT pts_us FROM unnest(s.keyframe_pts_us) AS pts_us
         ORDER BY abs(extract(epoch FROM moment.at - s.at) * 1000000 - (pts_us - s.pts_start_us)) LIMIT 1) k
       JOIN epochs e ON e.id = s.epoch_id
       WHERE s.state = 'ready' AND s.at + (s.pts_end_us - s.pts_start_us) * interval '1 microsecond' > moment.at ORDER BY u.slot`,
      [streamId, slots],
    );
    return rows.map((row) => ({ ...placed(row), streamWidthPx: row.width_px, streamHeightPx: row.height_px }));
  }

  /** The pictures of a sheet, by their place in it. */
  async sheet(streamId: string, sheet: number): Promise<{ place: number; jpeg: Buffer }[]> {
    const first = sheet * SHEET_SLOTS;
    return this.database.bounded<{ place: number; jpeg: Buffer }>(
      `SELECT (slot - $2::bigint)::int AS place, jpeg FROM thumbnails WHERE stream_id = $1 AND slot >= $2::bigint AND slot < $3::bigint
       ORDER BY slot`,
      [streamId, first, first + SHEET_SLOTS],
    );
  }
}

const placed = ({ slot, epoch_id: epochId, pts_us: ptsUs, at_ms: atMs }: SlotRow) => ({ slot, epochId, ptsUs, atMs });
