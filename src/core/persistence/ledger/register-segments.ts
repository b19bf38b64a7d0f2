import type { StreamAssignment } from '../../plugin-host/stream-assignments.js';
import type { Database } from '../database.js';
import type { PendingJob, ProbedSegment } from './ingest-ledger.js';
import { ONE_BY_ONE } from './lane-claim.js';

/** New segments of one epoch, and the analyzers that they go to. */
export interface Registration {
  readonly epochId: string;
  readonly segments: readonly ProbedSegment[];
  readonly assignments: readonly StreamAssignment[];
}

interface RegisteredRow {
  readonly epoch_id: string;
  readonly stream_id: string;
  /** Null in the one row of an epoch that leaves nothing to ring for. */
  readonly segment_id: string | null;
  readonly sequence: number;
  readonly queue: string;
}

/**
 * Registers segments of several epochs, each named once, in one transaction.
 * @returns for each what is to be rung for, or null where there is no such epoch
 */
export async function registerAll(sql: Database, batch: readonly Registration[]): Promise<(PendingJob[] | null)[]> {
  const rows = await sql.rows<RegisteredRow>(REGISTER, [
    JSON.stringify(batch.flatMap(({ epochId, segments }) => segments.map((segment) => segmentRow(epochId, segment)))),
    JSON.stringify(batch.flatMap(({ epochId, assignments }) => assignments.map((assignment) => assignmentRow(epochId, assignment)))),
  ]);
  return batch.map(({ epochId }) => {
    const own = rows.filter((row) => row.epoch_id === epochId);
    if (own.length === 0) return null;
    return own.flatMap(({ stream_id: streamId, segment_id: segmentId, sequence, queue }) =>
      segmentId === null ? [] : [{ streamId, epochId, segmentId, sequence, queue }],
    );
  });
}

function segmentRow(epochId: string, segment: ProbedSegment): Record<string, unknown> {
  return {
    epoch_id: epochId,
    sequence: segment.sequence,
    path: segment.path,
    size_bytes: segment.sizeBytes,
    state: segment.state,
    error: segment.error ?? null,
    pts_start_us: segment.ptsStartUs,
    pts_end_us: segment.ptsEndUs,
    frame_count: segment.frameCount,
    audio_frame_count: segment.audioFrameCount ?? null,
    keyframes: segment.keyframePtsUs,
    has_sound: segment.hasSound ?? null,
    checksum: segment.checksum ?? null,
  };
}

function assignmentRow(epochId: string, { queue, analyzerId, analyzerVersion, configHash }: StreamAssignment): Record<string, unknown> {
  return { epoch_id: epochId, queue, analyzer_id: analyzerId, analyzer_version: analyzerVersion, config_hash: configHash };
}

/** Nobody is at the lane any more, whoever still has it. */
const LAPSED = `(l.owner IS NOT NULL AND l.lease_until < clock_timestamp())`;

