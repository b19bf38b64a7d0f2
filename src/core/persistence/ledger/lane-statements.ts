import {
  claim,
  IS_NEXT,
  inSight,
  isPaused,
  ONE_BY_ONE,
  OPEN,
  predecessorIsMissing,
  RELAXED,
  waitedForUntil,
  WORK,
  WORK_TABLES,
} from './lane-claim.js';

const lease = (leaseMs: string): string => `clock_timestamp() + ${leaseMs}::float8 * interval '1 millisecond'`;

/** A lane that bears the caller's own name is free too: one process visits a lane once at a time, so its earlier visit broke off. */
const FREE = `(l.owner IS NULL OR l.owner = EXCLUDED.owner OR l.lease_until < clock_timestamp())`;

/** For any number of lanes, each named once: $1 streams, $2 queues, $3 owner, $4 lease in ms, $5 permitted attempts, $6 as below. */
export const ENTER_LANES = {
  name: 'lanes_enter',
  text: `
WITH tried AS (
  INSERT INTO lanes AS l (stream_id, queue, owner, fence, lease_until)
  SELECT stream_id, queue, $3, 1, ${lease('$4')} FROM unnest($1::uuid[], $2::text[]) AS asked(stream_id, queue) ORDER BY stream_id, queue
  ON CONFLICT (stream_id, queue) DO UPDATE SET
    owner = CASE WHEN ${FREE} THEN EXCLUDED.owner ELSE l.owner END,
    fence = CASE WHEN ${FREE} THEN l.fence + 1 ELSE l.fence END,
    lease_until = CASE WHEN ${FREE} THEN EXCLUDED.lease_until ELSE l.lease_until END,
    rung = NOT ${FREE}
  RETURNING stream_id, queue, fence, rung
), lane AS MATERIALIZED (
  SELECT stream_id, queue FROM tried WHERE NOT rung
), ${claim({ owner: '$3', attempts: '$5', gapAfterMs: '$6' })}
SELECT tried.stream_id AS lane_stream_id, tried.queue AS lane_queue, tried.fence::text AS fence, tried.rung AS held, ${WORK}
FROM tried LEFT JOIN lane ON lane.stream_id = tried.stream_id AND lane.queue = tried.queue ${WORK_TABLES}`,
};

/**
 * For any number of lanes: $1 streams, $2 queues, $3 fences, $4 owner, $5 lease in ms, $6 permitted attempts, $7 how long a missing
 * segment is waited for, in ms. Reads `rung` in the UPDATE that would release the lane, so that no ring falls between looking and
 * leaving. Lanes are locked in one order by everybody, so that no two statements wait for each other.
 */
export const ADVANCE_LANES = {
  name: 'lanes_advance',
  text: `
WITH lane AS MATERIALIZED (
  SELECT l.stream_id, l.queue, l.fence
  FROM unnest($1::uuid[], $2::text[], $3::bigint[]) AS held(stream_id, queue, fence) CROSS JOIN LATERAL (
    SELECT * FROM lanes o WHERE o.stream_id = held.stream_id AND o.queue = held.queue AND o.owner = $4
      AND o.fence = held.fence ${ONE_BY_ONE}) l
), ${claim({ owner: '$4', attempts: '$6', gapAfterMs: '$7' })}, leaving AS MATERIALIZED (
  SELECT l.stream_id, l.queue FROM lanes l
  WHERE (l.stream_id, l.queue) IN (SELECT stream_id, queue FROM nothing) ORDER BY l.stream_id, l.queue FOR NO KEY UPDATE
), let_go AS (
  UPDATE lanes l SET
    owner = CASE WHEN l.rung THEN l.owner END,
    lease_until = CASE WHEN l.rung THEN ${lease('$5')} END,
    rung = false
  FROM leaving JOIN lane ON lane.stream_id = leaving.stream_id AND lane.queue = leaving.queue
  WHERE l.stream_id = leaving.stream_id AND l.queue = leaving.queue AND l.owner = $4 AND l.fence = lane.fence
  RETURNING l.stream_id, l.queue, l.owner IS NOT NULL AS again
)
SELECT lane.stream_id AS lane_stream_id, lane.queue AS lane_queue, lane.fence::text AS fence, let_go.again, ${WORK}
FROM lane LEFT JOIN let_go ON let_go.stream_id = lane.stream_id AND let_go.queue = lane.queue ${WORK_TABLES}`,
};

/** $4 fence, $5 whether whoever leaves rings for what is left. */
export const LEAVE_LANE = {
  name: 'lane_leave',
  text: `
WITH let_go AS (
  UPDATE lanes SET owner = NULL, lease_until = NULL, rung = $5 WHERE stream_id = $1 AND queue = $2 AND owner = $3 AND fence = $4
)
SELECT ${RELAXED}`,
};

