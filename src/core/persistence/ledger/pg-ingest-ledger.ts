import { Injectable } from '@nestjs/common';
import type { StreamAssignment } from '../../plugin-host/stream-assignments.js';
import type { FrameLoss } from '../../plugin-api/index.js';
import { ledgerError } from '../../errors/ledger.errors.js';
import { FeedBell } from '../notify/feed-bell.js';
import { Coalescer } from '../coalescer.js';
import { Database } from '../database.js';
import { sqlState } from '../sql-errors.js';
import { EpochEvents } from './epoch-events.js';
import {
  type EpochGap,
  type EpochMedia,
  type EpochRecord,
  IngestLedger,
  type OpenedEpoch,
  type PendingJob,
  type ProbedSegment,
} from './ingest-ledger.js';
import { registerAll, type Registration } from './register-segments.js';

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const MOST_EPOCHS_AT_ONCE = 64;

interface EpochRow {
  id: string;
  stream_id: string;
  ordinal: number;
  started_at_ms: number;
  state: 'open' | 'closed';
  ingest_id: string;
  pts_origin_us: string | null;
  last_sequence: number;
  last_pts_end_us: string | null;
}

const EPOCH_COLUMNS = `
  e.id, e.stream_id, e.ordinal, (extract(epoch FROM e.started_at) * 1000)::float8 AS started_at_ms, e.state, e.ingest_id, e.pts_origin_us,
  COALESCE((SELECT max(s.sequence) FROM segments s WHERE s.epoch_id = e.id), -1) AS last_sequence,
  (SELECT s.pts_end_us FROM segments s WHERE s.epoch_id = e.id AND s.state <> 'unreadable' ORDER BY s.sequence DESC
    LIMIT 1) AS last_pts_end_us`;

/**
 * {@link IngestLedger} in PostgreSQL. Each method is one statement, hence one transaction; segments that come at the same time share
 * one.
 */
@Injectable()
export class PgIngestLedger extends IngestLedger {
  private readonly registrations = new Coalescer((batch: readonly Registration[]) => registerAll(this.sql, batch), {
    most: MOST_EPOCHS_AT_ONCE,
    key: ({ epochId }) => epochId,
  });

  constructor(
    private readonly sql: Database,
    private readonly bell: FeedBell,
    private readonly events: EpochEvents,
  ) {
    super();
  }

  async openEpoch(input: { streamId: string; epochId: string; startedAtMs: number; ingestId: string }): Promise<OpenedEpoch> {
    // Two epochs of one stream opened at once want the same ordinal: the loser takes the next.
    for (let attempt = 0; ; attempt++) {
      try {
        const [row] = await this.sql.rows<EpochRow>(OPEN_EPOCH, [input.epochId, input.streamId, input.startedAtMs, input.ingestId]);
        this.bell.ring();
        if (row !== undefined) return { epochId: row.id, streamId: row.stream_id, ordinal: row.ordinal, startedAtMs: row.started_at_ms };
        const known = await this.epoch(input.epochId);
        if (known !== null) return known;
      } catch (error) {
        if (sqlState(error) === FOREIGN_KEY_VIOLATION)
          throw ledgerError('VD_STREAM_NOT_FOUND', `No stream ${input.streamId} to open an epoch of`, { cause: error });
        if (sqlState(error) !== UNIQUE_VIOLATION || attempt >= 10) throw error;
      }
    }
  }

  async setEpochMedia(epochId: string, media: EpochMedia): Promise<void> {
    const { videoCodec, audioCodec, widthPx, heightPx, videoFormat, ptsOriginUs } = media;
    const { profileIdc = null, chroma = null, bitDepth = null, frameRateFps = null } = videoFormat ?? {};
    const values = [videoCodec, audioCodec, widthPx, heightPx, ptsOriginUs, profileIdc, chroma, bitDepth, frameRateFps];
    await this.sql.rows(SET_MEDIA, [epochId, ...values]);
    this.bell.ring();
  }

  async closeEpoch(epochId: string, reason: string, endedAtMs?: number): Promise<void> {
    await this.sql.rows(CLOSE_EPOCH, [epochId, reason, endedAtMs ?? null]);
    this.bell.ring();
    await this.events.endLeftOpen(epochId);
  }

  async registerSegments(
    epochId: string,
    segments: readonly ProbedSegment[],
    assignments: readonly StreamAssignment[],
  ): Promise<PendingJob[]> {
    if (segments.length === 0) return [];
    const jobs = await this.registrations.do({ epochId, segments, assignments });
    if (jobs === null) throw ledgerError('VD_EPOCH_NOT_FOUND', `No epoch ${epochId} to register segments of`);
    this.bell.ring();
    return jobs;
  }

