import { cursorParts } from '../../wire/list-cursor.js';
import { type ArchivedRun, runsOf } from '../archive/archived-rows.js';
import { type BlockFilter, scanBlocks } from '../archive/block-scan.js';
import type { Query } from '../database.js';
import type { RunFilter } from './timeline-filter.js';
import type { RunRow } from './wire-rows.js';

/** No segment is as long: what reaches into a range began at most so long before it. */
export const LONGEST_SEGMENT_US = 3_600_000_000;

const orderOfRuns = (a: RunRow, b: RunRow): number => Number(a.id) - Number(b.id);

/** Packed runs by id. @throws VD_API_QUERY_TIMEOUT */
export function scanRuns(query: Query, filter: Omit<BlockFilter, 'kinds'>, patienceMs?: number): AsyncGenerator<ArchivedRun[], void, void> {
  return scanBlocks(query, { ...filter, kinds: ['runs'] }, runsOf, (run) => Number(run.id), orderOfRuns, patienceMs);
}

/**
 * A page of runs, of those that are rows yet and those that are packed.
 * @param rows as many as there are of the first, up to `limit`
 */
export async function runsWithArchived(query: Query, rows: readonly RunRow[], filter: RunFilter, limit: number): Promise<RunRow[]> {
  const sign = filter.descending ? -1 : 1;
  const after = filter.after === undefined ? undefined : cursorParts(filter.after, ['rowId'])[0];
  const edge = rows.length >= limit ? rows[limit - 1]?.id : undefined;
  const [fromKey, toKey] = filter.descending ? [edge, after] : [after, edge];
  const media = await mediaOf(query, filter);
  if (media === null) return rows.slice(0, limit);
  const packed: RunRow[] = [];
  const { streamId, epochId, analyzerId, states, descending } = filter;
  const analyzerIds = analyzerId === undefined ? undefined : [analyzerId];
  const blocks = { streamIds: [streamId], epochId, analyzerIds, names: states, descending, fromKey, toKey, ...media };
  for await (const found of scanRuns(query, blocks)) {
    for (const run of found)
      if ((after === undefined || sign * (Number(run.id) - Number(after)) > 0) && isAskedFor(run, filter)) packed.push(run);
    if (packed.length >= limit) break;
  }
  return packed.length === 0 ? rows.slice(0, limit) : [...rows, ...packed].sort((a, b) => sign * orderOfRuns(a, b)).slice(0, limit);
}

/** When the media is whose runs are asked for; null where there is none. */
async function mediaOf(query: Query, { segmentId, fromUs, toUs }: RunFilter): Promise<Pick<BlockFilter, 'fromUs' | 'toUs'> | null> {
  if (segmentId === undefined) return { fromUs: fromUs === undefined ? undefined : fromUs - LONGEST_SEGMENT_US, toUs };
  const [segment] = await query<{ at_us: string }>(
    'SELECT (extract(epoch FROM at) * 1000000)::bigint AS at_us FROM segments WHERE id = $1::bigint',
    [segmentId],
  );
  return segment === undefined ? null : { fromUs: Number(segment.at_us), toUs: Number(segment.at_us) };
}

/** By the conditions of the list's statement. */
function isAskedFor(run: ArchivedRun, { segmentId, queue, states, fromPtsUs, toPtsUs, fromUs, toUs }: RunFilter): boolean {
  if (segmentId !== undefined && run.segment_id !== segmentId) return false;
  if (queue !== undefined && run.queue !== queue) return false;
  if (states !== undefined && !states.includes(run.state)) return false;
  if (fromPtsUs !== undefined && run.pts_end_us <= fromPtsUs) return false;
  if (toPtsUs !== undefined && run.pts_start_us >= toPtsUs) return false;
  if (fromUs !== undefined && run.segment_at_us + run.pts_end_us - run.pts_start_us <= fromUs) return false;
  if (fromUs !== undefined && run.segment_at_us <= fromUs - LONGEST_SEGMENT_US) return false;
  return toUs === undefined || run.segment_at_us < toUs;
}
