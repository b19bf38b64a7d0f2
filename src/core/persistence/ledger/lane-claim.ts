import { dropStates, hasState } from './dropped-states.js';

/**
 * What a lane offers next, as parts of statements.
 *
 * A lane's holder is alone with its runs: whatever is `running` when it claims was left by a holder that died, and is
 * claimed again. What was left `running` at the last permitted attempt has taken its holder down every time: it is poison.
 */

/**
 * At the end of a subquery: it is asked for each row by itself, by a key. Left to choose, a planner that has no statistics yet (a new
 * database, for its first minute) reads a whole table once instead, and keeps to that plan while the table grows.
 */
export const ONE_BY_ONE = 'OFFSET 0';

/**
 * Among a statement's columns: its commit need not reach the disk before the answer comes. For what may be forgotten when the server dies,
 * because it is then found out anew; whatever is committed durably later takes it to the disk as well.
 */
export const RELAXED = `set_config('synchronous_commit', 'off', true) AS relaxed`;

export const OPEN = `state IN ('queued', 'running')`;

/**
 * Without a row and not told to be missing: the segment before the one `at` is at. Asked for in order, which only the index by sequence
 * gives: without statistics the one by pts looks as good, and passes all of an epoch.
 */
export const predecessorIsMissing = (at: string): string => `${at}.sequence > 0
  AND NOT EXISTS (SELECT 1 FROM segments p WHERE p.epoch_id = ${at}.epoch_id AND p.sequence >= ${at}.sequence - 1
    AND p.sequence < ${at}.sequence ORDER BY p.sequence LIMIT 1 ${ONE_BY_ONE})
  AND NOT EXISTS (SELECT 1 FROM gaps g WHERE g.epoch_id = ${at}.epoch_id AND g.after_sequence < ${at}.sequence - 1
    AND g.after_sequence + g.missing_sequences >= ${at}.sequence - 1 ORDER BY g.after_sequence LIMIT 1 ${ONE_BY_ONE})`;

/** Until when that one is waited for: counted from when the ledger first knew of a segment beyond it, so that holes do not add up. */
export const waitedForUntil = (at: string, gapAfterMs: string): string => `(
  SELECT min(n.registered_at) + ${gapAfterMs}::float8 * interval '1 millisecond' FROM segments n
    WHERE n.epoch_id = ${at}.epoch_id AND n.sequence >= ${at}.sequence)`;

/** The analyzer (or the stage behind it) has been past the run's segment: it sees time in one direction only. */
export const IS_LATE = `EXISTS (
  SELECT 1 FROM analyzer_checkpoints k JOIN epochs ke ON ke.id = k.epoch_id
  WHERE k.stream_id = r.stream_id AND k.analyzer_id = r.analyzer_id AND k.config_hash = r.config_hash
    AND (ke.ordinal, k.sequence) >= (r.epoch_ordinal, r.sequence) ${ONE_BY_ONE})`;

/** Somebody let the queue rest: nothing of it is begun, by whatever way it is asked for. */
export const isPaused = (queue: string): string => `EXISTS (SELECT FROM queue_pauses p WHERE p.queue = ${queue} ${ONE_BY_ONE})`;

/** As far as is looked into a lane for a run whose turn it is: behind so many that wait, others wait too. */
const IN_SIGHT_RUNS = 1_000;

/**
 * The run's turn: it waits for no moment, and its analyzer has no run of an earlier segment left in the lane. So an analyzer's segments
 * come in order, and one that waits (for its next attempt, for its strategy) holds up none of the others.
 */
export const IS_NEXT = `(r.not_before IS NULL OR r.not_before <= clock_timestamp() OR r.state = 'running')
    AND NOT EXISTS (SELECT 1 FROM analysis_runs b WHERE b.stream_id = r.stream_id AND b.queue = r.queue AND b.${OPEN}
      AND b.analyzer_id = r.analyzer_id AND (b.epoch_ordinal, b.sequence) < (r.epoch_ordinal, r.sequence) ${ONE_BY_ONE})`;

