import type { Query } from '../database.js';
import { INSTANT, SqlWhere } from '../read/sql-where.js';
import type { Stretch, SumTable } from './sum-table.js';

interface EventRow {
  readonly analyzer_id: string;
  readonly name: string;
  readonly from_us: number;
  readonly to_us: number;
}

const usOf = (column: string): string => `(extract(epoch FROM ${column}) * 1000000)::float8`;
const COLUMNS = `v.analyzer_id, v.name, ${usOf('v.start_at')} AS from_us`;
/** As the index of those that last longer has it. */
const LONG = `interval '24 hours'`;

/** Adds events that are over: how many begin, and how long they last. */
export async function addEndedEvents(query: Query, streamId: string, stretch: Stretch, sums: SumTable): Promise<void> {
  const where = new SqlWhere().add('v.stream_id = ?', streamId).add(`v.state = 'closed'`).add(`v.start_at < ${INSTANT}`, stretch.toUs);
  const [from, ofDay] = [where.param(stretch.fromUs), instantOf(where.param(stretch.fromUs))];
  const touches = `(v.start_at >= ${instantOf(from)} OR v.end_at > ${instantOf(from)})`;
  add(
    await query<EventRow>(
      `SELECT ${COLUMNS}, ${usOf('v.end_at')} AS to_us FROM events v WHERE ${where} AND v.start_at >= ${ofDay} - ${LONG} AND ${touches}
       UNION ALL
       SELECT ${COLUMNS}, ${usOf('v.end_at')} FROM events v
       WHERE ${where} AND v.end_at - v.start_at > ${LONG} AND v.start_at < ${ofDay} - ${LONG} AND ${touches}`,
      where.params,
    ),
    stretch,
    sums,
  );
}

/** Adds events that go on: until now they last. Nothing is written when they do, so that they are in no sum that is kept. */
export async function addOpenEvents(query: Query, streamId: string, stretch: Stretch, sums: SumTable): Promise<void> {
  const where = new SqlWhere().add('v.stream_id = ?', streamId).add(`v.state = 'open'`).add(`v.start_at < ${INSTANT}`, stretch.toUs);
  add(await query<EventRow>(`SELECT ${COLUMNS}, ${usOf('now()')} AS to_us FROM events v WHERE ${where}`, where.params), stretch, sums);
}

function add(rows: readonly EventRow[], stretch: Stretch, sums: SumTable): void {
  for (const { analyzer_id: analyzerId, name, from_us: fromUs, to_us: toUs } of rows)
    sums.addLasting({ part: 'events', analyzerId, name, reason: '' }, { fromUs, toUs }, stretch);
}

const instantOf = (param: string): string => INSTANT.replace('?', param);
