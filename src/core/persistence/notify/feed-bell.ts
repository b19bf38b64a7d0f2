import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** NOTIFY channels. A notification is a bell: what changed is read from the tables. */
export const FEED_CHANNEL = 'vedette_feed';
export const STREAMS_CHANNEL = 'vedette_streams';

const QUIET_MS = 5;

/**
 * Rings the feed's bell after commits, at most once per few milliseconds and never inside a transaction: NOTIFY takes a lock
 * that would make the workers' commits wait for each other. A bell that is lost (a crash right after a commit) is made good
 * by whoever rings next, and by readers who also look on a timer.
 */
@Injectable()
export class FeedBell {
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly sql: Database) {}

  ring(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.sql.rows({ name: 'feed_bell', text: `SELECT pg_notify('${FEED_CHANNEL}', '')` }).catch(() => undefined);
    }, QUIET_MS);
  }

  close(): void {
    clearTimeout(this.timer);
  }
}
