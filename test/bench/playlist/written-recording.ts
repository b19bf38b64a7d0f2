import { randomUUID } from 'node:crypto';
import type { Ground } from '../scale/stack.js';

export interface Recording {
  readonly streamId: string;
  /** When it begins. */
  readonly fromMs: number;
}

const SEGMENT_S = 2;
const PAUSE_S = 10;

/**
 * A stream that was recorded in so many epochs until now, an event in every tenth segment. Its last epoch goes on.
 * @param segments in each epoch
 */
export async function writeRecording(
  { rows }: Pick<Ground, 'rows'>,
  name: string,
  { epochs, segments }: { readonly epochs: number; readonly segments: number },
  endMs: number,
): Promise<Recording> {
  const streamId = randomUUID();
  const epochS = segments * SEGMENT_S + PAUSE_S;
  const fromMs = endMs - (epochs * epochS - PAUSE_S) * 1000;
  await rows(`INSERT INTO streams (id, name, title, adapter_id, state) VALUES ($1, $2, $2, 'rtmp', 'live')`, [streamId, name]);
  await rows(
    `INSERT INTO epochs (id, stream_id, ordinal, ingest_id, state, started_at, ended_at, pts_origin_us, video_codec)
     SELECT gen_random_uuid(), $1, n, 'bench', CASE WHEN n = $3::int - 1 THEN 'open' ELSE 'closed' END, at,
       CASE WHEN n < $3::int - 1 THEN at + $4::int * interval '${SEGMENT_S} seconds' END, 0, 'h264'
     FROM (SELECT n, to_timestamp($2::float8 / 1000) + n * $5::int * interval '1 second' AS at FROM generate_series(0, $3::int - 1) n) e`,
    [streamId, fromMs, epochs, segments, epochS],
  );
  await rows(
    `INSERT INTO segments (stream_id, epoch_id, sequence, state, path, size_bytes, pts_start_us, pts_end_us, frame_count, keyframe_pts_us, at)
     SELECT e.stream_id, e.id, n, 'ready', e.stream_id || '/' || e.id || '/' || lpad(n::text, 6, '0') || '.ts', 500000,
       n * ${SEGMENT_S}000000::bigint, (n + 1) * ${SEGMENT_S}000000::bigint, 50, ARRAY[n * ${SEGMENT_S}000000::bigint],
       e.started_at + n * interval '${SEGMENT_S} seconds'
     FROM epochs e, generate_series(0, $2::int - 1) n WHERE e.stream_id = $1 ORDER BY e.ordinal, n`,
    [streamId, segments],
  );
  await rows(
    `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, end_pts_us, end_at,
       first_run_id, last_run_id)
     SELECT stream_id, epoch_id, 'bench', 'aa', id::text, 'motion', 'closed', pts_start_us, at, pts_end_us, at + interval '5 seconds', 1, 1
     FROM segments WHERE stream_id = $1 AND sequence % 10 = 0 ORDER BY at`,
    [streamId],
  );
  return { streamId, fromMs };
}
