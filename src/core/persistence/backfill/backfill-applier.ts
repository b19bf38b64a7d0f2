import { Injectable } from '@nestjs/common';
import type { AnalysisResult } from '../../plugin-api/index.js';
import { arrayLiteral } from '../array-literal.js';
import { takeFromBlocks } from '../archive/block-editor.js';
import { RESULT_KINDS } from '../archive/ledger-archiver.js';
import type { Query } from '../database.js';
import { ResultColumns } from '../ledger/result-columns.js';
import { SETTLE } from '../ledger/settle-statement.js';
import { FeedBell } from '../notify/feed-bell.js';
import { PartitionKeeper } from '../partition-keeper.js';
import { placedApart, prefixOf } from './placed-apart.js';

/** A run of a backfill that ended well. */
export interface FoundRun {
  readonly runId: string;
  readonly segmentId: string;
  readonly streamId: string;
  readonly epochId: string;
  readonly sequence: number;
  /** How it ended, as the settle statement reads it. */
  readonly settlement: { readonly state: string };
  readonly results: readonly AnalysisResult[];
}

interface Applied {
  readonly backfillId: string;
  readonly analyzerId: string;
  readonly configHash: string;
}

interface ReplacedRow {
  readonly segment_id: string;
  readonly at_us: number;
  readonly is_open: boolean;
}

/** Results lie within so much of their segment. */
const AROUND_US = 3_600_000_000;

/**
 * Puts what a backfill found in the place of what is known of the same segments: the run that there was goes, with its results, from the
 * tables and from what is packed, and one with the new results comes. Segments that a live run is still to look at are left to it.
 */
@Injectable()
export class BackfillApplier {
  constructor(
    private readonly partitions: PartitionKeeper,
    private readonly bell: FeedBell,
  ) {}

  /** Makes the partitions of what is left of a stream. Not within a transaction that writes: the two would wait for each other. */
  async prepare(query: Query, backfillId: string, streamId: string): Promise<void> {
    const days = await query<{ day: number }>(
      `SELECT DISTINCT floor(extract(epoch FROM at) / 86400)::int AS day FROM backfill_runs
       WHERE backfill_id = $1 AND stream_id = $2 AND NOT applied`,
      [backfillId, streamId],
    );
    // Retention may have dropped what was seen before. Results may lie beside their segment.
    this.partitions.forget();
    await this.partitions.ensure(days.flatMap(({ day }) => [day - 1, day, day + 1]));
  }

  async apply(query: Query, { backfillId, analyzerId, configHash }: Applied, found: readonly FoundRun[]): Promise<void> {
    if (found.length === 0) return;
    const replaced = await query<ReplacedRow>(REPLACED, [found.map(({ segmentId }) => segmentId), analyzerId]);
    const open = new Set(replaced.filter(({ is_open }) => is_open).map(({ segment_id }) => segment_id));
    const taken = found.filter(({ segmentId }) => !open.has(segmentId));
    const media = new Map(replaced.map((row) => [row.segment_id, row]));
    if (taken.length === 0) return;
    await this.takeAway(query, analyzerId, taken, media);
    const inserted = await query<{ id: string; segment_id: string }>(INSERT_RUNS, [
      taken.map(({ segmentId }) => segmentId),
      analyzerId,
      configHash,
      ownerOf(backfillId),
      backfillId,
    ]);
    const ids = new Map(inserted.map(({ id, segment_id }) => [segment_id, id]));
    for (const { segmentId, settlement, results } of taken) {
      const id = ids.get(segmentId);
      if (id === undefined) continue;
      // One by one, in their order: an event goes on from segment to segment.
      const columns = new ResultColumns();
      columns.add(id, placedApart(backfillId, results));
      const ended = { ...settlement, id, attempt: 1, checkpoint: undefined, drops_state: undefined };
      const written = columns.values().map((column) => (typeof column === 'string' ? column : arrayLiteral(column)));
      await query(SETTLE.text, [ownerOf(backfillId), JSON.stringify([ended]), ...written]);
    }
    this.bell.ring();
  }

  /** Events of the analyzer that lie wholly in what was analysed again, in the stream; what reaches out of it stays. */
  async clearEvents(query: Query, { backfillId, streamId, analyzerId }: Omit<Applied, 'configHash'> & { streamId: string }): Promise<void> {
    await query(CLEAR_EVENTS, [backfillId, streamId, analyzerId]);
    await query('UPDATE backfill_streams SET cleared = true WHERE backfill_id = $1 AND stream_id = $2', [backfillId, streamId]);
  }

  /** What goes on at the end of the last segment ends there: nobody looks at what comes after it. */
  async endEvents(query: Query, backfillId: string): Promise<void> {
    await query(END_EVENTS, [backfillId, `${prefixOf(backfillId)}%`]);
    this.bell.ring();
  }

