import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import type { RangeEvent } from './playlist-media.js';
import type { MediaRange } from './range-reads.js';

export interface EventRange extends MediaRange {
  readonly analyzerId?: string | undefined;
  /** The first of them are given. */
  readonly most: number;
}

interface RangeEventRow {
  id: string;
  epoch_id: string;
  analyzer_id: string;
  name: string;
  start_ms: number;
  start_pts_us: string;
  end_ms: number | null;
  end_pts_us: string | null;
  data: Record<string, unknown> | null;
}

/** Events that touch a stretch of time, as playlists and tracks tell of them. */
@Injectable()
export class EventReads {
  constructor(private readonly database: Database) {}

  /** In the order of their beginning. @throws VD_API_QUERY_TIMEOUT */
  async touching({ streamId, fromMs, toMs, analyzerId, most }: EventRange): Promise<RangeEvent[]> {
    const rows = await this.database.bounded<RangeEventRow>(TOUCHING, [streamId, fromMs / 1000, toMs / 1000, analyzerId ?? null, most]);
    return rows.map((row) => ({
      ...{ id: row.id, epochId: row.epoch_id, analyzerId: row.analyzer_id, name: row.name, data: row.data },
      ...{ startMs: row.start_ms, startPtsUs: Number(row.start_pts_us) },
      ...{ endMs: row.end_ms, endPtsUs: row.end_pts_us === null ? null : Number(row.end_pts_us) },
    }));
  }
}

const FOUND = `SELECT v.* FROM events v WHERE v.stream_id = $1 AND ($4::text IS NULL OR v.analyzer_id = $4)`;
/**
 * $1 stream, $2 from, $3 to, in s since 1970, $4 analyzer, $5 how many. Those that began within it, those that began before and go on, and
 * those that began before and ended within it or later: each by an index of its own.
 */
const TOUCHING = `
SELECT v.id::text AS id, v.epoch_id, v.analyzer_id, v.name, (extract(epoch FROM v.start_at) * 1000)::float8 AS start_ms, v.start_pts_us,
  (extract(epoch FROM v.end_at) * 1000)::float8 AS end_ms, v.end_pts_us, v.data
FROM (
  (${FOUND} AND v.start_at >= to_timestamp($2::float8) AND v.start_at < to_timestamp($3::float8) ORDER BY v.start_at LIMIT $5)
  UNION ALL
  (${FOUND} AND v.state = 'open' AND v.start_at < to_timestamp($2::float8) ORDER BY v.start_at DESC LIMIT $5)
  UNION ALL
  (${FOUND} AND v.end_at >= to_timestamp($2::float8) AND v.start_at < to_timestamp($2::float8)
    AND v.start_at > to_timestamp($2::float8) - interval '24 hours' LIMIT $5)
  UNION ALL
  (${FOUND} AND v.end_at - v.start_at > interval '24 hours' AND v.end_at >= to_timestamp($2::float8)
    AND v.start_at <= to_timestamp($2::float8) - interval '24 hours' LIMIT $5)
) v ORDER BY v.start_at, v.id LIMIT $5`;
