import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** Media that was turned away for want of room, as gaps in the stream's last epoch. */
@Injectable()
export class RefusedMedia {
  constructor(private readonly sql: Database) {}

  /**
   * Its publisher is here now and cannot be recorded. The gap begins where recording was stopped, or with the first time this is said, and
   * reaches to now; a stream that never had media has no place for it.
   */
  async at(streamId: string): Promise<void> {
    await this.sql.rows(REFUSED, [streamId]);
  }
}

/** Where now is on the clock of epoch `e`. */
const NOW_US = `(COALESCE(e.pts_origin_us, 0) + (extract(epoch FROM clock_timestamp() - e.started_at) * 1000000))::bigint`;

const REFUSED = {
  name: 'refused_media',
  text: `
INSERT INTO gaps AS g (stream_id, epoch_id, after_sequence, missing_sequences, from_pts_us, to_pts_us, reason)
SELECT e.stream_id, e.id, l.sequence, 0,
  CASE WHEN e.end_reason = 'disk-full' THEN LEAST(l.pts_end_us, ${NOW_US}) ELSE ${NOW_US} END, ${NOW_US},
  'disk-full'
FROM (SELECT * FROM epochs WHERE stream_id = $1 ORDER BY ordinal DESC LIMIT 1) e
CROSS JOIN LATERAL (SELECT s.sequence, s.pts_end_us FROM segments s WHERE s.epoch_id = e.id ORDER BY s.sequence DESC LIMIT 1) l
WHERE e.state = 'closed'
ON CONFLICT (epoch_id, after_sequence, reason) DO UPDATE SET to_pts_us = GREATEST(g.to_pts_us, EXCLUDED.to_pts_us)`,
};
