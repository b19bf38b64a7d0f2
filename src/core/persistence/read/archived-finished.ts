import type { ResultKind } from '../archive/block-kinds.js';
import { type ArchivedRun, type ResultRows, resultsOf } from '../archive/archived-rows.js';
import { scanBlocks } from '../archive/block-scan.js';
import type { Query } from '../database.js';
import { orderOfResults } from './archived-results.js';
import { scanRuns } from './archived-runs.js';
import type { RunRow } from './wire-rows.js';

/** Runs by id that are packed already. @param streamIds of the streams that they are of */
export async function archivedRunsById(query: Query, ids: ReadonlySet<string>, streamIds: readonly string[]): Promise<ArchivedRun[]> {
  const [fromKey, toKey] = boundsOf([...ids]);
  const found: ArchivedRun[] = [];
  for await (const runs of scanRuns(query, { streamIds, fromKey, toKey })) {
    for (const run of runs) if (ids.has(run.id)) found.push(run);
    if (found.length === ids.size) break;
  }
  return found;
}

/** What of the runs' results is packed already, of one kind. @param from, to when it is, in µs since 1970 */
export async function archivedResultsOf<K extends ResultKind>(
  query: Query,
  kind: K,
  runs: readonly Pick<RunRow, 'id' | 'stream_id' | 'analyzer_id'>[],
  [fromUs, toUs]: readonly [number, number],
): Promise<ResultRows[K][]> {
  const ids = runs.map(({ id }) => id);
  const filter = {
    ...{ kinds: [kind], fromUs, toUs, fromKey: fromUs, toKey: toUs, runs: boundsOf(ids) },
    streamIds: [...new Set(runs.map(({ stream_id }) => stream_id))],
    analyzerIds: [...new Set(runs.map(({ analyzer_id }) => analyzer_id))],
  };
  const runIds = new Set(ids);
  const scan = scanBlocks(
    query,
    filter,
    (block) => resultsOf(kind, block, { runIds, fromUs, toUs: toUs + 1 }),
    (row) => Number(row.at_us),
    orderOfResults,
  );
  const found: ResultRows[K][] = [];
  for await (const rows of scan) for (const row of rows) found.push(row);
  return found;
}

function boundsOf(ids: readonly string[]): [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const id of ids) [least, greatest] = [Math.min(least, Number(id)), Math.max(greatest, Number(id))];
  return [least, greatest];
}