  async moveSegmentEnd(epochId: string, sequence: number, ptsEndUs: number): Promise<void> {
    await this.sql.rows(MOVE_END, [epochId, sequence, ptsEndUs]);
  }

  async recordGap(gap: EpochGap): Promise<void> {
    const { epochId, afterSequence, missingSequences, fromPtsUs, toPtsUs, reason, videoFrames = null, audioFrames = null } = gap;
    await this.sql.rows(RECORD_GAP, [
      ...[epochId, afterSequence, missingSequences, fromPtsUs, toPtsUs],
      ...[reason, videoFrames, audioFrames],
    ]);
  }

  async addLoss({ streamId, epochId }: { streamId: string; epochId?: string }, loss: FrameLoss): Promise<boolean> {
    const { reason, videoFrames, audioFrames } = loss;
    return (await this.sql.rows(ADD_LOSS, [streamId, epochId ?? null, reason, videoFrames, audioFrames])).length > 0;
  }

  async registeredSequences(epochId: string): Promise<number[]> {
    const rows = await this.sql.rows<{ sequence: number }>(
      { name: 'registered_sequences', text: 'SELECT sequence FROM segments WHERE epoch_id = $1 ORDER BY sequence' },
      [epochId],
    );
    return rows.map((row) => row.sequence);
  }

  async epoch(epochId: string): Promise<EpochRecord | null> {
    const [row] = await this.sql.rows<EpochRow>({ name: 'epoch', text: `SELECT ${EPOCH_COLUMNS} FROM epochs e WHERE e.id = $1` }, [
      epochId,
    ]);
    return row === undefined ? null : epochRecord(row);
  }

  async openEpochs(ingestId?: string): Promise<EpochRecord[]> {
    const rows = await this.sql.rows<EpochRow>(
      {
        name: 'open_epochs',
        text: `SELECT ${EPOCH_COLUMNS} FROM epochs e WHERE e.state = 'open' AND ($1::text IS NULL OR e.ingest_id = $1)
          ORDER BY e.started_at, e.id`,
      },
      [ingestId ?? null],
    );
    return rows.map(epochRecord);
  }

  async closeLost(ingestId: string): Promise<string[]> {
    const closed = (await this.sql.rows<{ id: string }>(CLOSE_LOST, [ingestId])).map(({ id }) => id);
    if (closed.length > 0) this.bell.ring();
    for (const epochId of closed) await this.events.endLeftOpen(epochId);
    return closed;
  }
}

function epochRecord(row: EpochRow): EpochRecord {
  return {
    epochId: row.id,
    streamId: row.stream_id,
    ordinal: row.ordinal,
    startedAtMs: row.started_at_ms,
    state: row.state,
    ingestId: row.ingest_id,
    ptsOriginUs: row.pts_origin_us === null ? null : Number(row.pts_origin_us),
    lastSequence: row.last_sequence,
    lastPtsEndUs: row.last_pts_end_us === null ? null : Number(row.last_pts_end_us),
  };
}

const OPEN_EPOCH = {
  name: 'open_epoch',
  text: `
WITH opened AS (
  INSERT INTO epochs (id, stream_id, ordinal, started_at, ingest_id, state, end_reason, ended_at)
  SELECT $1, $2, COALESCE((SELECT max(ordinal) + 1 FROM epochs WHERE stream_id = $2), 0), to_timestamp($3::float8 / 1000), $4,
    CASE WHEN lost.so THEN 'closed' ELSE 'open' END, CASE WHEN lost.so THEN 'ingest-lost' END, CASE
      WHEN lost.so THEN to_timestamp($3::float8 / 1000) END
  FROM (SELECT EXISTS (SELECT 1 FROM stream_owners o WHERE o.stream_id = $2 AND o.node_id <> $4 AND o.lease_until > now()) AS so) lost
  WHERE NOT EXISTS (SELECT 1 FROM epochs WHERE id = $1)
  RETURNING id, stream_id, ordinal, (extract(epoch FROM started_at) * 1000)::float8 AS started_at_ms
), told AS (
  INSERT INTO feed (kind, stream_id, payload) SELECT 'epoch.opened', stream_id, jsonb_build_object('epochId', id) FROM opened
)
SELECT * FROM opened`,
};

// The origin is what every `at` is counted from: once set it stays.
const SET_MEDIA = {
  name: 'set_epoch_media',
  text: `
WITH changed AS (
  UPDATE epochs SET video_codec = $2, audio_codec = $3, width_px = $4, height_px = $5, pts_origin_us = COALESCE(pts_origin_us, $6),
    video_profile_idc = $7, chroma = $8, bit_depth = $9, declared_fps = $10
  WHERE id = $1 AND (video_codec, audio_codec, width_px, height_px) IS DISTINCT FROM ($2::text, $3::text, $4::int, $5::int)
     OR id = $1 AND pts_origin_us IS NULL
  RETURNING stream_id
)
INSERT INTO feed (kind, stream_id) SELECT 'stream.changed', stream_id FROM changed`,
};

