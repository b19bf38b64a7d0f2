import { type BlockKind, PACKED, packedColumns, type ResultKind } from './block-kinds.js';

/** Texts stay rows: they are searched by what they say. */
const ONLY: Readonly<Record<ResultKind, string>> = { detections: '', metrics: '', observations: ` AND type <> 'text'` };
/** Of a row's own JSON, in bytes; a metric has none. */
const JSON_BYTES: Readonly<Record<ResultKind, string>> = {
  detections: `octet_length(COALESCE(attributes::text, ''))`,
  metrics: '0',
  observations: 'octet_length(data::text)',
};

/** So many rows are in the hands of one process at once, and so much JSON with them; one row has 64 KiB at most. */
const ROWS_AT_ONCE = 20_000;
const SEGMENTS_AT_ONCE = 1_000;
const BYTES_AT_ONCE = 16_777_216;

const ENDED = `state NOT IN ('queued', 'running')`;
const ago = (ms: string): string => `now() - ${ms}::float8 * interval '1 millisecond'`;

/** $1 stream, $2 from when, $3 how long results stay, in ms: when the first result is that is older, in ms since 1970. */
export const firstResult = (kind: ResultKind) => ({
  name: `archive_first_${kind}`,
  text: `SELECT (extract(epoch FROM at) * 1000)::float8 AS at_ms FROM ${kind}
    WHERE stream_id = $1 AND at >= $2::timestamptz AND at < ${ago('$3')}${ONLY[kind]} ORDER BY at LIMIT 1`,
});

/** $1 stream, $2 to $3 of media, $4 how long results stay: whether it, or a run over it, has ended only just now. More may come then. */
export const IS_FRESH = {
  name: 'archive_is_fresh',
  text: `SELECT EXISTS (
    SELECT 1 FROM segments s JOIN analysis_runs r ON r.segment_id = s.id
    WHERE s.stream_id = $1 AND s.at >= $2::timestamptz - interval '1 minute' AND s.at < $3::timestamptz AND r.finished_at > ${ago('$4')}
  ) OR $3::timestamptz > ${ago('$4')} AS is_fresh`,
};

/** $1 stream, $2 an id: the stream's first run after it, if it is older than $3 ms, and when its segment is. */
export const FIRST_RUN = {
  name: 'archive_first_run',
  text: `SELECT r.id, (extract(epoch FROM s.at) * 1000)::float8 AS at_ms
    FROM (SELECT * FROM analysis_runs WHERE stream_id = $1 AND id > $2 ORDER BY id LIMIT 1) r JOIN segments s ON s.id = r.segment_id
    WHERE r.created_at < ${ago('$3')}`,
};

/** $1 stream, $2 to $3 of media, $4 how long runs stay: whether all have ended so long ago, and the last of them. */
export const RUNS_OF_WINDOW = {
  name: 'archive_runs_of_window',
  text: `SELECT bool_and(r.${ENDED} AND r.finished_at < ${ago('$4')}) AS is_over, max(r.id) AS last_id
    FROM segments s JOIN analysis_runs r ON r.segment_id = s.id
    WHERE s.stream_id = $1 AND s.at >= $2::timestamptz AND s.at < $3::timestamptz`,
};

/**
 * Takes rows of $1's media from $2 to $3 out of their table, those whose runs ended $4 ms ago or earlier, and gives exactly these. What
 * may have come meanwhile stays.
 */
export function takeOut(kind: BlockKind): string {
  const columns = packedColumns(PACKED[kind]);
  return kind === 'runs' ? takeRuns(columns) : takeResults(kind, columns);
}

const takeResults = (kind: ResultKind, columns: string): string => `
WITH due AS MATERIALIZED (
  SELECT at, run_id, ordinal, sum(${JSON_BYTES[kind]}) OVER (ORDER BY at, run_id, ordinal) AS bytes FROM ${kind}
  WHERE stream_id = $1 AND at >= $2::timestamptz AND at < $3::timestamptz${ONLY[kind]}
    -- A run may have told of media long before its own.
    AND NOT EXISTS (SELECT 1 FROM analysis_runs r WHERE r.id = run_id AND r.finished_at > ${ago('$4')})
  ORDER BY at, run_id, ordinal LIMIT ${ROWS_AT_ONCE}
), gone AS (
  DELETE FROM ${kind} t USING due
  WHERE due.bytes <= ${BYTES_AT_ONCE} AND t.run_id = due.run_id AND t.ordinal = due.ordinal AND t.at = due.at
    AND t.at >= $2::timestamptz AND t.at < $3::timestamptz
  RETURNING t.epoch_id, t.analyzer_id, ${columns}
)
SELECT * FROM gone`;

/** All runs of a segment at once: one whose runs were partly packed would be counted as two. */
const takeRuns = (columns: string): string => `
WITH due AS MATERIALIZED (
  SELECT s.id, s.at, s.pts_start_us, s.pts_end_us FROM segments s
  WHERE s.stream_id = $1 AND s.at >= $2::timestamptz AND s.at < $3::timestamptz
    AND EXISTS (SELECT 1 FROM analysis_runs r WHERE r.segment_id = s.id) ORDER BY s.at, s.id LIMIT ${SEGMENTS_AT_ONCE}
), gone AS (
  DELETE FROM analysis_runs t USING due s WHERE t.segment_id = s.id AND t.${ENDED} AND t.finished_at < ${ago('$4')}
  RETURNING t.epoch_id, t.analyzer_id, ${columns}
)
SELECT * FROM gone`;

/** A block as it is written: $1 when its window begins, in ms since 1970, then its columns. */
export const STORE_BLOCK = `
INSERT INTO ledger_archive (at, kind, stream_id, epoch_id, analyzer_id, first_key, last_key, first_run, last_run, row_count, names,
  counts, sums, lows, highs, minutes, data)
VALUES (to_timestamp($1::float8 / 1000), $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)`;
