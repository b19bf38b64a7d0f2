import { Inject, Injectable } from '@nestjs/common';
import { Database } from './database.js';

/** How long lines of the feed are kept, in milliseconds. */
export const FEED_KEEP_MS = Symbol('vedette.feed-keep-ms');

/** At once, so that no statement takes long, whatever has piled up. */
const BATCH_ROWS = 10_000;

/**
 * Takes away what is too old to be resumed from, all but the newest such row: the oldest row left says how far back the feed is
 * whole, also when nothing has happened for longer than it is kept.
 */
@Injectable()
export class FeedRetention {
  constructor(
    private readonly sql: Database,
    @Inject(FEED_KEEP_MS) private readonly keepMs: number,
  ) {}

  async clear(): Promise<void> {
    while ((await this.clearSome()) === BATCH_ROWS);
  }

  private async clearSome(): Promise<number> {
    const [row] = await this.sql.rows<{ gone: number }>(
      {
        name: 'feed_clear',
        text: `
          WITH kept AS (SELECT id FROM feed WHERE at < now() - $1::float8 * interval '1 millisecond' ORDER BY xid DESC, id DESC LIMIT 1),
          gone AS (DELETE FROM feed WHERE id IN (SELECT id FROM feed
            WHERE at < now() - $1::float8 * interval '1 millisecond' AND id <> (SELECT id FROM kept) ORDER BY xid, id LIMIT ${BATCH_ROWS})
            RETURNING 1)
          SELECT count(*)::int AS gone FROM gone`,
      },
      [this.keepMs],
    );
    return row?.gone ?? 0;
  }
}
