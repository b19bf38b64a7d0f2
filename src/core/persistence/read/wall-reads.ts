import { Injectable } from '@nestjs/common';
import type { EventWire } from '../../wire/wire.js';
import { Database, type Statement } from '../database.js';
import { eventColumns, eventFromRow, type EventRow } from './wire-rows.js';

/** The newest whole picture of a stream. */
export interface NewestPicture {
  readonly streamId: string;
  readonly epochId: string;
  readonly ptsUs: number;
  readonly atMs: number;
}

export interface WallReading {
  readonly pictures: ReadonlyMap<string, NewestPicture>;
  readonly events: ReadonlyMap<string, EventWire>;
  readonly openEvents: ReadonlyMap<string, readonly string[]>;
}

/** Newest segments that are looked through for a picture: those of a stream without pictures are not read to their beginning. */
const SEGMENTS = 32;
const OPEN_EVENTS = 16;

/** $1 stream ids. */
const PICTURES: Statement = {
  name: 'wall_pictures',
  text: `
SELECT t.id AS "streamId", p.epoch_id AS "epochId", p.pts_us::float8 AS "ptsUs", p.at_ms AS "atMs"
FROM unnest($1::uuid[]) AS t(id) CROSS JOIN LATERAL (
  SELECT s.epoch_id, s.keyframe_pts_us[1] AS pts_us,
    (extract(epoch FROM s.at) * 1000 + (s.keyframe_pts_us[1] - s.pts_start_us) / 1000.0)::float8 AS at_ms
  FROM (SELECT * FROM segments WHERE stream_id = t.id ORDER BY at DESC LIMIT ${SEGMENTS}) s
  WHERE s.state = 'ready' AND cardinality(s.keyframe_pts_us) > 0 ORDER BY s.at DESC LIMIT 1
) p`,
};

/**
 * Between the ends of a stream rather than equal to it: so only the index by stream and time has the order, and the end of it is looked at.
 * By an index of time alone, a stream without events would be looked for through those of all others.
 */
export const NEWEST_EVENTS: Statement = {
  name: 'wall_events',
  text: `
SELECT v.* FROM unnest($1::uuid[]) AS t(id) CROSS JOIN LATERAL (
  SELECT ${eventColumns} FROM events v
  WHERE (v.stream_id, v.start_at) >= (t.id, '-infinity'::timestamptz) AND (v.stream_id, v.start_at) <= (t.id, 'infinity'::timestamptz)
  ORDER BY v.stream_id DESC, v.start_at DESC LIMIT 1
) v`,
};

const OPEN: Statement = {
  name: 'wall_open_events',
  text: `
SELECT t.id AS "streamId", o.names FROM unnest($1::uuid[]) AS t(id) CROSS JOIN LATERAL (
  SELECT array_agg(DISTINCT name ORDER BY name) AS names FROM (
    SELECT name FROM events WHERE stream_id = t.id AND state = 'open' LIMIT ${OPEN_EVENTS}
  ) open
) o WHERE o.names IS NOT NULL`,
};

/** The newest of each stream: a look at the end of an index for each, however much there is. */
@Injectable()
export class WallReads {
  constructor(private readonly database: Database) {}

  async of(streamIds: readonly string[]): Promise<WallReading> {
    const [pictures, events, open] = await Promise.all([
      this.database.rows<NewestPicture>(PICTURES, [streamIds]),
      this.database.rows<EventRow>(NEWEST_EVENTS, [streamIds]),
      this.database.rows<{ streamId: string; names: string[] }>(OPEN, [streamIds]),
    ]);
    return {
      pictures: new Map(pictures.map((picture) => [picture.streamId, picture])),
      events: new Map(events.map((row) => [row.stream_id, eventFromRow(row)])),
      openEvents: new Map(open.map(({ streamId, names }) => [streamId, names])),
    };
  }
}
