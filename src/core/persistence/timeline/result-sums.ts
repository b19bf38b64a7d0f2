import { unpack } from '../archive/block.js';
import { blockWhere, scanBlocks } from '../archive/block-scan.js';
import { resultsOf } from '../archive/archived-rows.js';
import { GREATEST_SUMMAND, MINUTE_US, MINUTES, summand, type Tally } from '../archive/packed-block.js';
import { WINDOW_US } from '../archive/windows.js';
import type { Query } from '../database.js';
import { orderOfResults } from '../read/archived-results.js';
import { INSTANT, SqlWhere } from '../read/sql-where.js';
import type { Stretch, SumTable } from './sum-table.js';

type MeasuredKind = 'detections' | 'metrics';

interface SumRow extends Tally {
  readonly analyzer_id: string;
  readonly name: string;
  readonly bucket: number;
}

/** A score is added up as the decimal that the API tells and that is packed, not as the `real` that it is nearest to. */
const MEASURED = {
  detections: { name: 'label', value: 't.score::text::float8' },
  metrics: { name: 'name', value: 't.value' },
} as const;

/**
 * Adds how detections and values are spread: what is packed was added up when it was, by the block and by the minute, and what are rows
 * yet is a few minutes' worth. Only for buckets of seconds what is packed is looked into.
 */
export async function addResults(
  query: Query,
  kind: MeasuredKind,
  streamId: string,
  stretch: Stretch,
  sums: SumTable,
  patienceMs: number,
): Promise<void> {
  const add = (rows: readonly SumRow[]): void => {
    for (const { analyzer_id: analyzerId, name, bucket, ...tally } of rows)
      sums.add({ part: kind, analyzerId, name, reason: '' }, bucket, tally);
  };
  add(await sumsOfRows(query, kind, streamId, stretch, sums.bucketUs));
  if (sums.bucketUs % WINDOW_US === 0) add(await sumsOfBlocks(query, kind, streamId, stretch, sums.bucketUs));
  else if (sums.bucketUs % MINUTE_US === 0) add(await sumsOfMinutes(query, kind, streamId, stretch, sums.bucketUs));
  else for await (const rows of sumsWithin(query, kind, streamId, stretch, sums.bucketUs, patienceMs)) add(rows);
}

function sumsOfRows(query: Query, kind: MeasuredKind, streamId: string, { fromUs, toUs }: Stretch, bucketUs: number): Promise<SumRow[]> {
  const { name, value } = MEASURED[kind];
  const where = new SqlWhere().add('t.stream_id = ?', streamId).add(`t.at >= ${INSTANT}`, fromUs).add(`t.at < ${INSTANT}`, toUs);
  const bucket = where.param(bucketUs);
  return query<SumRow>(
    `SELECT t.analyzer_id, t.${name} AS name, ((extract(epoch FROM t.at) * 1000000)::bigint / ${bucket}::bigint)::float8 AS bucket,
       count(*)::float8 AS count, min(${value}) AS low, max(${value}) AS high,
       sum(LEAST(GREATEST(${value}, -${GREATEST_SUMMAND}::float8), ${GREATEST_SUMMAND}::float8)) AS sum
     FROM ${kind} t WHERE ${where} GROUP BY t.analyzer_id, t.${name}, 3`,
    where.params,
  );
}

/** No block reaches over a bucket's edge: both begin at whole ten minutes. */
function sumsOfBlocks(query: Query, kind: MeasuredKind, streamId: string, stretch: Stretch, bucketUs: number): Promise<SumRow[]> {
  const where = blocksWithin(kind, streamId, stretch);
  const bucket = where.param(bucketUs);
  return query<SumRow>(
    `SELECT b.analyzer_id, n.name, (b.first_key / ${bucket}::bigint)::float8 AS bucket,
       sum(n.count)::float8 AS count, sum(n.sum) AS sum, min(n.low) AS low, max(n.high) AS high
     FROM ledger_archive b, unnest(b.names, b.counts, b.sums, b.lows, b.highs) AS n(name, count, sum, low, high)
     WHERE ${where} GROUP BY b.analyzer_id, n.name, 3`,
    where.params,
  );
}

async function sumsOfMinutes(query: Query, kind: MeasuredKind, streamId: string, stretch: Stretch, bucketUs: number): Promise<SumRow[]> {
  const where = blocksWithin(kind, streamId, stretch);
  const blocks = await query<{ analyzer_id: string; minutes: Buffer }>(
    `SELECT b.analyzer_id, b.minutes FROM ledger_archive b WHERE ${where}`,
    where.params,
  );
  return blocks.flatMap(({ analyzer_id, minutes }) => {
    const rows = unpack(MINUTES, minutes, 'name');
    const [names, numbers] = [rows.column('name') as string[], (column: string) => rows.column(column) as number[]];
    const [minute, count, sum, low, high] = ['minute', 'count', 'sum', 'low', 'high'].map(numbers) as [
      number[],
      number[],
      number[],
      number[],
      number[],
    ];
    const found: SumRow[] = [];
    for (let i = 0; i < rows.count; i++) {
      const atUs = minute[i]! * MINUTE_US;
      if (atUs < stretch.fromUs || atUs >= stretch.toUs) continue;
      const tally = { count: count[i]!, sum: sum[i]!, low: low[i]!, high: high[i]! };
      found.push({ analyzer_id, name: names[i]!, bucket: Math.floor(atUs / bucketUs), ...tally });
    }
    return found;
  });
}

async function* sumsWithin(
  query: Query,
  kind: MeasuredKind,
  streamId: string,
  stretch: Stretch,
  bucketUs: number,
  patienceMs: number,
): AsyncGenerator<SumRow[], void, void> {
  const { fromUs, toUs } = stretch;
  const range = { fromUs, toUs: toUs - 1, fromKey: fromUs, toKey: toUs - 1 };
  const scan = scanBlocks(
    query,
    { kinds: [kind], streamIds: [streamId], ...range },
    (block) => resultsOf(kind, block, stretch),
    (row) => Number(row.at_us),
    orderOfResults,
    patienceMs,
  );
  for await (const rows of scan) {
    yield rows.map((row) => {
      const [name, value] = 'label' in row ? [row.label, row.score] : [row.name, row.value];
      const tally = { count: 1, sum: summand(value), low: value, high: value };
      return { analyzer_id: row.analyzer_id, name, bucket: Math.floor(Number(row.at_us) / bucketUs), ...tally };
    });
  }
}

function blocksWithin(kind: MeasuredKind, streamId: string, { fromUs, toUs }: Stretch): SqlWhere {
  return blockWhere({ kinds: [kind], streamIds: [streamId], fromUs, toUs: toUs - 1, fromKey: fromUs, toKey: toUs - 1 });
}
