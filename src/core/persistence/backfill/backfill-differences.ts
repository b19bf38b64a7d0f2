import { Injectable } from '@nestjs/common';
import { type ComparedEvent, compareEvents, type EventDifference, RangeDifference } from '../../agreement/range-difference.js';
import type { SegmentDifference } from '../../agreement/segment-difference.js';
import { Database } from '../database.js';

const PAGE = 2_000;

interface PartRow {
  readonly id: string;
  readonly streamId: string;
  readonly epochId: string;
  readonly segmentId: string;
  readonly ptsEndUs: number;
  readonly difference: SegmentDifference;
}

type KnownEvent = readonly [epochId: string, name: string, startPtsUs: number, endPtsUs: number | null];

/** What a backfill found, beside what was known. */
@Injectable()
export class BackfillDifferences {
  constructor(private readonly database: Database) {}

  /** As far as it was compared. */
  async of(backfillId: string, mostExamples: number): Promise<{ readonly range: RangeDifference; readonly events: EventDifference }> {
    const range = new RangeDifference(mostExamples);
    for (let after = '0'; ;) {
      const rows = await this.database.bounded<PartRow>(PARTS, [backfillId, after, PAGE]);
      for (const row of rows) range.add(row);
      if (rows.length < PAGE) break;
      after = rows.at(-1)!.id;
    }
    const streams = await this.database.query<{ streamId: string; events: readonly KnownEvent[] }>(
      `SELECT stream_id AS "streamId", known_events AS events FROM backfill_streams WHERE backfill_id = $1 AND known_events IS NOT NULL`,
      [backfillId],
    );
    const known = streams.flatMap(({ streamId, events }) =>
      events.map(([epochId, name, startPtsUs, endPtsUs]): ComparedEvent => ({
        ...{ streamId, epochId, name, startPtsUs },
        endPtsUs: endPtsUs ?? Number.MAX_SAFE_INTEGER,
      })),
    );
    return { range, events: compareEvents(known, range.events) };
  }
}

/** Runs were made in the order of their segments, stream by stream. */
const PARTS = `
SELECT r.id::text AS id, r.stream_id AS "streamId", r.epoch_id AS "epochId", r.segment_id::text AS "segmentId",
  s.pts_end_us::float8 AS "ptsEndUs", r.difference
FROM backfill_runs r JOIN segments s ON s.id = r.segment_id
WHERE r.backfill_id = $1 AND r.id > $2::bigint AND r.difference IS NOT NULL ORDER BY r.id LIMIT $3`;
