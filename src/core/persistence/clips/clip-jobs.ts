import { Injectable } from '@nestjs/common';
import { Database } from '../database.js';
import { printable } from '../postgres-text.js';

/** The file that came of it. */
export interface ClipFile {
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Whose clip folder has it. */
  readonly host: string;
}

export interface ClipFailure {
  readonly code: string;
  readonly detail: string;
}

/** A job that was begun so often and never ended brings its process down: it is not begun again. */
const MOST_ATTEMPTS = 3;
/** A live stream's segment that should have come by now does not come. */
const WAIT_FOR_MEDIA = "interval '60 seconds'";

/** The newest segment of an epoch ends before the range does, and the epoch goes on: what is wanted is still to be written. */
const STILL_RECORDED = `EXISTS (
  SELECT 1 FROM epochs e WHERE e.stream_id = j.stream_id AND e.state = 'open' AND (j.epoch_id IS NULL OR e.id = j.epoch_id)
    AND e.started_at < j.to_at AND j.to_at > COALESCE((
      SELECT s.at + GREATEST(s.pts_end_us - s.pts_start_us, 0) * interval '1 microsecond' FROM segments s
       WHERE s.epoch_id = e.id ORDER BY s.sequence DESC LIMIT 1), e.started_at))`;

/** What must be true of a job before it is begun. */
const READY = `(j.to_at < now() - ${WAIT_FOR_MEDIA} OR NOT ${STILL_RECORDED})`;

/**
 * Who works on what was asked for. A job is had by lease, by the database's clock: whoever dies loses it to the next one. All that a worker
 * says of a job counts only as long as the job is its own.
 */
@Injectable()
export class ClipJobs {
  constructor(private readonly database: Database) {}

  /** The oldest job that nobody is at. @returns its id */
  async claim(owner: string, leaseMs: number): Promise<string | null> {
    const [row] = await this.database.query<{ id: string }>(
      `WITH claimed AS (
         UPDATE clips SET state = 'running', owner = $1, lease_until = now() + $2 * interval '1 millisecond', attempts = attempts + 1,
           started_at = COALESCE(started_at, now())
         WHERE id = (
           SELECT j.id FROM clips j
            WHERE (j.state = 'queued' OR (j.state = 'running' AND j.lease_until < now())) AND j.attempts < ${MOST_ATTEMPTS} AND ${READY}
            ORDER BY j.created_at, j.id LIMIT 1 FOR UPDATE SKIP LOCKED)
         RETURNING id)
       SELECT id FROM claimed`,
      [owner, Math.trunc(leaseMs)],
    );
    return row?.id ?? null;
  }

  /** @returns false where the job is no longer this owner's: it was cancelled, deleted, or taken over */
  async renew(id: string, owner: string, progress: number, leaseMs: number): Promise<boolean> {
    const rows = await this.database.query(
      `WITH renewed AS (
         UPDATE clips SET progress = $3, lease_until = now() + $4 * interval '1 millisecond'
         WHERE id = $1 AND owner = $2 AND state = 'running' RETURNING id)
       SELECT id FROM renewed`,
      [id, owner, Math.min(1, Math.max(0, progress)), Math.trunc(leaseMs)],
    );
    return rows.length === 1;
  }

  /** @returns false where it was no longer this owner's */
  async succeed(id: string, owner: string, { sizeBytes, sha256, host }: ClipFile): Promise<boolean> {
    return this.end(id, owner, `state = 'done', progress = 1, size_bytes = $3, sha256 = $4, host = $5`, [sizeBytes, sha256, host]);
  }

  async fail(id: string, owner: string, { code, detail }: ClipFailure): Promise<boolean> {
    return this.end(id, owner, `state = 'failed', error_code = $3, detail = $4`, [code, printable(detail).slice(0, 2_000)]);
  }

  /** Gives it back as it was: this process ends. */
  async release(id: string, owner: string): Promise<void> {
    await this.end(id, owner, `state = 'queued', attempts = attempts - 1, progress = 0`, [], false);
  }

  /** Those that were begun too often fail. @returns their ids */
  async giveUp(): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `WITH given_up AS (
         UPDATE clips SET state = 'failed', error_code = 'VD_CLIP_INTERRUPTED', owner = NULL, lease_until = NULL, finished_at = now(),
           detail = 'It was begun ' || attempts || ' times.'
         WHERE state = 'running' AND lease_until < now() AND attempts >= ${MOST_ATTEMPTS} RETURNING id)
       SELECT id FROM given_up`,
    );
    return rows.map(({ id }) => id);
  }

  /** Clips that are too old, and for which media is still held. */
  async expiring(): Promise<string[]> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT id FROM clips WHERE expires_at < now() AND state <> 'running' AND hold_id IS NOT NULL`,
    );
    return rows.map(({ id }) => id);
  }

  /** Deletes what is too old, with its links. A clip under way is let come to its end first. */
  async expire(): Promise<void> {
    await this.database.query(`DELETE FROM clips WHERE expires_at < now() AND state <> 'running'`);
    await this.database.query('DELETE FROM cases c WHERE expires_at < now() AND NOT EXISTS (SELECT 1 FROM clips WHERE case_id = c.id)');
  }

  /** Of these, those that there are. */
  async known(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ id: string }>(`SELECT id FROM clips WHERE id = ANY($1::uuid[])`, [ids]);
    return new Set(rows.map(({ id }) => id));
  }

  /** Of these, those that somebody is at. */
  async busy(ids: readonly string[]): Promise<Set<string>> {
    const rows = await this.database.query<{ id: string }>(
      `SELECT id FROM clips WHERE id = ANY($1::uuid[]) AND state = 'running' AND lease_until > now()`,
      [ids],
    );
    return new Set(rows.map(({ id }) => id));
  }

  private async end(id: string, owner: string, values: string, params: readonly unknown[], isFinished = true): Promise<boolean> {
    const rows = await this.database.query(
      `WITH ended AS (
         UPDATE clips SET ${values}, owner = NULL, lease_until = NULL ${isFinished ? ', finished_at = now()' : ''}
         WHERE id = $1 AND owner = $2 AND state = 'running' RETURNING id)
       SELECT id FROM ended`,
      [id, owner, ...params],
    );
    return rows.length === 1;
  }
}
