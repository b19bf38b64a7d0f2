import { Injectable } from '@nestjs/common';
import { cursorParts } from '../../wire/list-cursor.js';
import type { TextWire } from '../../wire/texts.wire.js';
import type { Page } from '../../wire/wire.js';
import { Database } from '../database.js';
import { literally } from './literal-like.js';
import { pageOfRows } from './page-of-rows.js';
import { INSTANT, SqlWhere } from './sql-where.js';
import type { TimelineRange } from './timeline-filter.js';
import { isoOrNull, observationColumns, resultFields, type ObservationRow } from './wire-rows.js';

export interface TextFilter extends Pick<TimelineRange, 'fromUs' | 'toUs' | 'after' | 'limit' | 'descending'> {
  readonly streamIds: readonly string[];
  readonly analyzerId?: string | undefined;
  /** Part of a text, upper and lower case aside. */
  readonly query?: string | undefined;
  /** Texts that begin with it only. */
  readonly atBeginning: boolean;
}

interface TextRow extends ObservationRow {
  event_key: string | null;
  event_state: 'open' | 'closed';
  event_start_at: Date;
  event_end_at: Date | null;
}

/** Texts that analyzers read in pictures, by what they say. */
@Injectable()
export class TextReads {
  constructor(private readonly database: Database) {}

  /** @throws VD_API_QUERY_TIMEOUT */
  async search(filter: TextFilter): Promise<Page<TextWire>> {
    const where = new SqlWhere().add("t.type = 'text'").add('t.stream_id = ANY(?::uuid[])', filter.streamIds);
    if (filter.analyzerId !== undefined) where.add('t.analyzer_id = ?', filter.analyzerId);
    if (filter.fromUs !== undefined) where.add(`t.at >= ${INSTANT}`, filter.fromUs);
    if (filter.toUs !== undefined) where.add(`t.at < ${INSTANT}`, filter.toUs);
    if (filter.query !== undefined)
      where.add("lower(t.data->>'text') LIKE lower(?)", `${filter.atBeginning ? '' : '%'}${literally(filter.query)}%`);
    const [way, beyond] = filter.descending ? ['DESC', '<'] : ['ASC', '>'];
    if (filter.after !== undefined) {
      const key = cursorParts(filter.after, ['instantUs', 'rowId', 'ordinal']);
      where.add(`(t.at, t.run_id, t.ordinal) ${beyond} (${INSTANT}, ?::bigint, ?::int)`, ...key);
    }
    const order = `ORDER BY t.at ${way}, t.run_id ${way}, t.ordinal ${way}`;
    // The page first: an event is looked up for each text on it, and for no other.
    const found = await this.database.bounded<TextRow>(
      `SELECT t.*, v.key AS event_key, v.state AS event_state, v.start_at AS event_start_at, v.end_at AS event_end_at
       FROM (SELECT ${observationColumns} FROM observations t WHERE ${where} ${order} LIMIT ${where.param(filter.limit + 1)}) t
       LEFT JOIN LATERAL (
         SELECT v.key, v.state, v.start_at, v.end_at FROM events v
         WHERE v.epoch_id = t.epoch_id AND v.analyzer_id = t.analyzer_id AND v.key = t.data->>'event' ORDER BY v.id DESC LIMIT 1
       ) v ON TRUE
       ${order}`,
      where.params,
    );
    return pageOfRows(found, filter.limit, textFromRow, (row) => [row.at_us, row.run_id, row.ordinal]);
  }
}

/** What an analyzer writes into its data is its own affair: only sane values are believed. */
function textFromRow(row: TextRow): TextWire {
  const { text, score, box, trackId } = row.data;
  return {
    ...resultFields(row),
    text: typeof text === 'string' ? text : '',
    score: isShare(score) ? score : null,
    box: boxOrNull(box),
    trackId: typeof trackId === 'string' ? trackId : null,
    event:
      row.event_key === null
        ? null
        : {
            key: row.event_key,
            state: row.event_state,
            startAt: row.event_start_at.toISOString(),
            endAt: isoOrNull(row.event_end_at),
          },
  };
}

const isShare = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value <= 1;

function boxOrNull(value: unknown): TextWire['box'] {
  const { x, y, width, height } = (value ?? {}) as Record<string, unknown>;
  return isShare(x) && isShare(y) && isShare(width) && isShare(height) ? { x, y, width, height } : null;
}
