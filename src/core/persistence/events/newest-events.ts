import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

/** null: there is none. */
export interface NewestIds {
  readonly newestId: string | null;
  /** Of streams that everybody may see. */
  readonly newestOpenId: string | null;
}

const NEWEST = {
  name: 'newest_events',
  text: `SELECT max(m.id) AS newest, max(m.id) FILTER (WHERE NOT t.private) AS newest_open FROM streams t CROSS JOIN LATERAL (
      SELECT v.id FROM events v WHERE v.stream_id = t.id ORDER BY v.start_at DESC LIMIT 1
    ) m WHERE t.deleted_at IS NULL`,
};

/** Which event began last: a look at the end of an index for each stream. */
@Injectable()
export class NewestEvents {
  constructor(private readonly database: Database) {}

  async ids(): Promise<NewestIds> {
    const [row] = await this.database.rows<{ newest: string | null; newest_open: string | null }>(NEWEST);
    return { newestId: row?.newest ?? null, newestOpenId: row?.newest_open ?? null };
  }
}
