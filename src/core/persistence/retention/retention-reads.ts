import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';

export interface DiskSampleAt {
  readonly keeper: string;
  readonly atMs: number;
  readonly usedBytes: number;
}

/** What went since some time, of one kind and for one reason. */
export interface PurgedSum {
  readonly keeper: string;
  readonly what: 'media' | 'results' | 'rows';
  readonly why: string;
  readonly items: number;
  readonly bytes: number;
}

export interface StreamUse {
  readonly streamId: string;
  readonly bytes: number;
  readonly segments: number;
  readonly lost: number;
  readonly heldBytes: number;
  readonly oldestMs: number | null;
  readonly newestMs: number | null;
}

/** What was recorded lately, by node and stream. */
export interface MediaRate {
  readonly nodeId: string;
  readonly bytes: number;
  /** From the first of it to now. */
  readonly spanMs: number;
}

/** What retention has to show: for the API and the command line. */
@Injectable()
export class RetentionReads {
  constructor(private readonly database: Database) {}

  async purgedSince(sinceMs: number): Promise<PurgedSum[]> {
    return this.database.bounded<PurgedSum>(
      `SELECT keeper, what, why, sum(items)::float8 AS items, sum(bytes)::float8 AS bytes FROM purged
       WHERE hour >= date_trunc('hour', to_timestamp($1::float8 / 1000)) GROUP BY keeper, what, why ORDER BY keeper, what, why`,
      [sinceMs],
    );
  }

  async samplesSince(sinceMs: number): Promise<DiskSampleAt[]> {
    return this.database.bounded<DiskSampleAt>(
      `SELECT keeper, (extract(epoch FROM at) * 1000)::float8 AS "atMs", used_bytes::float8 AS "usedBytes" FROM disk_samples
       WHERE at >= to_timestamp($1::float8 / 1000) ORDER BY keeper, at`,
      [sinceMs],
    );
  }

  /** Media that was recorded within the time before now, by node. */
  async mediaRates(windowMs: number): Promise<MediaRate[]> {
    return this.database.bounded<MediaRate>(
      `SELECT e.ingest_id AS "nodeId", sum(s.size_bytes)::float8 AS bytes,
         (extract(epoch FROM now() - min(s.at)) * 1000)::float8 AS "spanMs"
       FROM streams t JOIN segments s ON s.stream_id = t.id AND s.at > now() - $1::float8 * interval '1 millisecond' AND s.at <= now()
       JOIN epochs e ON e.id = s.epoch_id GROUP BY e.ingest_id ORDER BY 1`,
      [windowMs],
      15_000,
    );
  }

  /** What there is of a stream, wherever it lies. */
  async useOf(streamId: string): Promise<StreamUse> {
    const [row] = await this.database.bounded<StreamUse>(
      `SELECT $1::uuid AS "streamId", COALESCE(sum(size_bytes) FILTER (WHERE state IN ('ready', 'unreadable')), 0)::float8 AS bytes,
         count(*) FILTER (WHERE state IN ('ready', 'unreadable'))::int AS segments, count(*) FILTER (WHERE state = 'lost')::int AS lost,
         COALESCE(sum(size_bytes) FILTER (WHERE state IN ('ready', 'unreadable') AND kept = 'hold'), 0)::float8 AS "heldBytes",
         (extract(epoch FROM min(at) FILTER (WHERE state = 'ready')) * 1000)::float8 AS "oldestMs",
         (extract(epoch FROM max(at) FILTER (WHERE state = 'ready')) * 1000)::float8 AS "newestMs"
       FROM segments WHERE stream_id = $1 AND state <> 'deleted'`,
      [streamId],
      15_000,
    );
    return row!;
  }
}