  private async takeAway(
    query: Query,
    analyzerId: string,
    taken: readonly FoundRun[],
    media: ReadonlyMap<string, ReplacedRow>,
  ): Promise<void> {
    const segmentIds = new Set(taken.map(({ segmentId }) => segmentId));
    const at = taken.map(({ segmentId }) => media.get(segmentId)!.at_us);
    const [fromUs, toUs] = [Math.min(...at), Math.max(...at)];
    const streamIds = [...new Set(taken.map(({ streamId }) => streamId))];
    const of = { streamIds, analyzerIds: [analyzerId] };
    const rows = await query<{ id: string }>(DELETE_RUNS, [[...segmentIds], analyzerId]);
    const packed = await takeFromBlocks(query, 'runs', { ...of, fromUs, toUs }, (row) => segmentIds.has(String(row['segment_id'])));
    const runIds = new Set([...rows.map(({ id }) => id), ...packed.map((row) => String(row['id']))]);
    if (runIds.size === 0) return;
    const [around, until] = [fromUs - AROUND_US, toUs + AROUND_US];
    for (const kind of RESULT_KINDS) {
      await query(
        `DELETE FROM ${kind} WHERE run_id = ANY ($1::bigint[]) 
           AND at BETWEEN to_timestamp($2::float8 / 1000000) AND to_timestamp($3::float8 / 1000000)`,
        [[...runIds], around, until],
      );
      await takeFromBlocks(query, kind, { ...of, fromUs: around, toUs: until, runs: boundsOf(runIds) }, (row) =>
        runIds.has(String(row['run_id'])),
      );
    }
  }
}

/** Whose the runs are while they are written. */
const ownerOf = (backfillId: string): string => `backfill ${backfillId}`;

function boundsOf(ids: ReadonlySet<string>): [number, number] {
  let [least, greatest] = [Infinity, -Infinity];
  for (const id of ids) [least, greatest] = [Math.min(least, Number(id)), Math.max(greatest, Number(id))];
  return [least, greatest];
}

const REPLACED = `
SELECT s.id::text AS segment_id, (extract(epoch FROM s.at) * 1000000)::float8 AS at_us,
  EXISTS (SELECT 1 FROM analysis_runs r WHERE r.segment_id = s.id AND r.analyzer_id = $2 AND r.state IN ('queued', 'running')) AS is_open
FROM segments s WHERE s.id = ANY ($1::bigint[])`;

const DELETE_RUNS = `
WITH gone AS (
  DELETE FROM analysis_runs WHERE segment_id = ANY ($1::bigint[]) AND analyzer_id = $2 AND state NOT IN ('queued', 'running')
RETURNING id::text AS id
)
SELECT * FROM gone`;

const INSERT_RUNS = `
INSERT INTO analysis_runs (segment_id, stream_id, epoch_id, epoch_ordinal, sequence, queue, analyzer_id, analyzer_version, config_hash,
  state, attempt, owner, started_at)
SELECT s.id, s.stream_id, s.epoch_id, e.ordinal, s.sequence, 'backfill', $2, b.analyzer_version, $3, 'running', 1, $4, clock_timestamp()
FROM segments s JOIN epochs e ON e.id = s.epoch_id JOIN backfills b ON b.id = $5
WHERE s.id = ANY ($1::bigint[]) ORDER BY s.stream_id, e.ordinal, s.sequence
ON CONFLICT DO NOTHING
RETURNING id::text AS id, segment_id::text AS segment_id`;

const CLEAR_EVENTS = `
DELETE FROM events v WHERE v.stream_id = $2 AND v.analyzer_id = $3 AND v.state = 'closed'
  AND v.start_at >= (SELECT min(at) FROM backfill_runs WHERE backfill_id = $1 AND stream_id = $2)
  AND v.start_at < (SELECT max(at) + interval '1 hour' FROM backfill_runs WHERE backfill_id = $1 AND stream_id = $2)
  AND EXISTS (SELECT 1 FROM segments s JOIN backfill_runs r ON r.backfill_id = $1 AND r.segment_id = s.id AND r.state IN ('done', 'partial')
    WHERE s.epoch_id = v.epoch_id AND s.pts_start_us <= v.start_pts_us AND s.pts_end_us > v.start_pts_us)
  AND EXISTS (SELECT 1 FROM segments s JOIN backfill_runs r ON r.backfill_id = $1 AND r.segment_id = s.id AND r.state IN ('done', 'partial')
    WHERE s.epoch_id = v.epoch_id AND s.pts_start_us <= v.end_pts_us AND s.pts_end_us >= v.end_pts_us)`;

const END_EVENTS = `
WITH ended AS (
  UPDATE events v SET state = 'closed', end_reason = 'backfill-ended', end_pts_us = last.end_us,
    end_at = e.started_at + (last.end_us - COALESCE(e.pts_origin_us, 0)) * interval '1 microsecond'
  FROM epochs e CROSS JOIN LATERAL (
    SELECT max(s.pts_end_us) AS end_us FROM backfill_runs r JOIN segments s ON s.id = r.segment_id
    WHERE r.backfill_id = $1 AND r.epoch_id = e.id) last
  WHERE e.id = v.epoch_id AND v.state = 'open' AND v.key LIKE $2 AND last.end_us IS NOT NULL
    AND v.epoch_id IN (SELECT DISTINCT epoch_id FROM backfill_runs WHERE backfill_id = $1)
  RETURNING v.stream_id, v.id
)
INSERT INTO feed (kind, stream_id, payload)
SELECT 'event.closed', stream_id, jsonb_build_object('eventId', id::text) FROM ended ORDER BY id`;