/** $1 owner, $2 lease in ms, $3..$5 the lanes. A lapsed lease that nobody took over meanwhile is simply extended. */
export const RENEW_LANES = {
  name: 'lanes_renew',
  text: `
WITH held AS MATERIALIZED (
  SELECT l.stream_id, l.queue FROM unnest($3::uuid[], $4::text[], $5::bigint[]) AS asked(stream_id, queue, fence)
  JOIN lanes l ON l.stream_id = asked.stream_id AND l.queue = asked.queue AND l.fence = asked.fence AND l.owner = $1
  ORDER BY l.stream_id, l.queue FOR NO KEY UPDATE OF l
), relaxed AS MATERIALIZED (
  SELECT ${RELAXED}
)
UPDATE lanes l SET lease_until = ${lease('$2')} FROM held, relaxed WHERE l.stream_id = held.stream_id AND l.queue = held.queue
  AND l.owner = $1
RETURNING l.stream_id AS "streamId", l.queue, l.fence::text AS fence`,
};

/** A stream whose media is past when it comes: $n its adapters. */
const isBackground = (streamId: string, adapters: string): string =>
  `EXISTS (SELECT 1 FROM streams b WHERE b.id = ${streamId} AND b.adapter_id = ANY (${adapters}::text[]) ${ONE_BY_ONE})`;

/**
 * $1 queues or null, $2 how long a missing segment is waited for, in ms: by the rules of the claim, so that no lane is rung for nothing.
 * $3 adapters whose streams are background work, $4 whether those are wanted, or all others. Lanes are found by leaps over the index,
 * however many runs each has.
 */
export const IDLE_LANES = {
  name: 'lanes_idle',
  text: `
WITH RECURSIVE with_work AS (
  (SELECT stream_id, queue FROM analysis_runs WHERE ${OPEN} ORDER BY stream_id, queue LIMIT 1)
  UNION ALL
  SELECT n.stream_id, n.queue FROM with_work w, LATERAL (
    SELECT stream_id, queue FROM analysis_runs WHERE ${OPEN} AND (stream_id, queue) > (w.stream_id, w.queue) ORDER BY stream_id, queue
      LIMIT 1) n
)
SELECT w.stream_id AS "streamId", w.queue, head.segment_id::text AS "segmentId"
FROM with_work w LEFT JOIN lanes l ON l.stream_id = w.stream_id AND l.queue = w.queue, LATERAL (
  SELECT r.segment_id, r.epoch_id, r.sequence FROM ${inSight('w.stream_id', 'w.queue')} r
  WHERE ${IS_NEXT} ORDER BY r.epoch_ordinal, r.sequence LIMIT 1) head
WHERE ($1::text[] IS NULL OR w.queue = ANY ($1)) AND ${isBackground('w.stream_id', '$3')} = $4::boolean
  AND (l.owner IS NULL OR l.lease_until < clock_timestamp()) AND NOT ${isPaused('w.queue')}
  AND NOT COALESCE(CASE WHEN ${predecessorIsMissing('head')} THEN ${waitedForUntil('head', '$2')} > clock_timestamp() END, false)`,
};

const SKIP = `
), told AS (
  INSERT INTO feed (kind, stream_id, payload) SELECT 'run.finished', stream_id, jsonb_build_object('runId', id::text) FROM skipped
    ORDER BY id
)
SELECT count(*)::int AS count FROM skipped`;

/**
 * $1 greatest permitted lag in ms, $2 adapters whose streams are background work, which is never late. A stream is live while one of its
 * epochs is open; its age in the ledger is its lag.
 */
export const SKIP_OVERDUE = {
  name: 'runs_skip_overdue',
  text: `
WITH skipped AS (
  UPDATE analysis_runs r SET state = 'skipped', finished_at = clock_timestamp(),
    -- One that was given back untried was not too much: what it needed was not there.
    reason = CASE WHEN ${isPaused('r.queue')} THEN 'paused'
      WHEN r.deferrals > 0 AND r.strategy IS NULL AND r.strategy_reason IS NOT NULL THEN 'away: ' || r.strategy_reason
      ELSE 'overload' END
  WHERE r.state = 'queued' AND r.created_at < clock_timestamp() - $1::float8 * interval '1 millisecond'
    AND EXISTS (SELECT 1 FROM epochs e WHERE e.stream_id = r.stream_id AND e.state = 'open')
    AND NOT ${isBackground('r.stream_id', '$2')}
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
