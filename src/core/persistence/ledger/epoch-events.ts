import { Injectable } from '@nestjs/common';
import { FeedBell } from '../notify/feed-bell.js';
import { Database } from '../database.js';

/**
 * Ends what an epoch's end leaves open. An event may run on from segment to segment, but nothing can end it once the last
 * segment of a closed epoch has been looked at: then it ends where the media ended.
 *
 * Two things come to pass in either order, the closing and the end of the last run, and whichever is the later must see the
 * other. So this is asked for after each of them has committed, never in its transaction: that would look at a moment
 * before the other's. A process that dies in between leaves it to a reconciler.
 */
@Injectable()
export class EpochEvents {
  constructor(
    private readonly sql: Database,
    private readonly bell: FeedBell,
  ) {}

  /**
   * @param epochId one epoch, or null for all that have closed
   * @returns how many events were ended
   */
  async endLeftOpen(epochId: string | null): Promise<number> {
    const [row] = await this.sql.rows<{ ended: number }>(
      {
        name: 'epoch_events_end',
        text: `
WITH ended AS (
  UPDATE events v SET state = 'closed', end_reason = 'epoch-ended', end_pts_us = m.end_us,
    end_at = e.started_at + (m.end_us - COALESCE(e.pts_origin_us, 0)) * interval '1 microsecond'
  FROM epochs e CROSS JOIN LATERAL (
    SELECT GREATEST(max(s.pts_end_us), 0) AS end_us FROM segments s WHERE s.epoch_id = e.id AND s.state <> 'unreadable'
  ) m
  WHERE v.state = 'open' AND v.epoch_id = e.id AND e.state = 'closed' AND ($1::uuid IS NULL OR e.id = $1)
    AND NOT EXISTS (
      SELECT 1 FROM analysis_runs r
      WHERE r.stream_id = e.stream_id AND r.epoch_id = e.id AND r.analyzer_id = v.analyzer_id AND r.config_hash = v.config_hash
        AND r.state IN ('queued', 'running'))
  RETURNING v.stream_id, v.id
), told AS (
  INSERT INTO feed (kind, stream_id, payload)
  SELECT 'event.closed', stream_id, jsonb_build_object('eventId', id::text) FROM ended ORDER BY id
)
SELECT count(*)::int AS ended FROM ended`,
      },
      [epochId],
    );
    const ended = row?.ended ?? 0;
    if (ended > 0) this.bell.ring();
    return ended;
  }
}
