import { Injectable } from '@nestjs/common';
import { FeedBell } from '../notify/feed-bell.js';
import { Database, queryOf } from '../database.js';
import { isHeld } from './media-inventory.js';
import { recordPurged } from './purge-record.js';

/** Whoever makes a hold waits for purges that are under way, and these for it: none is decided by what was so before. The letters VDHO. */
export const HOLD_LOCK = 0x5644484f;

/** Why media went: its age, the size of its stream or of the folder, the room on the disk. */
export type PurgeReason = 'age' | 'quota' | 'size' | 'disk';

/** A file that the ledger calls deleted and that is to go. */
export interface DoomedFile {
  readonly id: string;
  /** Below the media folder. */
  readonly path: string;
  readonly streamId: string;
  readonly sizeBytes: number;
}

export interface GoneFolder {
  readonly epochId: string;
  readonly streamId: string;
}

interface DoomedRow {
  id: string;
  path: string;
  stream_id: string;
  size_bytes: string;
}

/**
 * The ledger's part of deleting media. Rows come first: runs that are not done are `skipped(retention)` and the segment is `deleted` before
 * its file goes. What dies in between leaves files that the ledger knows to be on their way out ({@link leftOver}).
 */
@Injectable()
export class MediaPurge {
  constructor(
    private readonly sql: Database,
    private readonly bell: FeedBell,
  ) {}

  /** @returns the files to delete: what somebody holds by now is left out */
  async begin(keeper: string, why: PurgeReason, ids: readonly string[]): Promise<DoomedFile[]> {
    const files = await this.sql.transaction(async (manager) => {
      const query = queryOf(manager);
      await query(`SELECT pg_advisory_xact_lock_shared(${HOLD_LOCK})`);
      const doomed = (await query<DoomedRow>(BEGIN, [ids])).map(fileOf);
      await recordPurged(
        query,
        keeper,
        'media',
        why,
        doomed.map(({ streamId, sizeBytes }) => ({ scope: streamId, bytes: sizeBytes })),
      );
      return doomed;
    });
    if (files.length > 0) this.bell.ring();
    return files;
  }

  /** Files whose deletion was begun, here or by an earlier process of the node, and is not known to be done. */
  async leftOver(nodeId: string, most: number): Promise<DoomedFile[]> {
    return (await this.sql.rows<DoomedRow>(LEFT_OVER, [nodeId, most])).map(fileOf);
  }

  /** Their files are gone. */
  async done(ids: readonly string[]): Promise<void> {
    await this.sql.rows(DONE, [ids]);
  }

  /** Closed epochs of the node none of whose segments has a file any more. */
  async emptyFolders(nodeId: string, most: number): Promise<GoneFolder[]> {
    return this.sql.rows<GoneFolder>(EMPTY_FOLDERS, [nodeId, most]);
  }

  /** Their folders are gone. */
  async foldersGone(epochIds: readonly string[]): Promise<void> {
    await this.sql.rows({ name: 'retention_folders_gone', text: 'UPDATE epochs SET media_gone = true WHERE id = ANY ($1::uuid[])' }, [
      epochIds,
    ]);
  }
}

const fileOf = (row: DoomedRow): DoomedFile => ({
  id: row.id,
  path: row.path,
  streamId: row.stream_id,
  sizeBytes: Number(row.size_bytes),
});

const BEGIN = `
WITH doomed AS MATERIALIZED (
  SELECT s.id FROM segments s WHERE s.id = ANY ($1::bigint[]) AND s.state <> 'deleted' AND NOT ${isHeld('hold')}
  ORDER BY s.id FOR NO KEY UPDATE OF s
), skipped AS (
  UPDATE analysis_runs r SET state = 'skipped', reason = 'retention', finished_at = clock_timestamp() FROM doomed d
  WHERE r.segment_id = d.id AND r.state IN ('queued', 'running')
  RETURNING r.id, r.stream_id
), told AS (
  INSERT INTO feed (kind, stream_id, payload) SELECT 'run.finished', stream_id, jsonb_build_object('runId', id::text) FROM skipped
    ORDER BY id
), gone AS (
  UPDATE segments s SET state = 'deleted', file_left = true FROM doomed d WHERE s.id = d.id
  RETURNING s.id, s.path, s.stream_id, s.size_bytes
), unseen AS (
  DELETE FROM thumbnails t USING gone WHERE t.segment_id = gone.id
), changed AS (
  INSERT INTO feed (kind, stream_id) SELECT DISTINCT 'stream.changed', stream_id FROM gone
)
SELECT id::text AS id, path, stream_id, size_bytes::text AS size_bytes FROM gone`;

const LEFT_OVER = {
  name: 'retention_left_over',
  text: `SELECT s.id::text AS id, s.path, s.stream_id, s.size_bytes::text AS size_bytes FROM segments s JOIN epochs e ON e.id = s.epoch_id
    WHERE s.file_left AND e.ingest_id = $1 ORDER BY s.id LIMIT $2`,
};

const DONE = {
  name: 'retention_done',
  text: `UPDATE segments SET file_left = false WHERE id = ANY ($1::bigint[]) AND state = 'deleted'`,
};

const EMPTY_FOLDERS = {
  name: 'retention_empty_folders',
  text: `
SELECT e.id AS "epochId", e.stream_id AS "streamId" FROM epochs e
WHERE e.ingest_id = $1 AND NOT e.media_gone AND e.state = 'closed'
  AND NOT EXISTS (SELECT 1 FROM segments s WHERE s.epoch_id = e.id AND s.state <> 'deleted' AND s.kept IS NULL)
  AND NOT EXISTS (SELECT 1 FROM segments s WHERE s.epoch_id = e.id AND s.state <> 'deleted' AND s.kept IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM segments s WHERE s.epoch_id = e.id AND s.file_left)
ORDER BY e.ordinal LIMIT $2`,
};
