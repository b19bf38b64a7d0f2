import type { LedgerSql } from './sql.js';

/** Takes away what is too old to be resumed from. */
export class FeedRetention {
  constructor(
    private readonly sql: LedgerSql,
    private readonly keepMs: number,
  ) {}

  async clear(): Promise<void> {
    await this.sql.rows({ name: 'feed_clear', text: `DELETE FROM feed WHERE at < now() - $1::float8 * interval '1 millisecond'` }, [this.keepMs]);
  }
}
