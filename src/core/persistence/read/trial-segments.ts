import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { segmentFacts } from '../ledger/lane-claim.js';
import { claimedSegment, type SegmentFacts } from '../ledger/lane-row.js';
import type { ClaimedSegment } from '../ledger/run-ledger.js';

export type TrialSegment = Pick<ClaimedSegment, 'stream' | 'segment'>;

/** However short they are. */
const MAX_SEGMENTS = 30;

/** Recorded segments to try something on. */
@Injectable()
export class TrialSegments {
  constructor(private readonly database: Database) {}

  /** The one in which the moment lies; none where there is no media. */
  async at(streamId: string, epochId: string, ptsUs: number): Promise<TrialSegment[]> {
    return this.read(
      streamId,
      `SELECT id, sequence FROM segments WHERE epoch_id = $2 AND stream_id = $1 AND state = 'ready' AND pts_start_us <= $3
         AND pts_end_us > $3 ORDER BY pts_start_us DESC LIMIT 1`,
      [epochId, ptsUs],
    );
  }

  /** The last ones of the newest epoch that has any, in order, which make up that much media or less. */
  async last(streamId: string, mediaMs: number): Promise<TrialSegment[]> {
    return this.read(
      streamId,
      `SELECT id, sequence FROM (
         SELECT s.id, s.sequence, s.epoch_id, first_value(s.epoch_id) OVER w AS newest,
           sum(s.pts_end_us - s.pts_start_us) OVER w - (s.pts_end_us - s.pts_start_us) AS after_us
         FROM (SELECT * FROM segments WHERE stream_id = $1 AND state = 'ready' ORDER BY at DESC LIMIT ${MAX_SEGMENTS}) s
         WINDOW w AS (ORDER BY s.at DESC, s.id DESC)
       ) s WHERE epoch_id = newest AND after_us < $2`,
      [mediaMs * 1000],
    );
  }

  private async read(streamId: string, picked: string, params: readonly unknown[]): Promise<TrialSegment[]> {
    const rows = await this.database.query<SegmentFacts & { readonly segment_id: string }>(
      `SELECT p.id::text AS segment_id, w.* FROM (${picked}) p JOIN LATERAL (${segmentFacts('p.id')}) w ON true ORDER BY p.sequence`,
      [streamId, ...params],
    );
    return rows.map((row) => claimedSegment(streamId, row, row.segment_id, []));
  }
}
