import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JobState } from '../../wire/job-states.js';

/** A range of recordings that an analyzer looks at again. */
@Entity('backfills')
export class BackfillEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'text' }) title!: string;
  @Column({ type: 'text', name: 'analyzer_id' }) analyzerId!: string;
  @Column({ type: 'text', name: 'analyzer_version' }) analyzerVersion!: string;
  @Column({ type: 'jsonb', nullable: true }) config!: object | null;
  @Column({ type: 'timestamptz', name: 'from_at' }) fromAt!: Date;
  @Column({ type: 'timestamptz', name: 'to_at' }) toAt!: Date;
  @Column({ type: 'boolean', name: 'only_missing' }) onlyMissing!: boolean;
  @Column({ type: 'boolean' }) fills!: boolean;
  @Column({ type: 'boolean' }) applies!: boolean;
  @Column({ type: 'text' }) state!: JobState;
  @Column({ type: 'text', default: 'analysing' }) phase!: 'analysing' | 'comparing' | 'applying';
  @Column({ type: 'text', nullable: true }) outcome!: 'applied' | 'discarded' | null;
  @Column({ type: 'text', nullable: true }) detail!: string | null;
  @Column({ type: 'text', name: 'error_code', nullable: true }) errorCode!: string | null;
  @Column({ type: 'text', name: 'created_by' }) createdBy!: string;
  @Column({ type: 'timestamptz', name: 'created_at', insert: false }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'started_at', nullable: true }) startedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true }) finishedAt!: Date | null;
}

/** One stream of it. */
@Entity('backfill_streams')
export class BackfillStreamEntity {
  @PrimaryColumn({ type: 'uuid', name: 'backfill_id' }) backfillId!: string;
  @PrimaryColumn({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'text', nullable: true }) owner!: string | null;
  @Column({ type: 'bigint', default: 0 }) fence!: string;
  @Column({ type: 'timestamptz', name: 'lease_until', nullable: true }) leaseUntil!: Date | null;
  @Column({ type: 'jsonb', nullable: true }) checkpoint!: unknown;
  @Column({ type: 'jsonb', name: 'known_events', nullable: true }) knownEvents!: unknown;
  /** What was known of the range was taken away; what was found takes its place. */
  @Column({ type: 'boolean', default: false }) cleared!: boolean;
}
