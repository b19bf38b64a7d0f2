import { dropStates, hasState } from './dropped-states.js';

/**
 * The statements a lane lives by. All take $1 stream, $2 queue, $3 owner.
 *
 * A lane's holder is alone with its runs: whatever is `running` when it claims was left by a holder that died, and is
 * claimed again. What was left `running` at the last permitted attempt has taken its holder down every time: it is poison.
 */

/** Without a row and not told to be missing: the segment before the one `at` is at. */
const predecessorIsMissing = (at: string): string => `${at}.sequence > 0
  AND NOT EXISTS (SELECT 1 FROM segments p WHERE p.epoch_id = ${at}.epoch_id AND p.sequence = ${at}.sequence - 1)
  AND NOT EXISTS (SELECT 1 FROM gaps g WHERE g.epoch_id = ${at}.epoch_id AND g.after_sequence < ${at}.sequence - 1
    AND g.after_sequence + g.missing_sequences >= ${at}.sequence - 1)`;

/** Until when that one is waited for: counted from when the ledger first knew of a segment beyond it, so that holes do not add up. */
const waitedForUntil = (at: string, gapAfterMs: string): string => `(
  SELECT min(n.registered_at) + ${gapAfterMs}::float8 * interval '1 millisecond' FROM segments n WHERE n.epoch_id = ${at}.epoch_id AND n.sequence >= ${at}.sequence)`;

/** The analyzer (or the stage behind it) has been past the run's segment: it is told of time in one direction only. */
const IS_LATE = `EXISTS (
  SELECT 1 FROM analyzer_checkpoints k JOIN epochs ke ON ke.id = k.epoch_id
  WHERE k.stream_id = r.stream_id AND k.analyzer_id = r.analyzer_id AND k.config_hash = r.config_hash
    AND (ke.ordinal, k.sequence) >= (r.epoch_ordinal, r.sequence))`;

const OPEN = `state IN ('queued', 'running')`;

/** As far as is looked into a lane for a run whose turn it is: behind so many that wait, others wait too. */
const IN_SIGHT_RUNS = 1_000;

/**
 * The run's turn: it waits for no moment, and its analyzer has no run of an earlier segment left in the lane. So an analyzer's segments
 * come in order, and one that waits (for its next attempt, for its strategy) holds up none of the others.
 */
const IS_NEXT = `(r.not_before IS NULL OR r.not_before <= clock_timestamp() OR r.state = 'running')
    AND NOT EXISTS (SELECT 1 FROM analysis_runs b WHERE b.stream_id = r.stream_id AND b.queue = r.queue AND b.${OPEN}
      AND b.analyzer_id = r.analyzer_id AND (b.epoch_ordinal, b.sequence) < (r.epoch_ordinal, r.sequence))`;

const inSight = (streamId: string, queue: string): string => `(SELECT * FROM analysis_runs o
    WHERE o.stream_id = ${streamId} AND o.queue = ${queue} AND o.${OPEN} ORDER BY o.epoch_ordinal, o.sequence LIMIT ${IN_SIGHT_RUNS})`;

/**
 * Expects a CTE `lane` with one row when the lane is ours; $4 lease in ms, $5 permitted attempts, $6 how long a missing segment is
 * waited for, in ms. `hole` is worked out in two steps so that the ordinary segment pays for one look at its predecessor and no more.
 */
const CLAIM = `
head AS MATERIALIZED (
  SELECT r.segment_id, r.epoch_id, r.sequence FROM lane, LATERAL ${inSight('$1', '$2')} r
  WHERE ${IS_NEXT} ORDER BY r.epoch_ordinal, r.sequence LIMIT 1
), missing AS MATERIALIZED (
  SELECT ${waitedForUntil('head', '$6')} AS until FROM head WHERE ${predecessorIsMissing('head')}
), hole AS MATERIALIZED (
  SELECT until FROM missing WHERE until > clock_timestamp()
), claimed AS (
  UPDATE analysis_runs r SET state = 'running', attempt = r.attempt + 1, owner = $3, started_at = clock_timestamp(), not_before = NULL
  FROM head
  WHERE r.segment_id = head.segment_id AND r.queue = $2
    AND (r.state = 'queued' OR r.state = 'running' AND r.attempt - r.deferrals < $5)
    AND ${IS_NEXT} AND NOT EXISTS (SELECT 1 FROM hole) AND NOT ${IS_LATE}
  RETURNING r.id, r.attempt, r.deferrals, r.stream_id, r.epoch_id, r.sequence, r.analyzer_id, r.analyzer_version, r.config_hash
), poisoned AS (
  UPDATE analysis_runs r SET state = 'failed', finished_at = clock_timestamp(), error_code = 'VD_PIPELINE_POISON',
    error_message = 'Its worker died ' || r.attempt - r.deferrals || ' times while this segment was being analysed'
  FROM head
  WHERE r.segment_id = head.segment_id AND r.queue = $2 AND r.state = 'running' AND r.attempt - r.deferrals >= $5
  RETURNING r.id, r.stream_id, r.epoch_id, r.analyzer_id, r.config_hash, r.attempt, r.error_code, r.error_message
), ${dropStates('poisoned')}, late AS (
  UPDATE analysis_runs r SET state = 'skipped', reason = 'late', finished_at = clock_timestamp()
  FROM head
  WHERE r.segment_id = head.segment_id AND r.queue = $2 AND (r.state = 'queued' OR r.state = 'running' AND r.attempt - r.deferrals < $5)
    AND ${IS_NEXT} AND ${IS_LATE}
  RETURNING r.id, r.stream_id
), ended AS (
  SELECT id, stream_id FROM poisoned UNION ALL SELECT id, stream_id FROM late
), told AS (
  INSERT INTO feed (kind, stream_id, payload) SELECT 'run.finished', stream_id, jsonb_build_object('runId', id::text) FROM ended
)`;