/** $1 segments, $2 what each epoch's segments are assigned to. */
export const REGISTER = {
  name: 'register_segments',
  text: `
WITH input AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($1::jsonb) AS x(
    epoch_id uuid, sequence int, path text, size_bytes bigint, state text, error text, pts_start_us bigint, pts_end_us bigint,
      frame_count int, audio_frame_count int, keyframes bigint[], has_sound boolean, checksum text)
), epoch AS MATERIALIZED (
  SELECT e.id, e.stream_id, e.ordinal, e.started_at,
    COALESCE(e.pts_origin_us, (SELECT min(i.pts_start_us) FROM input i WHERE i.epoch_id = e.id AND i.state = 'ready')) AS origin_us,
    e.pts_origin_us IS NULL AS origin_new
  FROM (SELECT DISTINCT epoch_id FROM input) i CROSS JOIN LATERAL (SELECT * FROM epochs WHERE id = i.epoch_id ${ONE_BY_ONE}) e
), origin AS (
  UPDATE epochs SET pts_origin_us = epoch.origin_us FROM epoch WHERE epochs.id = epoch.id AND epoch.origin_new
    AND epoch.origin_us IS NOT NULL
), registered AS (
  INSERT INTO segments (stream_id, epoch_id, sequence, state, path, size_bytes, pts_start_us, pts_end_us, frame_count, audio_frame_count,
    keyframe_pts_us, at, error, has_sound, checksum)
  SELECT e.stream_id, e.id, i.sequence, i.state, i.path, i.size_bytes, i.pts_start_us, i.pts_end_us, i.frame_count, i.audio_frame_count,
    COALESCE(i.keyframes, '{}'),
    e.started_at + GREATEST(i.pts_start_us - COALESCE(e.origin_us, i.pts_start_us), 0) * interval '1 microsecond', i.error, i.has_sound,
    i.checksum
  FROM input i JOIN epoch e ON e.id = i.epoch_id ORDER BY e.id, i.sequence
  ON CONFLICT (epoch_id, sequence) DO NOTHING
  RETURNING id, stream_id, epoch_id, sequence, state, error
), assigned AS (
  SELECT * FROM jsonb_to_recordset($2::jsonb) AS x(epoch_id uuid, queue text, analyzer_id text, analyzer_version text, config_hash text)
), runs AS (
  INSERT INTO analysis_runs (segment_id, stream_id, epoch_id, epoch_ordinal, sequence, queue, analyzer_id, analyzer_version, config_hash,
    state, reason, error_code, error_message, finished_at)
  SELECT s.id, s.stream_id, s.epoch_id, e.ordinal, s.sequence, r.queue, r.analyzer_id, r.analyzer_version, r.config_hash,
    CASE s.state WHEN 'unreadable' THEN 'failed' ELSE 'queued' END,
    CASE s.state WHEN 'unreadable' THEN 'unreadable' END,
    CASE s.state WHEN 'unreadable' THEN COALESCE(substring(s.error FROM '^VD_[A-Z0-9_]+'), 'VD_MEDIA_UNREADABLE') END,
    CASE s.state WHEN 'unreadable' THEN s.error END,
    CASE s.state WHEN 'unreadable' THEN now() END
  FROM registered s JOIN epoch e ON e.id = s.epoch_id JOIN assigned r ON r.epoch_id = s.epoch_id ORDER BY s.epoch_id, s.sequence
  RETURNING id, stream_id, epoch_id, segment_id, sequence, queue, state
), told AS (
  INSERT INTO feed (kind, stream_id, payload)
  SELECT kind, stream_id, payload FROM (
    SELECT 'segment.ready' AS kind, stream_id, jsonb_build_object('segmentId', id::text) AS payload, sequence, 0 AS rank FROM registered
    UNION ALL
    SELECT 'run.finished', stream_id, jsonb_build_object('runId', id::text), sequence, 1 FROM runs WHERE state = 'failed'
  ) news ORDER BY sequence, rank
), rung AS (
  -- Once a lane was rung for, it is not again until somebody comes. Who holds it looks again before it lets go, unless it is gone itself:
  -- then it is rung for once more, which its lease tells from then on. A queue full of rings would keep those that come from the backlog.
  INSERT INTO lanes AS l (stream_id, queue, rung) SELECT DISTINCT stream_id, queue, true FROM runs WHERE state = 'queued'
    ORDER BY stream_id, queue
  ON CONFLICT (stream_id, queue) DO UPDATE SET rung = true, lease_until = CASE WHEN ${LAPSED} THEN '-infinity' ELSE l.lease_until END
    WHERE NOT l.rung OR ${LAPSED} AND l.lease_until > '-infinity'
  RETURNING l.stream_id, l.queue, l.owner IS NULL OR ${LAPSED} AS is_free
)
SELECT epoch.id AS epoch_id, epoch.stream_id, first.segment_id, first.sequence, first.queue
FROM epoch LEFT JOIN (
  SELECT DISTINCT ON (r.epoch_id, r.queue) r.epoch_id, r.segment_id, r.sequence, r.queue
  FROM runs r JOIN rung ON rung.stream_id = r.stream_id AND rung.queue = r.queue
  WHERE r.state = 'queued' AND rung.is_free ORDER BY r.epoch_id, r.queue, r.sequence
) first ON first.epoch_id = epoch.id ORDER BY first.queue`,
};