/** When the media of epoch `e` ends, as far as it is registered. */
const MEDIA_END = `
    (SELECT e.started_at + (max(s.pts_end_us) - COALESCE(e.pts_origin_us, 0)) * interval '1 microsecond'
     FROM segments s WHERE s.epoch_id = e.id AND s.state <> 'unreadable')`;

// One that was closed as lost keeps that reason, and ends where its media turned out to end.
const CLOSE_EPOCH = {
  name: 'close_epoch',
  text: `
WITH media AS (
  SELECT e.id, COALESCE(to_timestamp($3::float8 / 1000), ${MEDIA_END}) AS end_at FROM epochs e WHERE e.id = $1
), closed AS (
  UPDATE epochs e SET state = 'closed', end_reason = COALESCE(e.end_reason, $2), ended_at = COALESCE(media.end_at, now())
  FROM media
  WHERE e.id = media.id AND (e.state = 'open' OR e.end_reason = 'ingest-lost' AND media.end_at > e.ended_at)
  RETURNING e.id, e.stream_id
)
INSERT INTO feed (kind, stream_id, payload) SELECT 'epoch.closed', stream_id, jsonb_build_object('epochId', id) FROM closed`,
};

const CLOSE_LOST = {
  name: 'close_lost_epochs',
  text: `
WITH lost AS (
  SELECT e.id, COALESCE(${MEDIA_END}, e.started_at) AS end_at
  FROM epochs e JOIN ingest_nodes n ON n.id = e.ingest_id
  WHERE e.state = 'open' AND e.ingest_id <> $1 AND n.lease_until <= now()
), closed AS (
  UPDATE epochs e SET state = 'closed', end_reason = 'ingest-lost', ended_at = lost.end_at FROM lost WHERE e.id = lost.id
    AND e.state = 'open'
  RETURNING e.id, e.stream_id
), told AS (
  INSERT INTO feed (kind, stream_id, payload) SELECT 'epoch.closed', stream_id, jsonb_build_object('epochId', id) FROM closed
)
SELECT id FROM closed`,
};

const MOVE_END = {
  name: 'move_segment_end',
  text: `UPDATE segments SET pts_end_us = $3 WHERE epoch_id = $1 AND sequence = $2 AND state = 'ready' AND pts_start_us < $3
    AND pts_end_us <> $3`,
};

const RECORD_GAP = {
  name: 'record_gap',
  text: `
INSERT INTO gaps AS g (stream_id, epoch_id, after_sequence, missing_sequences, from_pts_us, to_pts_us, reason, video_frames, audio_frames)
SELECT stream_id, id, $2::int, $3::int, $4::bigint, GREATEST($5::bigint, CASE WHEN $5::bigint IS NOT NULL THEN $4::bigint END), $6, $7::int,
  $8::int
FROM epochs WHERE id = $1
ON CONFLICT (epoch_id, after_sequence, reason) DO UPDATE SET
  missing_sequences = GREATEST(g.missing_sequences, excluded.missing_sequences),
  from_pts_us = LEAST(g.from_pts_us, excluded.from_pts_us),
  to_pts_us = GREATEST(g.to_pts_us, excluded.to_pts_us),
  -- The sum so far is no smaller than it was; what is unknown on either side stays unknown.
  video_frames = CASE WHEN g.video_frames + excluded.video_frames IS NOT NULL THEN GREATEST(g.video_frames, excluded.video_frames) END,
  audio_frames = CASE WHEN g.audio_frames + excluded.audio_frames IS NOT NULL THEN GREATEST(g.audio_frames, excluded.audio_frames) END`,
};

const ADD_LOSS = {
  name: 'add_loss',
  text: `
INSERT INTO gaps AS g (stream_id, epoch_id, after_sequence, from_pts_us, to_pts_us, reason, video_frames, audio_frames)
SELECT e.stream_id, e.id, COALESCE(s.sequence, -1), s.pts_end_us, s.pts_end_us, $3, $4, $5
FROM epochs e LEFT JOIN LATERAL (SELECT sequence, pts_end_us FROM segments WHERE epoch_id = e.id ORDER BY sequence DESC LIMIT 1) s ON true
WHERE e.stream_id = $1 AND ($2::uuid IS NULL OR e.id = $2) ORDER BY e.ordinal DESC LIMIT 1
ON CONFLICT (epoch_id, after_sequence, reason) DO UPDATE SET
  video_frames = g.video_frames + excluded.video_frames, audio_frames = g.audio_frames + excluded.audio_frames
RETURNING id`,
};
