import type { Statement } from '../database.js';

/** What a live epoch's ingest process said is true for so long. */
const LIVE_FOR = "interval '15 seconds'";
/** Newest segments that are looked at, and in the past no older than this. */
const SEGMENTS = 32;
const SEGMENTS_WITHIN = "interval '1 hour'";
/** From these an epoch's first lateness is taken. */
const FIRST_SEGMENTS = 8;
/** More epochs of one stream are not counted. */
const EPOCHS = 200;
const MS = (time: string): string => `(extract(epoch FROM ${time}) * 1000)::float8`;

/**
 * The statements that health is measured by; each takes the ids of streams as $1 and, in the past, the moment as the last value. Those of
 * now are planned once, for a moment that the planner knows, and walk down an index from its end; those of the past are planned for theirs.
 */
export type HealthStatements = ReturnType<typeof statementsOf>;
export const NOW = statementsOf(true);
export const THEN = statementsOf(false);

function statementsOf(isNow: boolean) {
  const name = (what: string): string => `health_${what}_${isNow ? 'now' : 'then'}`;
  /** @param at the moment; @param then a condition of the past only */
  const AT = (param: number): string => (isNow ? 'now()' : `$${param}::timestamptz`);
  const inThePast = (condition: string): string => (isNow ? '' : ` AND ${condition}`);

  /** $1 may be null: all. Each with its newest epoch at that moment. */
  const streams: Statement = {
    name: name('streams'),
    text: `
SELECT t.id, ${MS(AT(2))} AS at_ms, t.enabled, t.state, ${MS('t.state_at')} AS state_at_ms,
  CASE WHEN o.lease_until <= now() THEN ${MS('o.lease_until')} END AS silent_since_ms,
  e.id AS epoch_id, ${isNow ? "e.state = 'open'" : '(e.ended_at IS NULL OR e.ended_at > $2)'} AS epoch_open,
  ${MS('e.started_at')} AS epoch_started_at_ms,
  e.video_codec, e.audio_codec, e.width_px, e.height_px, e.video_profile_idc, e.chroma, e.bit_depth, e.declared_fps,
  ${isNow ? `l.measures AS live, ${MS('l.measured_at')} AS live_at_ms` : 'NULL AS live, NULL AS live_at_ms'}
FROM streams t LEFT JOIN stream_owners o ON o.stream_id = t.id
LEFT JOIN LATERAL (
  SELECT * FROM epochs e WHERE e.stream_id = t.id${inThePast('e.started_at <= $2')} ORDER BY e.ordinal DESC LIMIT 1
) e ON TRUE
${isNow ? `LEFT JOIN live_measures l ON l.stream_id = t.id AND l.epoch_id = e.id AND l.measured_at > now() - ${LIVE_FOR}` : ''}
WHERE t.deleted_at IS NULL AND ($1::uuid[] IS NULL OR t.id = ANY($1))`,
  };

  /** Of epoch `e`, the newest first. */
  const newest = (count: number): string =>
    isNow
      ? `WHERE s.epoch_id = e.epoch_id ORDER BY s.sequence DESC LIMIT ${count}`
      : `WHERE s.stream_id = e.stream_id AND s.epoch_id = e.epoch_id AND s.at <= $3 AND s.at > $3 - ${SEGMENTS_WITHIN}
    AND s.registered_at <= $3 ORDER BY s.at DESC LIMIT ${count}`;

  /** $2 their epochs. Oldest first. */
  const segments: Statement = {
    name: name('segments'),
    text: `
SELECT e.stream_id, s.* FROM unnest($1::uuid[], $2::uuid[]) AS e(stream_id, epoch_id) CROSS JOIN LATERAL (
  SELECT s.sequence, s.state, s.error, ${MS('s.at')} AS at_ms, (s.pts_end_us - s.pts_start_us) / 1000.0::float8 AS duration_ms,
    s.size_bytes::float8 AS size_bytes, s.frame_count, cardinality(s.keyframe_pts_us) AS keyframe_count,
    (s.keyframe_pts_us[1] - s.pts_start_us) / 1000.0::float8 AS first_keyframe_ms,
    (s.keyframe_pts_us[cardinality(s.keyframe_pts_us)] - s.pts_start_us) / 1000.0::float8 AS last_keyframe_ms,
    s.has_sound, ${MS('s.registered_at')} AS registered_at_ms
  FROM segments s ${newest(SEGMENTS)}
) s ORDER BY e.stream_id, s.sequence`,
  };

  /** $2 their epochs: those of which the newest segment goes to an analyzer at all. */
  const analysed: Statement = {
    name: name('analysed'),
    text: `
SELECT e.stream_id FROM unnest($1::uuid[], $2::uuid[]) AS e(stream_id, epoch_id) WHERE EXISTS (
  SELECT FROM analysis_runs r WHERE r.segment_id = (SELECT s.id FROM segments s ${newest(1)}))`,
  };

  const gaps: Statement = {
    name: name('gaps'),
    text: `
SELECT stream_id, reason, count(*)::int AS last_hour, count(*) FILTER (WHERE is_recent)::int AS last_10_minutes,
  min(${MS('created_at')}) FILTER (WHERE is_recent) AS since_ms,
  CASE WHEN bool_or(is_recent AND length_ms IS NULL) THEN NULL
    ELSE COALESCE(sum(GREATEST(length_ms, 0)) FILTER (WHERE is_recent), 0) END AS lost_ms
FROM (
  SELECT stream_id, reason, created_at, (to_pts_us - from_pts_us) / 1000.0::float8 AS length_ms,
    created_at > ${AT(2)} - interval '10 minutes' AS is_recent
  FROM gaps WHERE stream_id = ANY($1::uuid[]) AND created_at > ${AT(2)} - interval '1 hour'${inThePast('created_at <= $2')}
) g GROUP BY stream_id, reason ORDER BY stream_id, last_10_minutes DESC, reason`,
  };

  /** Epochs that took up what had broken off shortly before. */
  const reconnects: Statement = {
    name: name('reconnects'),
    text: `
SELECT t.stream_id, count(*)::int AS reconnects FROM unnest($1::uuid[]) AS t(stream_id) CROSS JOIN LATERAL (
  SELECT e.started_at, lead(e.ended_at) OVER (ORDER BY e.ordinal DESC) AS before_ended_at FROM (
    SELECT * FROM epochs WHERE stream_id = t.stream_id${inThePast('started_at <= $2')} ORDER BY ordinal DESC LIMIT ${EPOCHS}
  ) e
) e
WHERE e.started_at > ${AT(2)} - interval '1 hour' AND e.started_at - e.before_ended_at < interval '5 minutes' GROUP BY t.stream_id`,
  };

  /** The oldest run that has not ended: now a look at each lane, however much waits in it; in the past of the 10 minutes before. */
  const waiting: Statement = {
    name: name('waiting'),
    text: isNow
      ? `
SELECT l.stream_id, min(${MS('r.created_at')}) AS since_ms, min(${MS('s.at')}) AS at_ms FROM lanes l CROSS JOIN LATERAL (
  SELECT r.segment_id, r.created_at FROM analysis_runs r
  WHERE r.stream_id = l.stream_id AND r.queue = l.queue AND r.state IN ('queued', 'running') ORDER BY r.epoch_ordinal, r.sequence LIMIT 1
) r JOIN segments s ON s.id = r.segment_id
WHERE l.stream_id = ANY($1::uuid[]) GROUP BY l.stream_id`
      : `
SELECT s.stream_id, min(${MS('r.created_at')}) AS since_ms, min(${MS('s.at')}) AS at_ms
FROM segments s JOIN analysis_runs r ON r.segment_id = s.id
WHERE s.stream_id = ANY($1::uuid[]) AND s.at > $2::timestamptz - interval '10 minutes' AND s.at <= $2
  AND r.created_at <= $2 AND (r.finished_at IS NULL OR r.finished_at > $2)
GROUP BY s.stream_id`,
  };

  /** By when they ended alone, of however many streams: that is what there is an index of. */
  const endings: Statement = {
    name: name('endings'),
    text: `
SELECT stream_id, analyzer_id, state, CASE state WHEN 'failed' THEN error_code ELSE reason END AS reason, count(*)::int AS count,
  min(${MS('finished_at')}) AS first_at_ms
FROM analysis_runs
WHERE finished_at > ${AT(1)} - interval '2 minutes'${inThePast('finished_at <= $1')}
GROUP BY stream_id, analyzer_id, state, 4 ORDER BY stream_id, count DESC, analyzer_id`,
  };

  return { streams, segments, analysed, gaps, reconnects, waiting, endings };
}

/** $1 epoch ids. How late, by its own clock, the promptest of an epoch's first segments came. */
export const FIRST_LATENESS: Statement = {
  name: 'health_first_lateness',
  text: `
SELECT s.stream_id, min(${MS('s.registered_at - s.at')} - (s.pts_end_us - s.pts_start_us) / 1000.0::float8) AS late_ms
FROM segments s WHERE s.epoch_id = ANY($1::uuid[]) AND s.sequence < ${FIRST_SEGMENTS} AND s.state <> 'unreadable' GROUP BY s.stream_id`,
};