export const inSight = (streamId: string, queue: string): string => `(SELECT * FROM analysis_runs o
    WHERE o.stream_id = ${streamId} AND o.queue = ${queue} AND o.${OPEN} ORDER BY o.epoch_ordinal, o.sequence LIMIT ${IN_SIGHT_RUNS})`;

const sameLane = (one: string, other: string): string => `${one}.stream_id = ${other}.stream_id AND ${one}.queue = ${other}.queue`;

/**
 * CTEs that claim the next segment of each lane in the CTE `lane` (stream_id, queue). `hole` is worked out in two steps so that the
 * ordinary segment pays for one look at its predecessor and no more.
 * @param attempts permitted ones
 * @param gapAfterMs how long a missing segment is waited for
 */
export const claim = ({ owner, attempts, gapAfterMs }: { owner: string; attempts: string; gapAfterMs: string }): string => `
head AS MATERIALIZED (
  SELECT lane.stream_id, lane.queue, r.segment_id, r.epoch_id, r.epoch_ordinal, r.sequence FROM lane CROSS JOIN LATERAL (
    SELECT * FROM ${inSight('lane.stream_id', 'lane.queue')} r WHERE ${IS_NEXT} ORDER BY r.epoch_ordinal, r.sequence LIMIT 1) r
  WHERE NOT ${isPaused('lane.queue')}
), missing AS MATERIALIZED (
  SELECT head.stream_id, head.queue, ${waitedForUntil('head', gapAfterMs)} AS until FROM head WHERE ${predecessorIsMissing('head')}
), hole AS MATERIALIZED (
  SELECT * FROM missing WHERE until > clock_timestamp()
), turn AS MATERIALIZED (
  SELECT r.id, r.state, r.attempt, CASE
      WHEN r.state = 'running' AND r.attempt - r.deferrals >= ${attempts} THEN 'poison'
      WHEN NOT (${IS_NEXT}) THEN 'waits'
      WHEN ${IS_LATE} THEN 'late'
      WHEN EXISTS (SELECT 1 FROM hole WHERE ${sameLane('hole', 'head')}) THEN 'waits'
      ELSE 'next' END AS fate
  FROM head CROSS JOIN LATERAL (
    SELECT * FROM analysis_runs o WHERE ${sameLane('o', 'head')} AND o.${OPEN} AND o.epoch_ordinal = head.epoch_ordinal
      AND o.sequence = head.sequence ${ONE_BY_ONE}) r
), claimed AS (
  UPDATE analysis_runs r SET state = 'running', attempt = r.attempt + 1, owner = ${owner}, started_at = clock_timestamp(), not_before = NULL
  FROM turn WHERE turn.fate = 'next' AND r.id = turn.id AND r.state = turn.state AND r.attempt = turn.attempt
  RETURNING r.id, r.attempt, r.deferrals, turn.state = 'running' AS was_left,
    r.stream_id, r.queue, r.epoch_id, r.sequence, r.analyzer_id, r.analyzer_version, r.config_hash
), ended AS (
  UPDATE analysis_runs r SET finished_at = clock_timestamp(), state = CASE turn.fate WHEN 'late' THEN 'skipped' ELSE 'failed' END,
    reason = CASE turn.fate WHEN 'late' THEN 'late' END, error_code = CASE turn.fate WHEN 'poison' THEN 'VD_PIPELINE_POISON' END,
    error_message = CASE turn.fate WHEN 'poison' THEN
      'Its worker died ' || r.attempt - r.deferrals || ' times while this segment was being analysed' END
  FROM turn WHERE turn.fate IN ('late', 'poison') AND r.id = turn.id AND r.state = turn.state AND r.attempt = turn.attempt
  RETURNING r.id, r.stream_id, r.queue, r.epoch_id, r.analyzer_id, r.config_hash, r.attempt, r.state, r.error_code, r.error_message
), poisoned AS MATERIALIZED (
  SELECT * FROM ended WHERE state = 'failed'
), ${dropStates('poisoned')}, told AS (
  INSERT INTO feed (kind, stream_id, payload) SELECT 'run.finished', stream_id, jsonb_build_object('runId', id::text) FROM ended
), nothing AS MATERIALIZED (
  SELECT lane.stream_id, lane.queue FROM lane
  WHERE NOT EXISTS (SELECT 1 FROM claimed c WHERE ${sameLane('c', 'lane')} ${ONE_BY_ONE})
    AND NOT EXISTS (SELECT 1 FROM ended WHERE ${sameLane('ended', 'lane')} ${ONE_BY_ONE})
)`;

