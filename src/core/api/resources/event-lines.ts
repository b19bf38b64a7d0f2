import { csvOf, csvRows } from '../../exposure/csv.js';
import type { EventGroups } from '../../persistence/events/event-groups.js';
import type { EventFilter } from '../../persistence/events/event-conditions.js';
import { pagesOf } from '../../persistence/read/page-of-rows.js';
import type { ListedEventWire } from '../../wire/events.wire.js';

/** So many are in memory at once. */
const PAGE_ROWS = 1_000;
/** More are not given: whoever wants all of them asks range by range. */
const MOST_ROWS = 100_000;

interface Column {
  readonly name: string;
  readonly value: (event: ListedEventWire) => string | number;
}

const COLUMNS: readonly Column[] = [
  { name: 'id', value: ({ id }) => id },
  { name: 'stream', value: ({ streamName }) => streamName },
  { name: 'stream_title', value: ({ streamTitle }) => streamTitle },
  { name: 'analyzer', value: ({ analyzerId }) => analyzerId },
  { name: 'name', value: ({ name }) => name },
  { name: 'subject', value: ({ subject }) => subject ?? '' },
  { name: 'state', value: ({ state }) => state },
  { name: 'start', value: ({ startAt }) => startAt },
  { name: 'end', value: ({ endAt }) => endAt ?? '' },
  { name: 'analysed_up_to', value: ({ analysedUpTo }) => analysedUpTo ?? '' },
  { name: 'duration_s', value: ({ startAt, endAt }) => (endAt === null ? '' : (Date.parse(endAt) - Date.parse(startAt)) / 1000) },
  { name: 'score', value: ({ score }) => score ?? '' },
  { name: 'reviewed', value: ({ isReviewed }) => (isReviewed ? 'yes' : 'no') },
  { name: 'epoch_id', value: ({ epochId }) => epochId },
  { name: 'start_pts_us', value: ({ startPtsUs }) => startPtsUs },
  { name: 'end_pts_us', value: ({ endPtsUs }) => endPtsUs ?? '' },
  { name: 'evidence', value: ({ evidence }) => evidence?.url ?? '' },
];

/** Events one by one, newest first, a few at a time. @throws VD_API_QUERY_TIMEOUT */
export async function* eventLines(
  groups: Pick<EventGroups, 'list'>,
  filter: EventFilter,
  format: 'csv' | 'jsonl',
): AsyncGenerator<string, void, void> {
  let left = MOST_ROWS;
  let head =
    format === 'csv'
      ? csvOf(
          COLUMNS.map(({ name }) => name),
          [],
        )
      : '';
  for await (const items of pagesOf((after) => groups.list({ ...filter, repeatsWithinS: 0, after, limit: Math.min(PAGE_ROWS, left) }))) {
    const events = items.map(({ event }) => event);
    yield head + (format === 'csv' ? csvRows(events.map(cellsOf)) : events.map((event) => `${JSON.stringify(event)}\n`).join(''));
    head = '';
    left -= events.length;
    if (left <= 0) return;
  }
}

const cellsOf = (event: ListedEventWire): (string | number)[] => COLUMNS.map(({ value }) => value(event));
