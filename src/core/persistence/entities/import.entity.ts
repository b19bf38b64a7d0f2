import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JobState } from '../../wire/job-states.js';

/** A file that somebody brings into a stream. */
@Entity('imports')
export class ImportEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  /** In the order that they were asked for. */
  @Column({ type: 'bigint', insert: false }) number!: string;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'text' }) name!: string;
  /** Of a file in a folder of the server; null: it was brought here. */
  @Column({ type: 'text', nullable: true }) path!: string | null;
  @Column({ type: 'bigint', name: 'size_bytes' }) sizeBytes!: string;
  @Column({ type: 'bigint', name: 'received_bytes' }) receivedBytes!: string;
  /** What was brought here is not deleted yet. */
  @Column({ type: 'boolean', name: 'has_file' }) hasFile!: boolean;
  @Column({ type: 'text' }) state!: 'uploading' | JobState;
  @Column({ type: 'text', nullable: true }) detail!: string | null;
  @Column({ type: 'text', name: 'error_code', nullable: true }) errorCode!: string | null;
  @Column({ type: 'timestamptz', name: 'recorded_at', nullable: true }) recordedAt!: Date | null;
  /** Wall clock of its first media, once that is settled. */
  @Column({ type: 'timestamptz', name: 'started_media_at', nullable: true }) startedMediaAt!: Date | null;
  @Column({ type: 'uuid', name: 'epoch_id', nullable: true }) epochId!: string | null;
  @Column({ type: 'bigint', name: 'media_us' }) mediaUs!: string;
  @Column({ type: 'bigint', name: 'duration_us', nullable: true }) durationUs!: string | null;
  @Column({ type: 'text', name: 'created_by' }) createdBy!: string;
  @Column({ type: 'timestamptz', name: 'created_at', insert: false }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'started_at', nullable: true }) startedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true }) finishedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'changed_at', insert: false }) changedAt!: Date;
}
