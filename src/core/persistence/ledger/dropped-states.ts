/** The JSON null: in a checkpoint's place it says that there was one, up to where, and that no run goes on from it. */
const NO_STATE = `'null'::jsonb`;

/** Whether a checkpoint `k` is one that a run can go on from. */
export const hasState = (checkpoint: string): string => `${checkpoint}.data <> ${NO_STATE}`;

/**
 * CTEs that drop the states from which runs have failed for good: from the same state the next segment's run might fail in the same way,
 * and so on until the epoch ends. It begins afresh instead. The checkpoint's row stays, by which late segments are known. What the
 * state had open ends where its media ended: whether it lasted, nobody knows.
 * @param failed a relation with the runs' `stream_id`, `epoch_id`, `analyzer_id` and `config_hash`
 */
export const dropStates = (failed: string): string => `dropped AS (
  UPDATE analyzer_checkpoints k SET data = ${NO_STATE} FROM ${failed} f
  WHERE k.stream_id = f.stream_id AND k.analyzer_id = f.analyzer_id AND k.config_hash = f.config_hash AND k.epoch_id = f.epoch_id
    AND ${hasState('k')}
  RETURNING k.epoch_id, k.analyzer_id, k.config_hash, k.sequence
), cut_short AS (
  UPDATE events v SET state = 'closed', end_reason = 'state-lost', end_pts_us = GREATEST(v.start_pts_us, m.end_us),
    end_at = e.started_at + (GREATEST(v.start_pts_us, m.end_us) - COALESCE(e.pts_origin_us, 0)) * interval '1 microsecond'
  FROM dropped d JOIN epochs e ON e.id = d.epoch_id CROSS JOIN LATERAL (
    SELECT COALESCE(max(s.pts_end_us), 0) AS end_us FROM segments s WHERE s.epoch_id = d.epoch_id AND s.sequence = d.sequence
  ) m
  WHERE v.epoch_id = d.epoch_id AND v.analyzer_id = d.analyzer_id AND v.config_hash = d.config_hash AND v.state = 'open'
  RETURNING v.stream_id, v.id
), told_cut_short AS (
  INSERT INTO feed (kind, stream_id, payload) SELECT 'event.closed', stream_id, jsonb_build_object('eventId', id::text) FROM cut_short
    ORDER BY id
)`;
