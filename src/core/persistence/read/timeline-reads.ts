import { Injectable } from '@nestjs/common';
import type { DetectionWire, EpochWire, EventWire, MetricWire, ObservationWire, Page, RunWire, SegmentWire } from '../../wire/wire.js';
import { cursorParts } from '../../wire/list-cursor.js';
import type { ResultRows } from '../archive/archived-rows.js';
import type { ResultKind } from '../archive/block-kinds.js';
import { Database } from '../database.js';
import { withArchived } from './archived-results.js';
import { runsWithArchived } from './archived-runs.js';
import { pageOfRows } from './page-of-rows.js';
import { INSTANT, SqlWhere } from './sql-where.js';
import type { ResultFilter, RunFilter, TimelineRange } from './timeline-filter.js';
import * as rows from './wire-rows.js';

/** Lists over a stream's timeline: keyset-paginated, bounded in rows and in time. */
@Injectable()
export class TimelineReads {
  constructor(private readonly database: Database) {}

  async epochs(range: TimelineRange): Promise<Page<EpochWire>> {
    const where = new SqlWhere().add('e.stream_id = ?', range.streamId);
    if (range.fromUs !== undefined) where.add(`(e.ended_at IS NULL OR e.ended_at >= ${INSTANT})`, range.fromUs);
    if (range.toUs !== undefined) where.add(`e.started_at < ${INSTANT}`, range.toUs);
    if (range.after !== undefined) where.add(`e.ordinal ${beyond(range)} ?::int`, ...cursorParts(range.after, ['ordinal']));
    return this.page(
      `SELECT ${rows.epochColumns} FROM epochs e WHERE ${where} ORDER BY e.ordinal ${direction(range)}`,
      where,
      range,
      rows.epochFromRow,
      (row: rows.EpochRow) => [row.ordinal],
    );
  }

  async segments(range: TimelineRange & { readonly states?: readonly string[] }): Promise<Page<SegmentWire>> {
    const where = new SqlWhere().add('s.stream_id = ?', range.streamId);
    if (range.epochId !== undefined) where.add('s.epoch_id = ?', range.epochId);
    this.overlapping(where, range);
    if (range.states !== undefined) where.add('s.state = ANY(?::text[])', range.states);
    if (range.after !== undefined)
      where.add(`(s.at, s.id) ${beyond(range)} (${INSTANT}, ?::bigint)`, ...cursorParts(range.after, ['instantUs', 'rowId']));
    return this.page(
      `SELECT ${rows.segmentColumns} FROM segments s WHERE ${where} ORDER BY s.at ${direction(range)}, s.id ${direction(range)}`,
      where,
      range,
      rows.segmentFromRow,
      (row: rows.SegmentRow) => [row.at_us, row.id],
    );
  }

  async runs(range: RunFilter): Promise<Page<RunWire>> {
    const where = new SqlWhere().add('r.stream_id = ?', range.streamId);
    if (range.epochId !== undefined) where.add('r.epoch_id = ?', range.epochId);
    if (range.segmentId !== undefined) where.add('r.segment_id = ?::bigint', range.segmentId);
    if (range.analyzerId !== undefined) where.add('r.analyzer_id = ?', range.analyzerId);
    if (range.queue !== undefined) where.add('r.queue = ?', range.queue);
    if (range.states !== undefined) where.add('r.state = ANY(?::text[])', range.states);
    this.overlapping(where, range);
    if (range.after !== undefined) where.add(`r.id ${beyond(range)} ?::bigint`, ...cursorParts(range.after, ['rowId']));
    const most = range.limit + 1;
    const sql = `SELECT ${rows.runColumns} FROM analysis_runs r JOIN segments s ON s.id = r.segment_id
      WHERE ${where} ORDER BY r.id ${direction(range)} LIMIT ${where.param(most)}`;
    const found = await this.database.snapshot(async (query) =>
      runsWithArchived(query, await query<rows.RunRow>(sql, where.params), range, most),
    );
    return pageOfRows(found, range.limit, rows.runFromRow, (row) => [row.id]);
  }

  async detections(filter: ResultFilter): Promise<Page<DetectionWire>> {
    const where = this.resultWhere(filter);
    if (filter.names !== undefined) where.add('t.label = ANY(?::text[])', filter.names);
    if (filter.minScore !== undefined) where.add('t.score >= ?::real', filter.minScore);
    return this.results('detections', rows.detectionColumns, where, filter, rows.detectionFromRow);
  }

  async metrics(filter: ResultFilter): Promise<Page<MetricWire>> {
    const where = this.resultWhere(filter);
    if (filter.names !== undefined) where.add('t.name = ANY(?::text[])', filter.names);
    return this.results('metrics', rows.metricColumns, where, filter, rows.metricFromRow);
  }

  async observations(filter: ResultFilter): Promise<Page<ObservationWire>> {
    const where = this.resultWhere(filter);
    if (filter.names !== undefined) where.add('t.type = ANY(?::text[])', filter.names);
    return this.results('observations', rows.observationColumns, where, filter, rows.observationFromRow);
  }

