import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JobState } from '../../wire/job-states.js';

/** Several clips that go together. */
@Entity('cases')
export class CaseEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  /** What lists go by. */
  @Column({ type: 'bigint', insert: false }) ordinal!: string;
  @Column({ type: 'text' }) title!: string;
  @Column({ type: 'timestamptz', name: 'created_at', insert: false }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'expires_at' }) expiresAt!: Date;
  @Column({ type: 'text', name: 'created_by' }) createdBy!: string;
}

/** A range of a stream as MP4: the piece of work, and the file that comes of it. bigint columns are decimal strings. */
@Entity('clips')
export class ClipEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  /** What lists go by. */
  @Column({ type: 'bigint', insert: false }) ordinal!: string;
  @Column({ type: 'text' }) title!: string;
  @Column({ type: 'text', default: 'queued' }) state!: JobState;
  @Column({ type: 'real', default: 0 }) progress!: number;
  @Column({ type: 'text', nullable: true }) detail!: string | null;
  @Column({ type: 'text', name: 'error_code', nullable: true }) errorCode!: string | null;
  @Column({ type: 'bigint', name: 'size_bytes', nullable: true }) sizeBytes!: string | null;
  @Column({ type: 'text', nullable: true }) sha256!: string | null;
  /** Whose clip folder has the file. */
  @Column({ type: 'text', nullable: true }) host!: string | null;
  @Column({ type: 'timestamptz', name: 'created_at', insert: false }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'started_at', nullable: true }) startedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true }) finishedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'expires_at' }) expiresAt!: Date;
  @Column({ type: 'text', name: 'created_by' }) createdBy!: string;
  @Column({ type: 'text', nullable: true }) owner!: string | null;
  @Column({ type: 'timestamptz', name: 'lease_until', nullable: true }) leaseUntil!: Date | null;
  @Column({ type: 'int', default: 0 }) attempts!: number;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'uuid', name: 'case_id', nullable: true }) caseId!: string | null;
  @Column({ type: 'text' }) mode!: 'copy' | 'exact' | 'burned';
  @Column({ type: 'timestamptz', name: 'from_at' }) fromAt!: Date;
  @Column({ type: 'timestamptz', name: 'to_at' }) toAt!: Date;
  @Column({ type: 'uuid', name: 'epoch_id', nullable: true }) epochId!: string | null;
  @Column({ type: 'bigint', name: 'from_pts_us', nullable: true }) fromPtsUs!: string | null;
  @Column({ type: 'bigint', name: 'to_pts_us', nullable: true }) toPtsUs!: string | null;
  @Column({ type: 'jsonb', nullable: true }) result!: object | null;
  @Column({ type: 'bigint', name: 'estimate_bytes' }) estimateBytes!: string;
  @Column({ type: 'uuid', name: 'hold_id', nullable: true }) holdId!: string | null;
}

/** A link by which whoever has it sees one clip; of its token only the SHA-256 is kept. */
@Entity('shares')
export class ShareEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'bigint', insert: false }) ordinal!: string;
  @Column({ type: 'uuid', name: 'clip_id' }) clipId!: string;
  @Column({ type: 'bytea', name: 'token_sha256' }) tokenSha256!: Buffer;
  @Column({ type: 'int', name: 'max_views', nullable: true }) maxViews!: number | null;
  @Column({ type: 'int', default: 0 }) views!: number;
  @Column({ type: 'timestamptz', name: 'last_used_at', nullable: true }) lastUsedAt!: Date | null;
  @Column({ type: 'text', name: 'last_used_address', nullable: true }) lastUsedAddress!: string | null;
  @Column({ type: 'timestamptz', name: 'created_at', insert: false }) createdAt!: Date;
  @Column({ type: 'text', name: 'created_by' }) createdBy!: string;
  @Column({ type: 'timestamptz', name: 'expires_at' }) expiresAt!: Date;
  @Column({ type: 'timestamptz', name: 'revoked_at', nullable: true }) revokedAt!: Date | null;
  @Column({ type: 'text', name: 'revoked_by', nullable: true }) revokedBy!: string | null;
}
