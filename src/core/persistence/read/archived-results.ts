import { cursorParts } from '../../wire/list-cursor.js';
import type { ResultKind } from '../archive/block-kinds.js';
import { type ResultRows, resultsOf, type RowFilter } from '../archive/archived-rows.js';
import { type BlockFilter, scanBlocks } from '../archive/block-scan.js';
import type { Query } from '../database.js';
import type { ResultFilter } from './timeline-filter.js';
import type { ResultRow } from './wire-rows.js';

type Placed = Pick<ResultRow, 'at_us' | 'run_id' | 'ordinal'>;

/** The order of every list of results. */
export const orderOfResults = (a: Placed, b: Placed): number =>
  Number(a.at_us) - Number(b.at_us) || Number(a.run_id) - Number(b.run_id) || a.ordinal - b.ordinal;

/**
 * A page of results, of those that are rows yet and those that are packed.
 * @param rows as many as there are of the first, up to `limit`
 * @returns at most `limit` of both, in the order that the filter asks for
 */
export async function withArchived<K extends ResultKind>(
  query: Query,
  kind: K,
  rows: readonly ResultRows[K][],
  filter: ResultFilter,
  limit: number,
): Promise<ResultRows[K][]> {
  const sign = filter.descending ? -1 : 1;
  const after = cursorRow(filter);
  const isWanted = (row: ResultRow): boolean => after === undefined || sign * orderOfResults(row, after) > 0;
  // Beyond a page that is full already nothing is looked for.
  const edge = rows.length >= limit ? rows[limit - 1]?.at_us : undefined;
  const [from, to] = filter.descending ? [edge, after?.at_us] : [after?.at_us, edge];
  const packed: ResultRows[K][] = [];
  const scan = scanBlocks(
    query,
    blocksOf(kind, { ...filter, from, to }),
    (block) => resultsOf(kind, block, rowsOf(filter)),
    (row) => Number(row.at_us),
    orderOfResults,
  );
  for await (const found of scan) {
    for (const row of found) if (isWanted(row)) packed.push(row);
    if (packed.length >= limit) break;
  }
  return packed.length === 0 ? rows.slice(0, limit) : [...rows, ...packed].sort((a, b) => sign * orderOfResults(a, b)).slice(0, limit);
}

function blocksOf(kind: ResultKind, filter: ResultFilter & { readonly from?: string; readonly to?: string }): BlockFilter {
  const { streamId, epochId, analyzerId, names, minScore, fromUs, toUs, descending } = filter;
  return {
    ...{ kinds: [kind], streamIds: [streamId], epochId, names, minScore, descending },
    analyzerIds: analyzerId === undefined ? undefined : [analyzerId],
    fromUs: greater(fromUs, filter.from),
    toUs: less(toUs, filter.to),
    fromKey: greater(fromUs, filter.from),
    toKey: less(toUs, filter.to),
  };
}

const greater = (bound: number | undefined, key: string | undefined): number | undefined =>
  key === undefined ? bound : Math.max(bound ?? -Infinity, Number(key));
const less = (bound: number | undefined, key: string | undefined): number | undefined =>
  key === undefined ? bound : Math.min(bound ?? Infinity, Number(key));

const rowsOf = ({ names, minScore, fromPtsUs, toPtsUs, fromUs, toUs }: ResultFilter): RowFilter => ({
  ...{ minScore, fromPtsUs, toPtsUs, fromUs, toUs },
  names: names === undefined ? undefined : new Set(names),
});

function cursorRow({ after }: ResultFilter): Placed | undefined {
  if (after === undefined) return undefined;
  const [at_us = '', run_id = '', ordinal = ''] = cursorParts(after, ['instantUs', 'rowId', 'ordinal']);
  return { at_us, run_id, ordinal: Number(ordinal) };
}
