import { apiError } from '../../errors/api.errors.js';
import type { Query } from '../database.js';
import { INSTANT, SqlWhere } from '../read/sql-where.js';
import type { BlockKind } from './block-kinds.js';
import { WINDOW_US } from './windows.js';

/** A block as it is read. */
export interface StoredBlock {
  readonly stream_id: string;
  readonly epoch_id: string;
  readonly analyzer_id: string;
  readonly data: Buffer;
}

/** Which blocks are looked into. Keys are what the list is ordered by: µs since 1970 of results, ids of runs. */
export interface BlockFilter {
  readonly kinds: readonly BlockKind[];
  readonly streamIds: readonly string[];
  readonly epochId?: string;
  readonly analyzerIds?: readonly string[];
  readonly names?: readonly string[];
  readonly minScore?: number;
  readonly fromKey?: number | string;
  /** Inclusive. */
  readonly toKey?: number | string;
  /** Least and greatest id of the runs that are asked for. */
  readonly runs?: readonly [number, number];
  /** The media's wall clock, in µs since 1970: from and to, both inclusive. */
  readonly fromUs?: number;
  readonly toUs?: number;
  readonly descending?: boolean;
}

/** So many blocks are unpacked at once, more of them where they hold few rows that are asked for. */
const BLOCKS_AT_FIRST = 4;
const BLOCKS_AT_MOST = 32;
const FEW_ROWS = 2_000;

/** How long one question may go through blocks. */
const PATIENCE_MS = 5_000;

/**
 * Rows of blocks in the order of their keys. Blocks overlap (analyzers look at the same media, stragglers come later), so a row is given
 * once no block that is still to be read can have one before it.
 * @param open makes a block's rows, in any order
 * @param order of two rows; agrees with `keyOf`
 * @throws VD_API_QUERY_TIMEOUT
 */
export async function* scanBlocks<R>(
  query: Query,
  filter: BlockFilter,
  open: (block: StoredBlock) => readonly R[],
  keyOf: (row: R) => number,
  order: (a: R, b: R) => number,
  patienceMs = PATIENCE_MS,
): AsyncGenerator<R[], void, void> {
  const deadlineMs = performance.now() + patienceMs;
  const sign = filter.descending === true ? -1 : 1;
  const sorted = (rows: R[]): R[] => rows.sort((a, b) => sign * order(a, b));
  let waiting: R[] = [];
  let past: string | undefined;
  for (let count = BLOCKS_AT_FIRST; ;) {
    if (performance.now() > deadlineMs) throw apiError('VD_API_QUERY_TIMEOUT', 'The query was ended after its time limit.');
    const blocks = await nextBlocks(query, filter, past, count);
    const last = blocks.at(-1);
    if (last === undefined) break;
    past = last.key;
    const had = waiting.length;
    for (const block of blocks) for (const row of open(block)) waiting.push(row);
    if (waiting.length - had < FEW_ROWS) count = Math.min(count * 2, BLOCKS_AT_MOST);
    const isSure = (row: R): boolean => sign * (keyOf(row) - Number(last.key)) <= 0;
    const sure = waiting.filter(isSure);
    waiting = waiting.filter((row) => !isSure(row));
    if (sure.length > 0) yield sorted(sure);
  }
  if (waiting.length > 0) yield sorted(waiting);
}

/** The next few by where they begin (end, the other way round), and all that begin where the last of these does. */
async function nextBlocks(
  query: Query,
  filter: BlockFilter,
  past: string | undefined,
  count: number,
): Promise<(StoredBlock & { key: string })[]> {
  const key = filter.descending === true ? 'last_key' : 'first_key';
  const [beyond, upTo, way] = filter.descending === true ? ['<', '>=', 'DESC'] : ['>', '<=', 'ASC'];
  const where = blockWhere(filter);
  if (past !== undefined) where.add(`b.${key} ${beyond} ?::bigint`, past);
  return query<StoredBlock & { key: string }>(
    `WITH edge AS (
       SELECT b.${key} AS key FROM ledger_archive b WHERE ${where} ORDER BY b.${key} ${way} LIMIT ${count}
     )
     SELECT b.stream_id, b.epoch_id, b.analyzer_id, b.${key} AS key, b.data FROM ledger_archive b
     WHERE ${where} AND b.${key} ${upTo} (SELECT key FROM edge ORDER BY key ${way === 'ASC' ? 'DESC' : 'ASC'} LIMIT 1)
     ORDER BY b.${key} ${way}`,
    where.params,
  );
}

/** Conditions on blocks, on columns that indexes and partitions know. */
export function blockWhere(filter: BlockFilter): SqlWhere {
  const { kinds, streamIds, fromKey, toKey, fromUs, toUs } = filter;
  const where = new SqlWhere().add('b.stream_id = ANY(?::uuid[])', streamIds).add('b.kind = ANY(?::text[])', kinds);
  if (filter.epochId !== undefined) where.add('b.epoch_id = ?', filter.epochId);
  if (filter.analyzerIds !== undefined) where.add('b.analyzer_id = ANY(?::text[])', filter.analyzerIds);
  if (filter.names !== undefined) where.add('b.names && ?::text[]', filter.names);
  if (filter.minScore !== undefined) where.add('(SELECT max(high) FROM unnest(b.highs) high)::real >= ?::real', filter.minScore);
  if (fromKey !== undefined) where.add('b.last_key >= ?::bigint', fromKey);
  if (toKey !== undefined) where.add('b.first_key <= ?::bigint', toKey);
  if (filter.runs !== undefined) where.add('b.last_run >= ?::bigint', filter.runs[0]).add('b.first_run <= ?::bigint', filter.runs[1]);
  if (fromUs !== undefined) where.add(`b.at > ${INSTANT}`, Math.floor(fromUs) - WINDOW_US);
  if (toUs !== undefined) where.add(`b.at <= ${INSTANT}`, Math.ceil(toUs));
  if (fromUs !== undefined && !kinds.includes('runs')) where.add('b.first_key > ?::bigint', Math.floor(fromUs) - WINDOW_US);
  return where;
}