const WORK = `
  head.segment_id, st.name AS stream_name, st.private AS is_private, e.ingest_id AS node_id, s.epoch_id, s.sequence, s.path, s.size_bytes, s.pts_start_us, s.pts_end_us, s.frame_count,
  COALESCE(array_length(s.keyframe_pts_us, 1), 0) AS keyframe_count,
  (extract(epoch FROM e.started_at) * 1000)::float8 AS started_at_ms,
  (extract(epoch FROM clock_timestamp() - s.registered_at) * 1000)::float8 AS waited_ms, e.pts_origin_us, e.state = 'closed' AS epoch_closed,
  e.width_px, e.height_px, e.video_codec,
  e.state = 'closed' AND NOT EXISTS (SELECT 1 FROM segments n WHERE n.epoch_id = s.epoch_id AND n.sequence > s.sequence) AS last_of_epoch,
  (SELECT json_agg(json_build_object(
     'runId', c.id::text, 'attempt', c.attempt, 'deferrals', c.deferrals, 'analyzerId', c.analyzer_id, 'analyzerVersion', c.analyzer_version, 'configHash', c.config_hash,
     'checkpoint', (SELECT json_build_object('epochId', k.epoch_id, 'sequence', k.sequence, 'data', k.data) FROM analyzer_checkpoints k
       WHERE k.stream_id = c.stream_id AND k.analyzer_id = c.analyzer_id AND k.config_hash = c.config_hash
         AND k.epoch_id = c.epoch_id AND k.sequence < c.sequence AND ${hasState('k')})) ORDER BY c.id) FROM claimed c) AS runs,
  (SELECT json_agg(json_build_object('runId', p.id::text, 'attempt', p.attempt, 'analyzerId', p.analyzer_id, 'code', p.error_code, 'message', p.error_message)
    ORDER BY p.id) FROM poisoned p) AS poisoned,
  (SELECT count(*)::int FROM ended) AS ended,
  CASE WHEN NOT EXISTS (SELECT 1 FROM claimed) THEN (extract(epoch FROM LEAST((SELECT until FROM hole),
    (SELECT min(r.not_before) FROM ${inSight('$1', '$2')} r WHERE r.state = 'queued' AND r.not_before > clock_timestamp())
  ) - clock_timestamp()) * 1000)::float8 END AS due_in_ms`;

const WORK_TABLES = `
  LEFT JOIN head ON true LEFT JOIN segments s ON s.id = head.segment_id LEFT JOIN epochs e ON e.id = s.epoch_id
  LEFT JOIN streams st ON st.id = s.stream_id`;

const LEASE = `clock_timestamp() + $4::float8 * interval '1 millisecond'`;

/** A lane that bears the caller's own name is free too: one process visits a lane once at a time, so its earlier visit broke off. */
const FREE = `(l.owner IS NULL OR l.owner = EXCLUDED.owner OR l.lease_until < clock_timestamp())`;

export const ENTER_LANE = {
  name: 'lane_enter',
  text: `
WITH tried AS (
  INSERT INTO lanes AS l (stream_id, queue, owner, fence, lease_until) VALUES ($1, $2, $3, 1, ${LEASE})
  ON CONFLICT (stream_id, queue) DO UPDATE SET
    owner = CASE WHEN ${FREE} THEN EXCLUDED.owner ELSE l.owner END,
    fence = CASE WHEN ${FREE} THEN l.fence + 1 ELSE l.fence END,
    lease_until = CASE WHEN ${FREE} THEN EXCLUDED.lease_until ELSE l.lease_until END,
    rung = NOT ${FREE}
  RETURNING fence, rung
), lane AS MATERIALIZED (
  SELECT fence FROM tried WHERE NOT rung
), ${CLAIM}
SELECT tried.fence::text AS fence, tried.rung AS held, ${WORK}
FROM tried ${WORK_TABLES}`,
};

