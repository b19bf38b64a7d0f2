import { Injectable } from '@nestjs/common';
import type { Thumbnail } from '../../plugin-api/index.js';
import { Database } from '../database.js';
import type { ClaimedSegment } from '../ledger/run-ledger.js';
import { epochClockUs, SLOT_US } from './thumbnail-slots.js';

/** Keeps small pictures of streams, each as long as the segment that it is of. */
@Injectable()
export class ThumbnailStore {
  constructor(private readonly database: Database) {}

  /** The first of a slot stays: several queues decode the same picture. What went meanwhile gets none. */
  async keep({ segmentId, epoch }: Pick<ClaimedSegment, 'segmentId' | 'epoch'>, thumbnails: readonly Thumbnail[]): Promise<void> {
    if (thumbnails.length === 0) return;
    const clockUs = epochClockUs(epoch);
    const rows = thumbnails.map(({ askedPtsUs, ptsUs, widthPx, heightPx, jpegBase64 }) => ({
      ...{ slot: Math.round((clockUs + askedPtsUs) / SLOT_US), at_us: clockUs + ptsUs, pts_us: ptsUs },
      ...{ width_px: widthPx, height_px: heightPx, jpeg: jpegBase64 },
    }));
    await this.database.rows(KEEP, [segmentId, JSON.stringify(rows)]);
  }
}

/** Locked, so that retention takes all that there is of a segment. */
const KEEP = {
  name: 'thumbnails_keep',
  text: `
INSERT INTO thumbnails (stream_id, slot, segment_id, epoch_id, pts_us, at, width_px, height_px, jpeg)
SELECT s.stream_id, u.slot, s.id, s.epoch_id, u.pts_us, to_timestamp(u.at_us / 1000000), u.width_px, u.height_px, decode(u.jpeg, 'base64')
FROM (SELECT id, stream_id, epoch_id FROM segments WHERE id = $1::bigint AND state = 'ready' FOR SHARE) s,
  jsonb_to_recordset($2::jsonb) AS u(slot bigint, at_us numeric, pts_us bigint, width_px int, height_px int, jpeg text)
ORDER BY u.slot ON CONFLICT DO NOTHING`,
};
