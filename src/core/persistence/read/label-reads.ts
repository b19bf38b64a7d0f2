import { Injectable } from '@nestjs/common';
import { blockWhere } from '../archive/block-scan.js';
import { Database } from '../database.js';
import { literally } from './literal-like.js';
import { INSTANT, SqlWhere } from './sql-where.js';

export interface LabelFilter {
  readonly streamIds: readonly string[];
  /** Part of a label, upper and lower case aside. */
  readonly query: string;
  /** In µs since 1970; `toUs` is exclusive. */
  readonly fromUs: number;
  readonly toUs: number;
  readonly limit: number;
}

/** A label that was seen on a stream. */
export interface SeenLabel {
  readonly streamId: string;
  readonly analyzerId: string;
  readonly label: string;
  /** Detections; of what is packed, those of whole blocks that reach into the range. */
  readonly count: number;
  /** No later was it seen last, in µs since 1970. */
  readonly lastUs: number;
}

interface LabelRow {
  stream_id: string;
  analyzer_id: string;
  label: string;
  count: number;
  last_us: number;
}

/** Which labels detections had, of those that are rows yet and those that are packed, whose blocks say it without being unpacked. */
@Injectable()
export class LabelReads {
  constructor(private readonly database: Database) {}

  /** Those that were seen last come first. @throws VD_API_QUERY_TIMEOUT */
  async seen({ streamIds, query, fromUs, toUs, limit }: LabelFilter): Promise<SeenLabel[]> {
    const like = `%${literally(query)}%`;
    const rows = new SqlWhere()
      .add('t.stream_id = ANY(?::uuid[])', streamIds)
      .add(`t.at >= ${INSTANT}`, fromUs)
      .add(`t.at < ${INSTANT}`, toUs)
      .add('lower(t.label) LIKE lower(?)', like);
    const blocks = blockWhere({ kinds: ['detections'], streamIds, fromUs, toUs: toUs - 1, fromKey: fromUs, toKey: toUs - 1 });
    blocks.add('lower(n.label) LIKE lower(?)', like);
    const packed = `SELECT b.stream_id, b.analyzer_id, n.label, sum(n.count)::float8 AS count, max(b.last_key)::float8 AS last_us
      FROM ledger_archive b, unnest(b.names, b.counts) AS n(label, count) WHERE ${blocks} GROUP BY 1, 2, 3`;
    const unpacked = `SELECT t.stream_id, t.analyzer_id, t.label, count(*)::float8 AS count,
      max((extract(epoch FROM t.at) * 1000000)::float8) AS last_us FROM detections t WHERE ${rows} GROUP BY 1, 2, 3`;
    const found = await this.database.snapshot(async (ask) => [
      ...(await ask<LabelRow>(packed, blocks.params)),
      ...(await ask<LabelRow>(unpacked, rows.params)),
    ]);
    return newestOf(found).slice(0, limit);
  }
}

/** One of each stream, analyzer and label. */
function newestOf(rows: readonly LabelRow[]): SeenLabel[] {
  const bySubject = new Map<string, SeenLabel>();
  for (const { stream_id: streamId, analyzer_id: analyzerId, label, count, last_us: lastUs } of rows) {
    const key = `${streamId} ${analyzerId} ${label}`;
    const known = bySubject.get(key);
    bySubject.set(key, {
      ...{ streamId, analyzerId, label },
      count: count + (known?.count ?? 0),
      lastUs: Math.max(lastUs, known?.lastUs ?? 0),
    });
  }
  return [...bySubject.values()].sort((a, b) => b.lastUs - a.lastUs);
}
