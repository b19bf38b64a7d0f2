import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Database } from '../database.js';

const ENTRIES = 10_000;

/** Which node has an epoch's media. That never changes, so it is asked once. */
@Injectable()
export class EpochNodes {
  private readonly known = new LRUCache<string, string>({ max: ENTRIES });

  constructor(private readonly database: Database) {}

  /** @returns null where the stream has no such epoch */
  async of(streamId: string, epochId: string): Promise<string | null> {
    const key = `${streamId}/${epochId}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const [row] = await this.database.query<{ ingest_id: string }>('SELECT ingest_id FROM epochs WHERE id = $1 AND stream_id = $2', [
      epochId,
      streamId,
    ]);
    if (row === undefined) return null;
    this.known.set(key, row.ingest_id);
    return row.ingest_id;
  }
}
