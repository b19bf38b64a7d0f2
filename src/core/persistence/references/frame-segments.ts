import { Inject, Injectable } from '@nestjs/common';
import { ReadDatabase } from '../read/read-database.js';

export interface FrameSegment {
  readonly path: string;
  readonly state: 'ready' | 'unreadable' | 'deleted';
  readonly ptsStartUs: number;
  readonly ptsEndUs: number;
}

/** Finds the segment in which a moment lies. */
@Injectable()
export class FrameSegments {
  constructor(@Inject(ReadDatabase) private readonly database: ReadDatabase) {}

  /** The last segment of the epoch that begins at or before the time; it may have ended by then. */
  async lastBegunBy(streamId: string, epochId: string, ptsUs: number): Promise<FrameSegment | null> {
    const [row] = await this.database.query<{ path: string; state: FrameSegment['state']; pts_start_us: string; pts_end_us: string }>(
      `SELECT path, state, pts_start_us, pts_end_us FROM segments WHERE epoch_id = $1 AND stream_id = $2 AND pts_start_us <= $3 ORDER BY pts_start_us DESC LIMIT 1`,
      [epochId, streamId, ptsUs],
    );
    return row === undefined ? null : { path: row.path, state: row.state, ptsStartUs: Number(row.pts_start_us), ptsEndUs: Number(row.pts_end_us) };
  }
}
