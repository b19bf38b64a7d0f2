const ms = (column: string): string => `(extract(epoch FROM ${column}) * 1000)::float8`;
const at = (parameter: string): string => `to_timestamp(${parameter}::float8 / 1000)`;

/** As `ImportRecord` has it. */
const RECORD = `
  i.id, i.number::text, i.stream_id AS "streamId", i.name, i.path,
  i.size_bytes::float8 AS "sizeBytes", i.received_bytes::float8 AS "receivedBytes",
  i.has_file AS "hasFile", i.state, i.detail, i.error_code AS "errorCode", ${ms('i.recorded_at')} AS "recordedAtMs",
  ${ms('i.started_media_at')} AS "startedMediaAtMs", i.epoch_id AS "epochId", i.media_us::float8 AS "mediaUs",
  i.duration_us::float8 AS "durationUs", i.created_by AS "createdBy", ${ms('i.created_at')} AS "createdAtMs",
  ${ms('i.started_at')} AS "startedAtMs", ${ms('i.finished_at')} AS "finishedAtMs",
  (SELECT count(*) FILTER (WHERE r.state NOT IN ('queued','running'))::float8 / NULLIF(count(*), 0)
    FROM analysis_runs r WHERE r.stream_id = i.stream_id AND r.epoch_id = i.epoch_id) AS analysed`;

export const CREATE = {
  name: 'import_create',
  text: `
INSERT INTO imports (id, stream_id, name, path, size_bytes, received_bytes, has_file, state, recorded_at, created_by)
SELECT $1, $2, $3, $4, $5, CASE WHEN $4::text IS NULL THEN 0 ELSE $5::bigint END, $4::text IS NULL,
  CASE WHEN $4::text IS NULL THEN 'uploading' ELSE 'queued' END, ${at('$6')}, $7
WHERE (SELECT count(*) FROM imports WHERE stream_id = $2 AND state IN ('uploading','queued','running','paused')) < $8
RETURNING id`,
};

export const GET = { name: 'import_get', text: `SELECT ${RECORD} FROM imports i WHERE i.id = $1` };

export const LIST = {
  name: 'import_list',
  text: `SELECT ${RECORD} FROM imports i WHERE i.stream_id = $1 AND ($3::bigint IS NULL OR i.number < $3) ORDER BY i.number DESC LIMIT $2`,
};

export const RECEIVED = { name: 'import_received', text: `UPDATE imports SET received_bytes = $2, changed_at = now() WHERE id = $1` };

export const QUEUE = {
  name: 'import_queue',
  text: `UPDATE imports SET state = 'queued', received_bytes = size_bytes, changed_at = now() WHERE id = $1 AND state = 'uploading'
RETURNING id`,
};

export const STEP = {
  name: 'import_step',
  text: `
UPDATE imports SET state = $2, changed_at = now(), finished_at = CASE WHEN $2 = 'cancelled' THEN now() END,
  error_code = CASE WHEN $2 = 'queued' THEN NULL ELSE error_code END, detail = CASE WHEN $2 = 'queued' THEN NULL ELSE detail END
WHERE id = $1 AND state = ANY ($3::text[]) RETURNING id`,
};

export const REMOVE = {
  name: 'import_remove',
  text: `DELETE FROM imports WHERE id = $1 AND state IN ('done','failed','cancelled') AND NOT has_file RETURNING id`,
};

export const TAKE = {
  name: 'import_take',
  text: `
UPDATE imports SET state = 'running', started_at = COALESCE(started_at, now()), finished_at = NULL, changed_at = now()
WHERE id = (SELECT id FROM imports WHERE stream_id = $1 AND state IN ('queued','running')
    ORDER BY state = 'running' DESC, epoch_id IS NOT NULL DESC, number LIMIT 1)
  AND state IN ('queued','running')
RETURNING id`,
};

export const BEGUN = {
  name: 'import_begun',
  text: `UPDATE imports SET epoch_id = $2, started_media_at = ${at('$3')}, duration_us = $4, changed_at = now() WHERE id = $1`,
};

export const REACHED = {
  name: 'import_reached',
  text: `UPDATE imports SET media_us = $2, changed_at = now() WHERE id = $1 AND state = 'running' RETURNING id`,
};

export const FINISH = {
  name: 'import_finish',
  text: `
UPDATE imports SET state = $2, detail = $3, error_code = $4, finished_at = now(), changed_at = now(),
  media_us = CASE WHEN $2 = 'done' THEN GREATEST(media_us, COALESCE(duration_us, media_us)) ELSE media_us END
WHERE id = $1 AND state = 'running'`,
};

export const UNFINISHED = {
  name: 'imports_unfinished',
  text: `
SELECT i.epoch_id FROM imports i JOIN streams s ON s.id = i.stream_id AND s.deleted_at IS NULL
WHERE i.epoch_id = ANY ($1::uuid[]) AND i.state IN ('queued','running','paused')`,
};

export const TAKEN = {
  name: 'import_taken',
  text: `
SELECT ${ms('e.started_at')} AS "startedAtMs", ${ms('e.end_at')} AS "endedAtMs"
FROM (
  SELECT e.id, e.started_at, COALESCE(e.ended_at, (SELECT e.started_at + (max(s.pts_end_us) - COALESCE(e.pts_origin_us, 0))
      * interval '1 microsecond' FROM segments s WHERE s.epoch_id = e.id), e.started_at) AS end_at
  FROM epochs e WHERE e.stream_id = $1 AND e.started_at < ${at('$3')}
) e
WHERE e.end_at > ${at('$2')} AND ($4::uuid IS NULL OR e.id <> $4) ORDER BY e.started_at DESC LIMIT 1000`,
};

export const USELESS = {
  name: 'imports_useless',
  text: `
SELECT i.id FROM imports i LEFT JOIN streams s ON s.id = i.stream_id
WHERE i.has_file AND (i.state IN ('done','cancelled') OR s.deleted_at IS NOT NULL
  OR i.state = 'failed' AND i.changed_at < now() - $1::float8 * interval '1 millisecond'
  OR i.state = 'uploading' AND i.changed_at < now() - $2::float8 * interval '1 millisecond')
LIMIT 100`,
};

/** What was never whole, or whose stream is gone, is over. */
export const FILE_GONE = {
  name: 'import_file_gone',
  text: `
UPDATE imports SET has_file = false, changed_at = now(),
  finished_at = COALESCE(finished_at, now()),
  state = CASE WHEN state IN ('uploading','queued','running','paused') THEN 'cancelled' ELSE state END
WHERE id = $1`,
};
