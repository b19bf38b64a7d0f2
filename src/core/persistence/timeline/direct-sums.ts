import type { Query } from '../database.js';
import { addEndedEvents } from './event-sums.js';
import { addMedia } from './media-sums.js';
import { addResults } from './result-sums.js';
import { addRuns } from './run-sums.js';
import type { Stretch, SumTable, TimelinePart } from './sum-table.js';

/** How long blocks may be gone through for one question. */
const PATIENCE_MS = 5_000;

/**
 * Adds up what the ledger has of a stretch, row by row and block by block: what every kept sum has to agree with. Events that go on are
 * left out.
 * @param stretch whole buckets of `sums`
 * @throws VD_API_QUERY_TIMEOUT
 */
export async function addDirectly(
  query: Query,
  streamId: string,
  stretch: Stretch,
  parts: ReadonlySet<TimelinePart>,
  sums: SumTable,
  patienceMs = PATIENCE_MS,
): Promise<void> {
  if (parts.has('media') || parts.has('runs')) {
    const segments = await addMedia(query, streamId, stretch, sums);
    if (parts.has('runs')) await addRuns(query, streamId, stretch, segments, sums, patienceMs);
  }
  if (parts.has('events')) await addEndedEvents(query, streamId, stretch, sums);
  for (const kind of ['detections', 'metrics'] as const)
    if (parts.has(kind)) await addResults(query, kind, streamId, stretch, sums, patienceMs);
}
