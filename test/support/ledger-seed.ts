import { randomUUID } from 'node:crypto';
import type pg from 'pg';

const DAY_MS = 86_400_000;

/** The node that seeded epochs are of; `ApiApp` has its media folder. */
export const TEST_NODE_ID = '00000000-0000-4000-8000-00000000feed';

/** Writes ledger rows as ingest and workers leave them, feed rows included, for tests that are about reading. */
export class LedgerSeed {
  private streams = 0;

  constructor(private readonly sql: pg.Pool) {}

  async stream(options: { name?: string; private?: boolean; state?: string; adapterId?: string } = {}): Promise<string> {
    const id = randomUUID();
    this.streams += 1;
    await this.sql.query(
      `WITH made AS (INSERT INTO streams (id, name, title, adapter_id, source_config, private, state)
        VALUES ($1, $2, 'A <b>title</b>', $3, '{"device":"secret"}', $4, $5))
       INSERT INTO feed (kind, stream_id) VALUES ('stream.changed', $1)`,
      [id, options.name ?? `stream-${this.streams}`, options.adapterId ?? 'rtmp', options.private ?? false, options.state ?? 'live'],
    );
    await this.ring();
    return id;
  }

  async epoch(
    streamId: string,
    options: { ordinal?: number; startedAt?: Date; state?: 'open' | 'closed'; ptsOriginUs?: number; nodeId?: string } = {},
  ): Promise<string> {
    const id = randomUUID();
    await this.sql.query(
      `WITH made AS (
         INSERT INTO epochs (id, stream_id, ordinal, ingest_id, state, started_at, pts_origin_us, video_codec, width_px, height_px)
         VALUES ($1, $2, $3, $7, $4, $5, $6, 'h264', 1280, 720))
       INSERT INTO feed (kind, stream_id, payload) VALUES ('epoch.opened', $2, jsonb_build_object('epochId', $1::text))`,
      [
        id,
        streamId,
        options.ordinal ?? 0,
        options.state ?? 'open',
        options.startedAt ?? new Date(Date.now() - 60_000),
        options.ptsOriginUs ?? 1_400_000,
        options.nodeId ?? TEST_NODE_ID,
      ],
    );
    await this.ring();
    return id;
  }

  /** Two seconds of media each. */
  async segment(streamId: string, epochId: string, sequence: number, state: 'ready' | 'unreadable' | 'deleted' = 'ready'): Promise<string> {
    const { rows } = await this.sql.query<{ id: string }>(
      `WITH e AS (SELECT * FROM epochs WHERE id = $2::uuid), made AS (
         INSERT INTO segments (stream_id, epoch_id, sequence, state, path, size_bytes, pts_start_us, pts_end_us, frame_count,
           keyframe_pts_us, at)
         SELECT $1::uuid, $2::uuid, $3::int, $4, $1::text || '/' || $2::text || '/' || lpad($3::int::text, 6, '0') || '.ts', 1000,
           e.pts_origin_us + $3::int * 2000000::bigint, e.pts_origin_us + ($3::int + 1) * 2000000::bigint, 60,
             ARRAY[e.pts_origin_us + $3::int * 2000000::bigint],
           e.started_at + $3::int * interval '2 seconds' FROM e RETURNING id),
       told AS (INSERT INTO feed (kind, stream_id, payload) SELECT 'segment.ready', $1::uuid, jsonb_build_object('segmentId', id) FROM made)
       SELECT id FROM made`,
      [streamId, epochId, sequence, state],
    );
    await this.ring();
    return rows[0]!.id;
  }

  /** Ends the events that a run left, as the end of their epoch does. */
  async endEvents(runId: string): Promise<void> {
    await this.sql.query(
      `WITH ended AS (
         UPDATE events SET state = 'closed', end_reason = 'epoch-ended', end_pts_us = start_pts_us + 1, end_at = start_at
         WHERE last_run_id = $1 RETURNING id, stream_id)
       INSERT INTO feed (kind, stream_id, payload) SELECT 'event.closed', stream_id, jsonb_build_object('eventId', id) FROM ended`,
      [runId],
    );
    await this.ring();
  }

