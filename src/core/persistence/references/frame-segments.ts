import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

export interface FrameSegment {
  readonly path: string;
  /** The ingest node whose media folder has it. */
  readonly nodeId: string;
  readonly sizeBytes: number;
  readonly state: 'ready' | 'unreadable' | 'deleted' | 'lost';
  readonly ptsStartUs: number;
  readonly ptsEndUs: number;
}

/** Finds the segment in which a moment lies. */
@Injectable()
export class FrameSegments {
  constructor(private readonly database: Database) {}

  /** The last segment of the epoch that begins at or before the time; it may have ended by then. */
  async lastBegunBy(streamId: string, epochId: string, ptsUs: number): Promise<FrameSegment | null> {
    const [row] = await this.database.query<{
      path: string;
      node_id: string;
      size_bytes: string;
      state: FrameSegment['state'];
      pts_start_us: string;
      pts_end_us: string;
    }>(
      `SELECT s.path, e.ingest_id AS node_id, s.size_bytes, s.state, s.pts_start_us, s.pts_end_us FROM segments s
        JOIN epochs e ON e.id = s.epoch_id
       WHERE s.epoch_id = $1 AND s.stream_id = $2 AND s.pts_start_us <= $3 ORDER BY s.pts_start_us DESC LIMIT 1`,
      [epochId, streamId, ptsUs],
    );
    if (row === undefined) return null;
    return {
      path: row.path,
      nodeId: row.node_id,
      sizeBytes: Number(row.size_bytes),
      state: row.state,
      ptsStartUs: Number(row.pts_start_us),
      ptsEndUs: Number(row.pts_end_us),
    };
  }
}