/** What became of each lane: columns and tables to go with `FROM lane`. */
export const WORK = `
  head.segment_id, w.*,
  (SELECT json_agg(json_build_object(
     'runId', c.id::text, 'attempt', c.attempt, 'deferrals', c.deferrals, 'wasLeft', c.was_left,
     'analyzerId', c.analyzer_id, 'analyzerVersion', c.analyzer_version, 'configHash', c.config_hash,
     'checkpoint', (SELECT json_build_object('epochId', k.epoch_id, 'sequence', k.sequence, 'data', k.data) FROM analyzer_checkpoints k
       WHERE k.stream_id = c.stream_id AND k.analyzer_id = c.analyzer_id AND k.config_hash = c.config_hash
         AND k.epoch_id = c.epoch_id AND k.sequence < c.sequence
           AND ${hasState('k')})) ORDER BY c.id) FROM claimed c WHERE ${sameLane('c', 'lane')}) AS runs,
  (SELECT json_agg(json_build_object('runId', p.id::text, 'attempt', p.attempt, 'analyzerId', p.analyzer_id, 'code', p.error_code,
    'message', p.error_message)
     ORDER BY p.id) FROM poisoned p WHERE ${sameLane('p', 'lane')}) AS poisoned,
  (SELECT count(*)::int FROM ended WHERE ${sameLane('ended', 'lane')}) AS ended,
  CASE WHEN EXISTS (SELECT 1 FROM nothing WHERE ${sameLane('nothing', 'lane')}) THEN (extract(epoch FROM LEAST(
    (SELECT until FROM hole WHERE ${sameLane('hole', 'lane')}),
    (SELECT min(r.not_before) FROM ${inSight('lane.stream_id', 'lane.queue')} r WHERE r.state = 'queued'
      AND r.not_before > clock_timestamp())
  ) - clock_timestamp()) * 1000)::float8 END AS due_in_ms, ${RELAXED}`;

/** What a job needs to know of a segment. */
export const segmentFacts = (segmentId: string): string => `
    SELECT st.name AS stream_name, st.private AS is_private, e.ingest_id AS node_id, s.epoch_id, s.sequence, s.path, s.size_bytes,
      s.pts_start_us,
      s.pts_end_us, s.frame_count, COALESCE(array_length(s.keyframe_pts_us, 1), 0) AS keyframe_count,
      (extract(epoch FROM e.started_at) * 1000)::float8 AS started_at_ms,
      (extract(epoch FROM clock_timestamp() - s.registered_at) * 1000)::float8 AS waited_ms, e.pts_origin_us,
        e.state = 'closed' AS epoch_closed,
      e.width_px, e.height_px, e.video_codec,
      e.state = 'closed' AND NOT EXISTS (SELECT 1 FROM segments n WHERE n.epoch_id = s.epoch_id AND n.sequence > s.sequence
        ORDER BY n.sequence LIMIT 1 ${ONE_BY_ONE}) AS last_of_epoch
    FROM segments s JOIN epochs e ON e.id = s.epoch_id JOIN streams st ON st.id = s.stream_id WHERE s.id = ${segmentId}
      LIMIT 1`;

export const WORK_TABLES = `
  LEFT JOIN head ON ${sameLane('head', 'lane')}
  LEFT JOIN LATERAL (${segmentFacts('head.segment_id')}) w ON true`;
