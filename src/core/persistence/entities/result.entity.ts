import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Partitioned by day of `at`. */
@Entity('detections')
export class DetectionEntity {
  @PrimaryColumn({ type: 'bigint', name: 'run_id' }) runId!: string;
  @PrimaryColumn({ type: 'int' }) ordinal!: number;
  @PrimaryColumn({ type: 'timestamptz' }) at!: Date;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'uuid', name: 'epoch_id' }) epochId!: string;
  @Column({ type: 'text', name: 'analyzer_id' }) analyzerId!: string;
  @Column({ type: 'bigint', name: 'pts_us' }) ptsUs!: string;
  @Column({ type: 'text' }) label!: string;
  @Column({ type: 'real' }) score!: number;
  @Column({ type: 'real' }) x!: number;
  @Column({ type: 'real' }) y!: number;
  @Column({ type: 'real' }) width!: number;
  @Column({ type: 'real' }) height!: number;
  @Column({ type: 'text', name: 'track_id', nullable: true }) trackId!: string | null;
  @Column({ type: 'jsonb', nullable: true }) attributes!: Record<string, unknown> | null;
}

/** Partitioned by day of `at`. */
@Entity('metrics')
export class MetricEntity {
  @PrimaryColumn({ type: 'bigint', name: 'run_id' }) runId!: string;
  @PrimaryColumn({ type: 'int' }) ordinal!: number;
  @PrimaryColumn({ type: 'timestamptz' }) at!: Date;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'uuid', name: 'epoch_id' }) epochId!: string;
  @Column({ type: 'text', name: 'analyzer_id' }) analyzerId!: string;
  @Column({ type: 'bigint', name: 'pts_us' }) ptsUs!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'text' }) unit!: string;
  @Column({ type: 'double precision' }) value!: number;
}

/** Partitioned by day of `at`. */
@Entity('observations')
export class ObservationEntity {
  @PrimaryColumn({ type: 'bigint', name: 'run_id' }) runId!: string;
  @PrimaryColumn({ type: 'int' }) ordinal!: number;
  @PrimaryColumn({ type: 'timestamptz' }) at!: Date;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'uuid', name: 'epoch_id' }) epochId!: string;
  @Column({ type: 'text', name: 'analyzer_id' }) analyzerId!: string;
  @Column({ type: 'bigint', name: 'pts_us' }) ptsUs!: string;
  @Column({ type: 'text' }) type!: string;
  @Column({ type: 'jsonb' }) data!: Record<string, unknown>;
}

/** Something that lasts, one row per occurrence; may span segments, never epochs. */
@Entity('events')
export class EventEntity {
  @PrimaryColumn({ type: 'bigint' }) id!: string;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'uuid', name: 'epoch_id' }) epochId!: string;
  @Column({ type: 'text', name: 'analyzer_id' }) analyzerId!: string;
  @Column({ type: 'text', name: 'config_hash' }) configHash!: string;
  @Column({ type: 'text' }) key!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'text' }) state!: 'open' | 'closed';
  @Column({ type: 'bigint', name: 'start_pts_us' }) startPtsUs!: string;
  @Column({ type: 'timestamptz', name: 'start_at' }) startAt!: Date;
  @Column({ type: 'bigint', name: 'end_pts_us', nullable: true }) endPtsUs!: string | null;
  @Column({ type: 'timestamptz', name: 'end_at', nullable: true }) endAt!: Date | null;
  @Column({ type: 'text', name: 'end_reason', nullable: true }) endReason!: string | null;
  @Column({ type: 'jsonb', nullable: true }) data!: Record<string, unknown> | null;
  @Column({ type: 'bigint', name: 'first_run_id' }) firstRunId!: string;
  @Column({ type: 'bigint', name: 'last_run_id' }) lastRunId!: string;
}

/** The picture kept of an event; gone with it. */
@Entity('evidence')
export class EvidenceEntity {
  @PrimaryColumn({ type: 'bigint', name: 'event_id' }) eventId!: string;
  @Column({ type: 'bigint', name: 'run_id' }) runId!: string;
  @Column({ type: 'bigint', name: 'pts_us' }) ptsUs!: string;
  @Column({ type: 'real' }) rank!: number;
  @Column({ type: 'real' }) x!: number;
  @Column({ type: 'real' }) y!: number;
  @Column({ type: 'real' }) width!: number;
  @Column({ type: 'real' }) height!: number;
  @Column({ type: 'real', name: 'region_x' }) regionX!: number;
  @Column({ type: 'real', name: 'region_y' }) regionY!: number;
  @Column({ type: 'real', name: 'region_width' }) regionWidth!: number;
  @Column({ type: 'real', name: 'region_height' }) regionHeight!: number;
  @Column({ type: 'int', name: 'width_px' }) widthPx!: number;
  @Column({ type: 'int', name: 'height_px' }) heightPx!: number;
  @Column({ type: 'bytea' }) jpeg!: Buffer;
}

/** Somebody has looked at an event; gone with it, and with them. */
@Entity('event_reviews')
export class EventReviewEntity {
  @PrimaryColumn({ type: 'bigint', name: 'event_id' }) eventId!: string;
  @PrimaryColumn({ type: 'uuid', name: 'user_id' }) userId!: string;
  @Column({ type: 'timestamptz', name: 'reviewed_at', default: () => 'now()' }) reviewedAt!: Date;
}
