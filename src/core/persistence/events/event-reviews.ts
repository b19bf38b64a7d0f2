import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

export interface ReviewedEvents {
  readonly userId: string;
  readonly eventIds: readonly string[];
  /** Streams that whoever reviews may see: events of others are left alone. */
  readonly streamIds: readonly string[];
}

const MARK = {
  name: 'mark_events_reviewed',
  text: `INSERT INTO event_reviews (event_id, user_id)
    SELECT v.id, $1::uuid FROM events v WHERE v.id = ANY($2::bigint[]) AND v.stream_id = ANY($3::uuid[]) ORDER BY v.id FOR KEY SHARE
    ON CONFLICT DO NOTHING RETURNING event_id`,
};
const UNMARK = {
  name: 'unmark_events_reviewed',
  text: `DELETE FROM event_reviews w USING events v WHERE w.user_id = $1::uuid AND w.event_id = ANY($2::bigint[])
    AND v.id = w.event_id AND v.stream_id = ANY($3::uuid[]) RETURNING w.event_id`,
};

/** Who has looked at which events: each person's own marks, which nobody else sees. */
@Injectable()
export class EventReviews {
  constructor(private readonly database: Database) {}

  /** @returns how many were not marked before */
  async mark({ userId, eventIds, streamIds }: ReviewedEvents): Promise<number> {
    return (await this.database.rows(MARK, [userId, eventIds, streamIds])).length;
  }

  /** @returns how many were marked before */
  async unmark({ userId, eventIds, streamIds }: ReviewedEvents): Promise<number> {
    return (await this.database.rows(UNMARK, [userId, eventIds, streamIds])).length;
  }
}
