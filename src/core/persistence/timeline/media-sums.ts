import type { Query } from '../database.js';
import { INSTANT, SqlWhere } from '../read/sql-where.js';
import type { Stretch, SumTable } from './sum-table.js';

/** Segments that touch a stretch, by id: when they are. */
export type SegmentSpans = ReadonlyMap<string, Stretch>;

interface SegmentRow {
  readonly id: string;
  readonly state: string;
  readonly at_us: number;
  readonly length_us: number;
}

/** A segment's length on the clock; one that nobody could read may have none. */
export const LENGTH = 'GREATEST(s.pts_end_us - s.pts_start_us, 0)';

/** Segments `s` of a stream that touch a stretch: the bare bound on `at` is for the index, no segment is an hour long. */
export function segmentsWithin(streamId: string, { fromUs, toUs }: Stretch): SqlWhere {
  return new SqlWhere()
    .add('s.stream_id = ?', streamId)
    .add(`s.at > ${INSTANT} - interval '1 hour'`, fromUs)
    .add(`s.at < ${INSTANT}`, toUs)
    .add(`(s.at >= ${INSTANT} OR s.at + ${LENGTH} * interval '1 microsecond' > ${INSTANT})`, fromUs, fromUs);
}

/** Adds how much media there is, by its state. */
export async function addMedia(query: Query, streamId: string, stretch: Stretch, sums: SumTable): Promise<SegmentSpans> {
  const where = segmentsWithin(streamId, stretch);
  const rows = await query<SegmentRow>(
    `SELECT s.id::text AS id, s.state, (extract(epoch FROM s.at) * 1000000)::float8 AS at_us, ${LENGTH}::float8 AS length_us
     FROM segments s WHERE ${where}`,
    where.params,
  );
  const spans = new Map<string, Stretch>();
  for (const { id, state, at_us: fromUs, length_us } of rows) {
    const span = { fromUs, toUs: fromUs + length_us };
    spans.set(id, span);
    sums.addLasting(mediaKey(state), span, stretch);
  }
  return spans;
}

export const mediaKey = (state: string) => ({ part: 'media', analyzerId: '', name: state, reason: '' }) as const;