  /** Events that touch the range: an open one has no end yet. */
  async events(filter: ResultFilter & { readonly states?: readonly string[] }): Promise<Page<EventWire>> {
    const where = new SqlWhere().add('v.stream_id = ?', filter.streamId);
    if (filter.epochId !== undefined) where.add('v.epoch_id = ?', filter.epochId);
    if (filter.fromPtsUs !== undefined) where.add('(v.end_pts_us IS NULL OR v.end_pts_us >= ?::bigint)', filter.fromPtsUs);
    if (filter.toPtsUs !== undefined) where.add('v.start_pts_us < ?::bigint', filter.toPtsUs);
    if (filter.fromUs !== undefined) where.add(`(v.end_at IS NULL OR v.end_at >= ${INSTANT})`, filter.fromUs);
    if (filter.toUs !== undefined) where.add(`v.start_at < ${INSTANT}`, filter.toUs);
    if (filter.analyzerId !== undefined) where.add('v.analyzer_id = ?', filter.analyzerId);
    if (filter.names !== undefined) where.add('v.name = ANY(?::text[])', filter.names);
    if (filter.states !== undefined) where.add('v.state = ANY(?::text[])', filter.states);
    if (filter.after !== undefined)
      where.add(`(v.start_at, v.id) ${beyond(filter)} (${INSTANT}, ?::bigint)`, ...cursorParts(filter.after, ['instantUs', 'rowId']));
    return this.page(
      `SELECT ${rows.eventColumns} FROM events v WHERE ${where} ORDER BY v.start_at ${direction(filter)}, v.id ${direction(filter)}`,
      where,
      filter,
      rows.eventFromRow,
      (row: rows.EventRow) => [row.at_us, row.id],
    );
  }

  private overlapping(where: SqlWhere, range: TimelineRange): void {
    if (range.fromPtsUs !== undefined) where.add('s.pts_end_us > ?::bigint', range.fromPtsUs);
    if (range.toPtsUs !== undefined) where.add('s.pts_start_us < ?::bigint', range.toPtsUs);
    if (range.fromUs !== undefined) {
      where.add(`s.at + (s.pts_end_us - s.pts_start_us) * interval '1 microsecond' > ${INSTANT}`, range.fromUs);
      // The same bound, an hour wider, on the bare column: an index can use it, and no segment is an hour long.
      where.add(`s.at > ${INSTANT} - interval '1 hour'`, range.fromUs);
    }
    if (range.toUs !== undefined) where.add(`s.at < ${INSTANT}`, range.toUs);
  }

  private resultWhere(filter: ResultFilter): SqlWhere {
    const where = new SqlWhere().add('t.stream_id = ?', filter.streamId);
    if (filter.epochId !== undefined) where.add('t.epoch_id = ?', filter.epochId);
    if (filter.fromPtsUs !== undefined) where.add('t.pts_us >= ?::bigint', filter.fromPtsUs);
    if (filter.toPtsUs !== undefined) where.add('t.pts_us < ?::bigint', filter.toPtsUs);
    if (filter.fromUs !== undefined) where.add(`t.at >= ${INSTANT}`, filter.fromUs);
    if (filter.toUs !== undefined) where.add(`t.at < ${INSTANT}`, filter.toUs);
    if (filter.analyzerId !== undefined) where.add('t.analyzer_id = ?', filter.analyzerId);
    if (filter.after !== undefined) {
      const key = cursorParts(filter.after, ['instantUs', 'rowId', 'ordinal']);
      where.add(`(t.at, t.run_id, t.ordinal) ${beyond(filter)} (${INSTANT}, ?::bigint, ?::int)`, ...key);
    }
    return where;
  }

  private async results<K extends ResultKind, Wire>(
    kind: K,
    columns: string,
    where: SqlWhere,
    filter: ResultFilter,
    toWire: (row: ResultRows[K]) => Wire,
  ): Promise<Page<Wire>> {
    const [way, most] = [direction(filter), filter.limit + 1];
    const sql = `SELECT ${columns} FROM ${kind} t WHERE ${where} ORDER BY t.at ${way}, t.run_id ${way}, t.ordinal ${way}
      LIMIT ${where.param(most)}`;
    const found = await this.database.snapshot(async (query) =>
      withArchived(query, kind, await query<ResultRows[K]>(sql, where.params), filter, most),
    );
    return pageOfRows(found, filter.limit, toWire, (row) => [row.at_us, row.run_id, row.ordinal]);
  }

  private async page<Row, Wire>(
    sql: string,
    where: SqlWhere,
    range: TimelineRange,
    toWire: (row: Row) => Wire,
    key: (row: Row) => readonly (string | number)[],
  ): Promise<Page<Wire>> {
    const found = await this.database.bounded<Row>(`${sql} LIMIT ${where.param(range.limit + 1)}`, where.params);
    return pageOfRows(found, range.limit, toWire, key);
  }
}

const direction = (range: TimelineRange): 'ASC' | 'DESC' => (range.descending ? 'DESC' : 'ASC');
const beyond = (range: TimelineRange): '<' | '>' => (range.descending ? '<' : '>');