/** $7 fence. Reads `rung` in the UPDATE that would let go, so that no ring falls between looking and leaving. */
export const ADVANCE_LANE = {
  name: 'lane_advance',
  text: `
WITH lane AS MATERIALIZED (
  SELECT fence FROM lanes WHERE stream_id = $1 AND queue = $2 AND owner = $3 AND fence = $7
), ${CLAIM}, let_go AS (
  UPDATE lanes l SET
    owner = CASE WHEN l.rung THEN l.owner END,
    lease_until = CASE WHEN l.rung THEN ${LEASE} END,
    rung = false
  WHERE l.stream_id = $1 AND l.queue = $2 AND l.owner = $3 AND l.fence = $7
    AND NOT EXISTS (SELECT 1 FROM claimed) AND NOT EXISTS (SELECT 1 FROM ended)
  RETURNING l.owner IS NOT NULL AS again
)
SELECT lane.fence::text AS fence, let_go.again, ${WORK}
FROM lane LEFT JOIN let_go ON true ${WORK_TABLES}`,
};

/** $4 fence. */
export const LEAVE_LANE = {
  name: 'lane_leave',
  text: `UPDATE lanes SET owner = NULL, lease_until = NULL, rung = false WHERE stream_id = $1 AND queue = $2 AND owner = $3 AND fence = $4`,
};

/** $1 owner, $2 lease in ms, $3..$5 the lanes. A lapsed lease that nobody took over meanwhile is simply extended. */
export const RENEW_LANES = {
  name: 'lanes_renew',
  text: `
UPDATE lanes l SET lease_until = clock_timestamp() + $2::float8 * interval '1 millisecond'
FROM unnest($3::uuid[], $4::text[], $5::bigint[]) AS held(stream_id, queue, fence)
WHERE l.stream_id = held.stream_id AND l.queue = held.queue AND l.fence = held.fence AND l.owner = $1
RETURNING l.stream_id AS "streamId", l.queue, l.fence::text AS fence`,
};

/**
 * $1 queues or null, $2 how long a missing segment is waited for, in ms: by the rules of the claim, so that no lane is rung for nothing.
 * Lanes are found by leaps over the index, however many runs each has.
 */
export const IDLE_LANES = {
  name: 'lanes_idle',
  text: `
WITH RECURSIVE with_work AS (
  (SELECT stream_id, queue FROM analysis_runs WHERE ${OPEN} ORDER BY stream_id, queue LIMIT 1)
  UNION ALL
  SELECT n.stream_id, n.queue FROM with_work w, LATERAL (
    SELECT stream_id, queue FROM analysis_runs WHERE ${OPEN} AND (stream_id, queue) > (w.stream_id, w.queue) ORDER BY stream_id, queue LIMIT 1) n
)
SELECT w.stream_id AS "streamId", w.queue, head.segment_id::text AS "segmentId"
FROM with_work w LEFT JOIN lanes l ON l.stream_id = w.stream_id AND l.queue = w.queue, LATERAL (
  SELECT r.segment_id, r.epoch_id, r.sequence FROM ${inSight('w.stream_id', 'w.queue')} r
  WHERE ${IS_NEXT} ORDER BY r.epoch_ordinal, r.sequence LIMIT 1) head
WHERE ($1::text[] IS NULL OR w.queue = ANY ($1)) AND (l.owner IS NULL OR l.lease_until < clock_timestamp())
  AND NOT COALESCE(CASE WHEN ${predecessorIsMissing('head')} THEN ${waitedForUntil('head', '$2')} > clock_timestamp() END, false)`,
};

const SKIP = `
), told AS (
  INSERT INTO feed (kind, stream_id, payload) SELECT 'run.finished', stream_id, jsonb_build_object('runId', id::text) FROM skipped ORDER BY id
)
SELECT count(*)::int AS count FROM skipped`;

/** $1 greatest permitted lag in ms. A stream is live while one of its epochs is open; its age in the ledger is its lag. */
export const SKIP_OVERDUE = {
  name: 'runs_skip_overdue',
  text: `
WITH skipped AS (
  UPDATE analysis_runs r SET state = 'skipped', finished_at = clock_timestamp(),
    -- One that was given back untried was not too much: what it needed was not there.
    reason = CASE WHEN r.deferrals > 0 AND r.strategy IS NULL AND r.strategy_reason IS NOT NULL THEN 'away: ' || r.strategy_reason ELSE 'overload' END
  WHERE r.state = 'queued' AND r.created_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
    AND EXISTS (SELECT 1 FROM epochs e WHERE e.stream_id = r.stream_id AND e.state = 'open')
  RETURNING r.id, r.stream_id
${SKIP}`,
};

/** $1 analyzer ids, $2 their config hashes. */
export const SKIP_UNKNOWN = {
  name: 'runs_skip_unknown',
  text: `
WITH known AS (
  SELECT * FROM unnest($1::text[], $2::text[]) AS k(analyzer_id, config_hash)
), skipped AS (
  UPDATE analysis_runs r SET state = 'skipped', finished_at = clock_timestamp(),
    reason = CASE WHEN EXISTS (SELECT 1 FROM known k WHERE k.analyzer_id = r.analyzer_id) THEN 'config-changed' ELSE 'disabled' END
  WHERE r.state = 'queued'
    AND NOT EXISTS (SELECT 1 FROM known k WHERE k.analyzer_id = r.analyzer_id AND k.config_hash = r.config_hash)
  RETURNING r.id, r.stream_id
${SKIP}`,
};
