import { Injectable } from '@nestjs/common';
import { FeedBell } from '../notify/feed-bell.js';
import { Database } from '../database.js';
import { printable } from '../postgres-text.js';

/** A segment that is to have a file, or had one that was lost. */
export interface ScannedSegment {
  readonly id: string;
  readonly path: string;
  readonly state: 'ready' | 'lost';
  readonly sizeBytes: number;
  readonly checksum: string | null;
}

export interface ScanStep {
  readonly segments: readonly ScannedSegment[];
  /** Where the next step begins; null at the end. */
  readonly next: string | null;
}

interface ScannedRow {
  id: string;
  path: string;
  state: 'ready' | 'lost';
  size_bytes: string;
  checksum: string | null;
}

/** Row numbers looked through at once: all nodes number their segments together. */
const SPAN_ROWS = 20_000;

/** The ledger's part of comparing files with it. */
@Injectable()
export class SegmentScanStore {
  constructor(
    private readonly sql: Database,
    private readonly bell: FeedBell,
  ) {}

  /** The node's segments after one, in the order they were registered. */
  async after(nodeId: string, id: string, most: number): Promise<ScanStep> {
    const rows = await this.sql.rows<ScannedRow>(AFTER, [nodeId, id, SPAN_ROWS, most]);
    const segments = rows.map(({ size_bytes, ...row }) => ({ ...row, sizeBytes: Number(size_bytes) }));
    if (segments.length === most) return { segments, next: segments.at(-1)!.id };
    const end = BigInt(id) + BigInt(SPAN_ROWS);
    const [last] = await this.sql.rows<{ id: string | null }>(
      {
        name: 'scan_last',
        text: 'SELECT min(id)::text AS id FROM segments WHERE id > $1::bigint',
      },
      [end.toString()],
    );
    return { segments, next: last?.id == null ? null : (BigInt(last.id) - 1n).toString() };
  }

  /**
   * Its file is not what was recorded: the segment is `lost`, its time a gap, and runs that wait for it are skipped.
   * @returns false where it was known, or deleted meanwhile
   */
  async lost(id: string, why: string): Promise<boolean> {
    const [row] = await this.sql.rows<{ lost: number }>(LOST, [id, printable(why)]);
    if (row?.lost === 0) return false;
    this.bell.ring();
    return true;
  }

  /** The file is back, as it was. */
  async found(id: string): Promise<void> {
    await this.sql.rows(FOUND, [id]);
    this.bell.ring();
  }
}

const AFTER = {
  name: 'scan_after',
  text: `
SELECT s.id::text AS id, s.path, s.state, s.size_bytes::text AS size_bytes, s.checksum FROM segments s JOIN epochs e ON e.id = s.epoch_id
WHERE s.id > $2::bigint AND s.id <= $2::bigint + $3 AND e.ingest_id = $1 AND s.state IN ('ready', 'lost') ORDER BY s.id LIMIT $4`,
};

const LOST = {
  name: 'scan_lost',
  text: `
WITH lost AS (
  UPDATE segments SET state = 'lost', error = $2 WHERE id = $1::bigint AND state = 'ready'
  RETURNING id, stream_id, epoch_id, sequence, pts_start_us, pts_end_us
), gap AS (
  INSERT INTO gaps (stream_id, epoch_id, after_sequence, missing_sequences, from_pts_us, to_pts_us, reason)
  SELECT stream_id, epoch_id, sequence - 1, 0, pts_start_us, pts_end_us, 'lost' FROM lost ON CONFLICT DO NOTHING
), skipped AS (
  UPDATE analysis_runs r SET state = 'skipped', reason = 'missing', finished_at = clock_timestamp() FROM lost
  WHERE r.segment_id = lost.id AND r.state = 'queued' RETURNING r.id, r.stream_id
), told AS (
  INSERT INTO feed (kind, stream_id, payload)
  SELECT 'run.finished', stream_id, jsonb_build_object('runId', id::text) FROM skipped
  UNION ALL SELECT 'stream.changed', stream_id, '{}' FROM lost
)
SELECT count(*)::int AS lost FROM lost`,
};

const FOUND = {
  name: 'scan_found',
  text: `
WITH found AS (
  UPDATE segments SET state = 'ready', error = NULL WHERE id = $1::bigint AND state = 'lost' RETURNING stream_id, epoch_id, sequence
), told AS (
  INSERT INTO feed (kind, stream_id) SELECT 'stream.changed', stream_id FROM found
)
DELETE FROM gaps g USING found f WHERE g.epoch_id = f.epoch_id AND g.after_sequence = f.sequence - 1 AND g.reason = 'lost'`,
};
