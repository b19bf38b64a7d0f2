import { dropStates } from './dropped-states.js';
import { ONE_BY_ONE } from './lane-claim.js';

/**
 * Ends attempts, of any number of segments, with everything they produced, in one statement: it commits whole or not at all.
 * $1 owner, $2 attempts, then the columns of detections ($3..$13), metrics ($14..$19), observations ($20..$24), events ($25), and their
 * evidence ($26).
 */
export const SETTLE = {
  name: 'runs_settle',
  text: `
WITH input AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset($2::jsonb) AS x(
    id bigint, attempt int, state text, reason text, code text, message text, strategy text, strategy_reason text,
    executed_by text, frames_seen int, frames_expected int, result_count int, wall_ms real, cpu_ms real, decode_cpu_ms real, cost float8,
      retry_in_ms float8, is_deferred boolean, drops_state boolean, checkpoint jsonb)
), mine AS MATERIALIZED (
  SELECT i.* FROM input i CROSS JOIN LATERAL (SELECT o.attempt, o.state, o.owner FROM analysis_runs o WHERE o.id = i.id ${ONE_BY_ONE}) run
  WHERE run.attempt = i.attempt AND run.state = 'running' AND run.owner = $1
), settled AS (
  UPDATE analysis_runs r SET
    state = i.state, reason = i.reason, error_code = i.code, error_message = i.message, strategy = i.strategy,
    strategy_reason = i.strategy_reason, executed_by = i.executed_by, decode_cpu_ms = i.decode_cpu_ms,
    -- What earlier attempts cost was spent, whatever became of them.
    cost = CASE WHEN i.cost IS NULL THEN r.cost ELSE COALESCE(r.cost, 0) + i.cost END,
    frames_seen = i.frames_seen, frames_expected = i.frames_expected, result_count = i.result_count, wall_ms = i.wall_ms, cpu_ms = i.cpu_ms,
    deferrals = r.deferrals + CASE WHEN i.is_deferred THEN 1 ELSE 0 END,
    owner = CASE WHEN i.state = 'queued' THEN NULL ELSE r.owner END,
    not_before = CASE WHEN i.state = 'queued' THEN clock_timestamp() + i.retry_in_ms * interval '1 millisecond' END,
    finished_at = CASE WHEN i.state <> 'queued' THEN clock_timestamp() END
  FROM mine i
  WHERE r.id = i.id AND r.attempt = i.attempt AND r.state = 'running' AND r.owner = $1
  RETURNING r.id, r.stream_id, r.epoch_id, r.sequence, r.analyzer_id, r.config_hash, r.state, i.drops_state, i.checkpoint
), clock AS MATERIALIZED (
  -- Locked, so that an epoch's closing and the end of its last run never miss each other: the later one sees the earlier.
  SELECT e.id, e.started_at, COALESCE(e.pts_origin_us, 0) AS origin_us, e.state = 'closed' AS is_closed FROM epochs e
  WHERE e.id IN (SELECT epoch_id FROM settled) ORDER BY e.id FOR SHARE
), ended AS MATERIALIZED (
  SELECT s.*, clock.started_at, clock.origin_us, clock.is_closed FROM settled s JOIN clock ON clock.id = s.epoch_id
), new_detections AS (
  INSERT INTO detections (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, label, score, x, y, width, height, track_id,
    attributes)
  SELECT s.started_at + (u.pts_us - s.origin_us) * interval '1 microsecond', s.id, u.ordinal, s.stream_id, s.epoch_id, s.analyzer_id,
    u.pts_us, u.label, u.score, u.x, u.y, u.width, u.height, u.track_id, u.attributes
  FROM unnest($3::bigint[], $4::int[], $5::bigint[], $6::text[], $7::real[], $8::real[], $9::real[], $10::real[], $11::real[],
    $12::text[], $13::jsonb[])
    AS u(run_id, ordinal, pts_us, label, score, x, y, width, height, track_id, attributes)
  JOIN ended s ON s.id = u.run_id
), new_metrics AS (
  INSERT INTO metrics (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, name, unit, value)
  SELECT s.started_at + (u.pts_us - s.origin_us) * interval '1 microsecond', s.id, u.ordinal, s.stream_id, s.epoch_id, s.analyzer_id,
    u.pts_us, u.name, u.unit, u.value
  FROM unnest($14::bigint[], $15::int[], $16::bigint[], $17::text[], $18::text[], $19::float8[]) AS u(run_id, ordinal, pts_us, name,
    unit, value)
  JOIN ended s ON s.id = u.run_id
), new_observations AS (
  INSERT INTO observations (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, type, data)
  SELECT s.started_at + (u.pts_us - s.origin_us) * interval '1 microsecond', s.id, u.ordinal, s.stream_id, s.epoch_id, s.analyzer_id,
    u.pts_us, u.type, u.data
  FROM unnest($20::bigint[], $21::int[], $22::bigint[], $23::text[], $24::jsonb[]) AS u(run_id, ordinal, pts_us, type, data)
  JOIN ended s ON s.id = u.run_id
), new_events AS (
  INSERT INTO events AS v (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at,
    data,
    first_run_id, last_run_id)
  SELECT s.stream_id, s.epoch_id, s.analyzer_id, s.config_hash, u.key, u.name, CASE WHEN u.end_pts_us IS NULL THEN 'open' ELSE 'closed' END,
    u.start_pts_us, s.started_at + (u.start_pts_us - s.origin_us) * interval '1 microsecond',
    u.end_pts_us, s.started_at + (u.end_pts_us - s.origin_us) * interval '1 microsecond', u.data, s.id, s.id
  FROM jsonb_to_recordset($25::jsonb) AS u(run_id bigint, key text, name text, start_pts_us bigint, end_pts_us bigint, data jsonb)
  JOIN ended s ON s.id = u.run_id
  ON CONFLICT (epoch_id, analyzer_id, config_hash, key) DO UPDATE SET
    state = CASE WHEN v.state = 'closed' THEN 'closed' ELSE EXCLUDED.state END,
    end_pts_us = COALESCE(v.end_pts_us, EXCLUDED.end_pts_us), end_at = COALESCE(v.end_at, EXCLUDED.end_at),
    data = COALESCE(v.data || EXCLUDED.data, EXCLUDED.data, v.data), last_run_id = EXCLUDED.last_run_id
  RETURNING v.id, v.epoch_id, v.analyzer_id, v.config_hash, v.key
), new_evidence AS (
  INSERT INTO evidence AS k (event_id, run_id, pts_us, rank, x, y, width, height, region_x, region_y, region_width, region_height,
    width_px, height_px, jpeg)
  SELECT v.id, s.id, u.pts_us, u.rank, u.x, u.y, u.width, u.height, u.region_x, u.region_y, u.region_width, u.region_height,
    u.width_px, u.height_px, decode(u.jpeg, 'base64')
  FROM jsonb_to_recordset($26::jsonb) AS u(run_id bigint, key text, pts_us bigint, rank real, x real, y real, width real, height real,
    region_x real, region_y real, region_width real, region_height real, width_px int, height_px int, jpeg text)
  JOIN ended s ON s.id = u.run_id
  JOIN new_events v ON v.epoch_id = s.epoch_id AND v.analyzer_id = s.analyzer_id AND v.config_hash = s.config_hash AND v.key = u.key
  -- Runs of a segment may end in any order, and again: the best picture stays, whenever it comes.
  ON CONFLICT (event_id) DO UPDATE SET
    run_id = EXCLUDED.run_id, pts_us = EXCLUDED.pts_us, rank = EXCLUDED.rank, x = EXCLUDED.x, y = EXCLUDED.y, width = EXCLUDED.width,
    height = EXCLUDED.height, region_x = EXCLUDED.region_x, region_y = EXCLUDED.region_y, region_width = EXCLUDED.region_width,
    region_height = EXCLUDED.region_height, width_px = EXCLUDED.width_px, height_px = EXCLUDED.height_px, jpeg = EXCLUDED.jpeg
  WHERE k.rank < EXCLUDED.rank
), new_checkpoints AS (
  INSERT INTO analyzer_checkpoints AS k (stream_id, analyzer_id, config_hash, epoch_id, sequence, data)
  SELECT stream_id, analyzer_id, config_hash, epoch_id, sequence, checkpoint FROM ended WHERE checkpoint IS NOT NULL
  ON CONFLICT (stream_id, analyzer_id, config_hash) DO UPDATE
    SET epoch_id = EXCLUDED.epoch_id, sequence = EXCLUDED.sequence, data = EXCLUDED.data
), failed_by_state AS (
  SELECT stream_id, epoch_id, analyzer_id, config_hash FROM ended WHERE drops_state
), ${dropStates('failed_by_state')}, told AS (
  INSERT INTO feed (kind, stream_id, payload)
  SELECT 'run.finished', stream_id, jsonb_build_object('runId', id::text) FROM ended WHERE state <> 'queued' ORDER BY id
)
SELECT id::text AS id, is_closed AS epoch_closed FROM ended`,
};
