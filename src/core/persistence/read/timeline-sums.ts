import { Injectable } from '@nestjs/common';
import { unpack } from '../archive/block.js';
import { blockWhere } from '../archive/block-scan.js';
import { GREATEST_SUMMAND, MINUTE_US, MINUTES, type Tally } from '../archive/packed-block.js';
import { WINDOW_US } from '../archive/windows.js';
import { Database, type Query } from '../database.js';
import { INSTANT, SqlWhere } from './sql-where.js';

export interface SumFilter {
  readonly streamId: string;
  /** Whole multiples of `bucketUs`, exclusive of the latter. */
  readonly fromUs: number;
  readonly toUs: number;
  /** A whole number of minutes, or of ten. */
  readonly bucketUs: number;
  readonly analyzerId?: string;
  readonly names?: readonly string[];
}

type MeasuredKind = 'detections' | 'metrics';
export interface SeriesSum {
  readonly kind: MeasuredKind;
  readonly analyzerId: string;
  readonly name: string;
  /** By number of the bucket, from 0. */
  readonly buckets: ReadonlyMap<number, Tally>;
}

interface SumRow extends Tally {
  readonly kind: MeasuredKind;
  readonly analyzer_id: string;
  readonly name: string;
  readonly bucket: number;
}

/** A score is added up as the decimal that the API tells and that is packed, not as the `real` that it is nearest to. */
const MEASURED = [
  { kind: 'detections', name: 'label', value: 't.score::text::float8' },
  { kind: 'metrics', name: 'name', value: 't.value' },
] as const;

/**
 * How results are spread over a long time, without looking at each: what is packed was added up when it was, by the block and by the
 * minute, and what are rows yet is a few minutes' worth.
 */
@Injectable()
export class TimelineSums {
  constructor(private readonly database: Database) {}

  /** @throws VD_API_QUERY_TIMEOUT */
  async series(filter: SumFilter): Promise<SeriesSum[]> {
    const found = await this.database.snapshot(async (query) => {
      const rows: SumRow[] = [];
      for (const measured of MEASURED) rows.push(...(await sumsOfRows(query, filter, measured)));
      rows.push(...(filter.bucketUs % WINDOW_US === 0 ? await sumsOfBlocks(query, filter) : await sumsOfMinutes(query, filter)));
      return rows;
    });
    const series = new Map<string, SeriesSum & { readonly buckets: Map<number, Tally> }>();
    for (const { kind, analyzer_id: analyzerId, name, bucket, ...tally } of found) {
      const key = JSON.stringify([kind, analyzerId, name]);
      let known = series.get(key);
      if (known === undefined) series.set(key, (known = { kind, analyzerId, name, buckets: new Map() }));
      addTo(known.buckets, bucket, tally);
    }
    return [...series].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
  }
}

function addTo(buckets: Map<number, Tally>, bucket: number, tally: Tally): void {
  const known = buckets.get(bucket);
  if (known === undefined) {
    buckets.set(bucket, { ...tally });
    return;
  }
  known.count += tally.count;
  known.sum += tally.sum;
  known.low = Math.min(known.low, tally.low);
  known.high = Math.max(known.high, tally.high);
}

function sumsOfRows(query: Query, filter: SumFilter, { kind, name, value }: (typeof MEASURED)[number]): Promise<SumRow[]> {
  const where = new SqlWhere()
    .add('t.stream_id = ?', filter.streamId)
    .add(`t.at >= ${INSTANT}`, filter.fromUs)
    .add(`t.at < ${INSTANT}`, filter.toUs);
  if (filter.analyzerId !== undefined) where.add('t.analyzer_id = ?', filter.analyzerId);
  if (filter.names !== undefined) where.add(`t.${name} = ANY(?::text[])`, filter.names);
  const [from, bucket] = [where.param(filter.fromUs), where.param(filter.bucketUs)];
  return query<SumRow>(
    `SELECT '${kind}' AS kind, t.analyzer_id, t.${name} AS name,
       (((extract(epoch FROM t.at) * 1000000)::bigint - ${from}::bigint) / ${bucket}::bigint)::int AS bucket, count(*)::float8 AS count,
       sum(LEAST(GREATEST(${value}, -${GREATEST_SUMMAND}::float8), ${GREATEST_SUMMAND}::float8)) AS sum, min(${value}) AS low,
       max(${value}) AS high
     FROM ${kind} t WHERE ${where} GROUP BY t.analyzer_id, t.${name}, 4`,
    where.params,
  );
}

/** No block reaches over a bucket's edge: both begin at whole ten minutes. */
function sumsOfBlocks(query: Query, filter: SumFilter): Promise<SumRow[]> {
  const where = blocksOf(filter);
  const only = filter.names === undefined ? 'TRUE' : `n.name = ANY(${where.param(filter.names)}::text[])`;
  const [from, bucket] = [where.param(filter.fromUs), where.param(filter.bucketUs)];
  return query<SumRow>(
    `SELECT b.kind, b.analyzer_id, n.name, ((b.first_key - ${from}::bigint) / ${bucket}::bigint)::int AS bucket,
       sum(n.count)::float8 AS count, sum(n.sum) AS sum, min(n.low) AS low, max(n.high) AS high
     FROM ledger_archive b, unnest(b.names, b.counts, b.sums, b.lows, b.highs) AS n(name, count, sum, low, high)
     WHERE ${where} AND ${only} GROUP BY b.kind, b.analyzer_id, n.name, 4`,
    where.params,
  );
}

async function sumsOfMinutes(query: Query, filter: SumFilter): Promise<SumRow[]> {
  const where = blocksOf(filter);
  const blocks = await query<{ kind: MeasuredKind; analyzer_id: string; minutes: Buffer }>(
    `SELECT b.kind, b.analyzer_id, b.minutes FROM ledger_archive b WHERE ${where}`,
    where.params,
  );
  return blocks.flatMap(({ kind, analyzer_id, minutes }) => {
    const rows = unpack(MINUTES, minutes, 'name');
    const numbers = (column: string): readonly number[] => rows.column(column) as readonly number[];
    const found: SumRow[] = [];
    for (let i = 0; i < rows.count; i++) {
      const [atUs, name] = [numbers('minute')[i]! * MINUTE_US, rows.column('name')[i] as string];
      if (atUs < filter.fromUs || atUs >= filter.toUs || (filter.names !== undefined && !filter.names.includes(name))) continue;
      const tally = { count: numbers('count')[i]!, sum: numbers('sum')[i]!, low: numbers('low')[i]!, high: numbers('high')[i]! };
      found.push({ kind, analyzer_id, name, bucket: Math.floor((atUs - filter.fromUs) / filter.bucketUs), ...tally });
    }
    return found;
  });
}

function blocksOf({ streamId, analyzerId, names, fromUs, toUs }: SumFilter): SqlWhere {
  const analyzerIds = analyzerId === undefined ? undefined : [analyzerId];
  const range = { fromUs, toUs: toUs - 1, fromKey: fromUs, toKey: toUs - 1 };
  return blockWhere({ kinds: MEASURED.map(({ kind }) => kind), streamIds: [streamId], analyzerIds, names, ...range });
}
