import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** NOTIFY channels. A notification is a bell: what changed is read from the tables. */
export const FEED_CHANNEL = 'vedette_feed';
export const STREAMS_CHANNEL = 'vedette_streams';

/** While it rings on and on, it rings no more often than this. */
const QUIET_MS = 20;

/**
 * Rings the feed's bell after commits and never inside a transaction: NOTIFY takes a lock that would make the workers' commits wait for
 * each
 * other. The first ring after a quiet moment goes at once; those that follow closely are one. A bell that is lost (a crash right after a
 * commit) is made good by whoever rings next, and by readers who also look on a timer.
 */
@Injectable()
export class FeedBell {
  private timer: NodeJS.Timeout | undefined;
  private quietUntilMs = 0;

  constructor(private readonly sql: Database) {}

  ring(): void {
    this.timer ??= setTimeout(
      () => {
        this.timer = undefined;
        this.quietUntilMs = performance.now() + QUIET_MS;
        // Nothing is written: there is nothing that the disk would have to have before the answer comes.
        this.sql
          .rows({ name: 'feed_bell', text: `SELECT pg_notify('${FEED_CHANNEL}', ''), set_config('synchronous_commit', 'off', true)` })
          .catch(() => undefined);
      },
      Math.max(0, this.quietUntilMs - performance.now()),
    );
  }

  close(): void {
    clearTimeout(this.timer);
  }
}
