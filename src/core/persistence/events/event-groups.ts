import { Injectable } from '@nestjs/common';
import type { EventGroupWire, ListedEventWire } from '../../wire/events.wire.js';
import { cursorParts } from '../../wire/list-cursor.js';
import type { Page } from '../../wire/wire.js';
import { Database } from '../database.js';
import { pageOfRows } from '../read/page-of-rows.js';
import { INSTANT, SqlWhere } from '../read/sql-where.js';
import { eventColumns, eventFromRow, isoOrNull, type EventRow } from '../read/wire-rows.js';
import { eventConditions, scoreOf, type EventFilter } from './event-conditions.js';

/** Of more events that are alike none is counted. */
const MOST_ALIKE = 500;

export interface EventGroupFilter extends EventFilter {
  /** Events that are alike and begin within so many seconds of each other, and in one hour of the clock, are one; 0: none is. */
  readonly repeatsWithinS: number;
  readonly after?: string | undefined;
  readonly limit: number;
}

interface ListedRow extends EventRow {
  stream_name: string;
  stream_title: string;
  subject: string;
  score: number | null;
  analysed_up_to: Date | null;
}

interface GroupRow extends ListedRow {
  ids: string[];
  is_cut: boolean;
  first_start_at: Date;
  reviewed_count: number;
  is_reviewed: boolean;
}

/** Events of many streams, newest first; those that repeat each other as one. */
@Injectable()
export class EventGroups {
  constructor(private readonly database: Database) {}

  /** @throws VD_API_INVALID, VD_API_QUERY_TIMEOUT */
  async list(filter: EventGroupFilter): Promise<Page<EventGroupWire>> {
    const where = new SqlWhere();
    const param = (value: unknown): string => where.param(value);
    const of = eventConditions(filter, param);
    const user = `${param(filter.userId)}::uuid`;
    const within = filter.repeatsWithinS === 0 ? null : `${param(filter.repeatsWithinS)}::int * interval '1 second'`;
    if (filter.after !== undefined)
      where.add(`(v.start_at, v.id) < (${INSTANT}, ?::bigint)`, ...cursorParts(filter.after, ['instantUs', 'rowId']));
    const found = await this.database.bounded<GroupRow>(
      `WITH newest AS (
         SELECT v.id, v.stream_id, v.analyzer_id, v.name, v.start_at, event_subject(v.data) AS subject FROM events v
         WHERE ${of('v')} AND ${where} ${within === null ? '' : `AND NOT EXISTS (${laterThan('v', within)} AND ${of('n')})`}
         ORDER BY v.start_at DESC, v.id DESC LIMIT ${param(filter.limit + 1)}
       )
       SELECT ${listedColumns}, g.* FROM newest h JOIN events v ON v.id = h.id JOIN streams t ON t.id = v.stream_id
       CROSS JOIN LATERAL (
         ${within === null ? 'WITH alike AS (SELECT h.id, h.start_at, 1 AS nth)' : alike(within, of('m'))}
         SELECT array_agg(a.id::text ORDER BY a.nth) AS ids, count(*) >= ${MOST_ALIKE} AS is_cut, min(a.start_at) AS first_start_at,
           count(w.event_id)::int AS reviewed_count, bool_or(w.event_id = h.id) IS TRUE AS is_reviewed
         FROM alike a LEFT JOIN event_reviews w ON w.event_id = a.id AND w.user_id = ${user}
       ) g
       ORDER BY h.start_at DESC, h.id DESC`,
      where.params,
    );
    return pageOfRows(found, filter.limit, groupFromRow, (row) => [row.at_us, row.id]);
  }
}

/** Alike: of one stream, analyzer, name and subject. */
const isLike = (one: string, other: string, subject = `event_subject(${other}.data)`): string =>
  `event_subject(${one}.data) = ${subject} AND ${one}.stream_id = ${other}.stream_id AND ${one}.analyzer_id = ${other}.analyzer_id
    AND ${one}.name = ${other}.name`;
const hourOf = (event: string): string => `date_trunc('hour', ${event}.start_at, 'UTC')`;

/** Events that follow one, so close that they are told as one with it. */
const laterThan = (event: string, within: string): string => `
  SELECT FROM events n WHERE ${isLike('n', event)} AND (n.start_at, n.id) > (${event}.start_at, ${event}.id)
    AND n.start_at <= ${event}.start_at + ${within} AND n.start_at < ${hourOf(event)} + interval '1 hour'`;

/** From the newest back, from one to the one before it. */
const alike = (within: string, isAsked: string): string => `
  WITH RECURSIVE alike AS (
    SELECT h.id, h.start_at, 1 AS nth
    UNION ALL
    SELECT m.id, m.start_at, a.nth + 1 FROM alike a CROSS JOIN LATERAL (
      SELECT m.id, m.start_at FROM events m WHERE ${isLike('m', 'h', 'h.subject')} AND (m.start_at, m.id) < (a.start_at, a.id)
        AND m.start_at >= GREATEST(a.start_at - ${within}, ${hourOf('h')}) AND ${isAsked}
      ORDER BY m.start_at DESC, m.id DESC LIMIT 1
    ) m WHERE a.nth < ${MOST_ALIKE}
  )`;

/**
 * Of events `v` of streams `t`. An open event lasts as far as its analyzer has come: where it keeps a state, that says so; else the last
 * run that told of the event does, as long as the run is a row.
 */
const listedColumns = `${eventColumns}, t.name AS stream_name, t.title AS stream_title, event_subject(v.data) AS subject,
  CASE WHEN ${scoreOf('v')} BETWEEN 0 AND 1 THEN (${scoreOf('v')})::float8 END AS score,
  CASE WHEN v.state = 'open' THEN (
    SELECT max(s.at + (s.pts_end_us - s.pts_start_us) * interval '1 microsecond') FROM (
      SELECT k.sequence FROM analyzer_checkpoints k WHERE k.stream_id = v.stream_id AND k.analyzer_id = v.analyzer_id
        AND k.config_hash = v.config_hash AND k.epoch_id = v.epoch_id
      UNION ALL SELECT r.sequence FROM analysis_runs r WHERE r.id = v.last_run_id
    ) seen JOIN segments s ON s.epoch_id = v.epoch_id AND s.sequence = seen.sequence
  ) END AS analysed_up_to`;

function groupFromRow(row: GroupRow): EventGroupWire {
  return {
    event: listedFromRow(row),
    count: row.ids.length,
    isCut: row.is_cut,
    eventIds: row.ids,
    firstStartAt: row.first_start_at.toISOString(),
    reviewedCount: row.reviewed_count,
  };
}

function listedFromRow(row: GroupRow): ListedEventWire {
  return {
    ...eventFromRow(row),
    streamName: row.stream_name,
    streamTitle: row.stream_title,
    subject: row.subject === '' ? null : row.subject,
    score: row.score,
    analysedUpTo: isoOrNull(row.analysed_up_to),
    isReviewed: row.is_reviewed,
  };
}