  /** A finished run with one detection and one metric per given label, and an event. */
  async run(
    segmentId: string,
    labels: readonly string[] = ['cat'],
    options: { analyzerId?: string; score?: number; on?: pg.PoolClient } = {},
  ): Promise<string> {
    const analyzerId = options.analyzerId ?? 'vedette.test.look';
    const on = options.on ?? this.sql;
    const { rows } = await on.query<{ id: string }>(
      `INSERT INTO analysis_runs (segment_id, stream_id, epoch_id, epoch_ordinal, sequence, queue, analyzer_id, analyzer_version,
        config_hash, state, attempt,
         frames_seen, frames_expected, result_count, wall_ms, cpu_ms, finished_at)
       SELECT id, stream_id, epoch_id, (SELECT ordinal FROM epochs e
         WHERE e.id = epoch_id), sequence, 'default', $2, '1.0.0', '0123456789abcdef', 'done', 1, 60, 60, $3, 12.5, 10, now()
           FROM segments WHERE id = $1
       RETURNING id`,
      [segmentId, analyzerId, labels.length * 2 + 1],
    );
    const runId = rows[0]!.id;
    await on.query(
      `INSERT INTO detections (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, label, score, x, y, width, height)
       SELECT s.at + (n - 1) * interval '100 milliseconds', $2, n - 1, s.stream_id, s.epoch_id, $3, s.pts_start_us + (n - 1) * 100000,
         label, $5, 0.1, 0.2, 0.3, 0.4
       FROM segments s, unnest($4::text[]) WITH ORDINALITY AS l(label, n) WHERE s.id = $1`,
      [segmentId, runId, analyzerId, labels, options.score ?? 0.75],
    );
    await on.query(
      `INSERT INTO metrics (at, run_id, ordinal, stream_id, epoch_id, analyzer_id, pts_us, name, unit, value)
       SELECT s.at + (n - 1) * interval '100 milliseconds', $2, $5 + n - 1, s.stream_id, s.epoch_id, $3,
         s.pts_start_us + (n - 1) * 100000, 'brightness', '0..1', 0.5
       FROM segments s, unnest($4::text[]) WITH ORDINALITY AS l(label, n) WHERE s.id = $1`,
      [segmentId, runId, analyzerId, labels, labels.length],
    );
    await on.query(
      `INSERT INTO events (stream_id, epoch_id, analyzer_id, config_hash, key, name, state, start_pts_us, start_at, first_run_id,
        last_run_id)
       SELECT s.stream_id, s.epoch_id, $3, '0123456789abcdef', 'k' || s.id, 'seen', 'open', s.pts_start_us, s.at, $2, $2 FROM segments s
         WHERE s.id = $1`,
      [segmentId, runId, analyzerId],
    );
    await on.query(
      `INSERT INTO feed (kind, stream_id, payload) SELECT 'run.finished', stream_id, jsonb_build_object('runId', $2::bigint)
        FROM segments WHERE id = $1`,
      [segmentId, runId],
    );
    if (options.on === undefined) await this.ring();
    return runId;
  }

  /** Days without their partition take no results; makes those around `at`. */
  async partitions(at = new Date()): Promise<void> {
    for (const table of ['detections', 'metrics', 'observations']) {
      for (const offset of [-1, 0, 1]) {
        const day = new Date(Math.floor(at.getTime() / DAY_MS + offset) * DAY_MS).toISOString().slice(0, 10);
        const next = new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);
        await this.sql.query(
          `CREATE TABLE IF NOT EXISTS ${table}_${day.replaceAll('-', '_')} PARTITION OF ${table} FOR VALUES FROM ('${day} 00:00+00') TO ('${next} 00:00+00')`,
        );
      }
    }
  }

  async ring(): Promise<void> {
    await this.sql.query("SELECT pg_notify('vedette_feed', '')");
  }
}
