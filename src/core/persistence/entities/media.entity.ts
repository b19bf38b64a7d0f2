import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One uninterrupted publish of one codec configuration; a pts means something only within it. bigint columns are decimal strings. */
@Entity('epochs')
export class EpochEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'int' }) ordinal!: number;
  @Column({ type: 'text', name: 'ingest_id' }) ingestId!: string;
  @Column({ type: 'text' }) state!: 'open' | 'closed';
  @Column({ type: 'timestamptz', name: 'started_at' }) startedAt!: Date;
  @Column({ type: 'timestamptz', name: 'ended_at', nullable: true }) endedAt!: Date | null;
  @Column({ type: 'text', name: 'end_reason', nullable: true }) endReason!: string | null;
  @Column({ type: 'bigint', name: 'pts_origin_us', nullable: true }) ptsOriginUs!: string | null;
  @Column({ type: 'text', name: 'video_codec', nullable: true }) videoCodec!: string | null;
  @Column({ type: 'text', name: 'audio_codec', nullable: true }) audioCodec!: string | null;
  @Column({ type: 'int', name: 'width_px', nullable: true }) widthPx!: number | null;
  @Column({ type: 'int', name: 'height_px', nullable: true }) heightPx!: number | null;
  @Column({ type: 'int', name: 'video_profile_idc', nullable: true }) videoProfileIdc!: number | null;
  @Column({ type: 'text', nullable: true }) chroma!: string | null;
  @Column({ type: 'int', name: 'bit_depth', nullable: true }) bitDepth!: number | null;
  @Column({ type: 'real', name: 'declared_fps', nullable: true }) declaredFps!: number | null;
  /** Its folder holds nothing any more, and is gone. */
  @Column({ type: 'boolean', name: 'media_gone', default: false }) mediaGone!: boolean;
  /** Media sequence number of its segment 0 in playlists of its stream; null until one names it. */
  @Column({ type: 'bigint', name: 'first_media_sequence', nullable: true }) firstMediaSequence!: string | null;
  /** How many epochs with media came before it. */
  @Column({ type: 'int', nullable: true }) discontinuity!: number | null;
}

/** A file the packager closed. */
@Entity('segments')
export class SegmentEntity {
  @PrimaryColumn({ type: 'bigint' }) id!: string;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'uuid', name: 'epoch_id' }) epochId!: string;
  @Column({ type: 'int' }) sequence!: number;
  @Column({ type: 'text' }) state!: 'ready' | 'unreadable' | 'deleted' | 'lost';
  @Column({ type: 'text' }) path!: string;
  @Column({ type: 'bigint', name: 'size_bytes' }) sizeBytes!: string;
  @Column({ type: 'bigint', name: 'pts_start_us' }) ptsStartUs!: string;
  @Column({ type: 'bigint', name: 'pts_end_us' }) ptsEndUs!: string;
  @Column({ type: 'int', name: 'frame_count' }) frameCount!: number;
  @Column({ type: 'int', name: 'audio_frame_count', nullable: true }) audioFrameCount!: number | null;
  @Column({ type: 'bigint', name: 'keyframe_pts_us', array: true }) keyframePtsUs!: string[];
  @Column({ type: 'timestamptz' }) at!: Date;
  @Column({ type: 'text', nullable: true }) error!: string | null;
  @Column({ type: 'timestamptz', name: 'registered_at' }) registeredAt!: Date;
  @Column({ type: 'boolean', name: 'has_sound', nullable: true }) hasSound!: boolean | null;
  /** `<algorithm>:<hex>` of its file. */
  @Column({ type: 'text', nullable: true }) checksum!: string | null;
  /** It was about to go, and was found to be of an event or under a hold. */
  @Column({ type: 'text', nullable: true }) kept!: 'event' | 'hold' | null;
  /** Deleted in the ledger, and its file not yet. */
  @Column({ type: 'boolean', name: 'file_left', default: false }) fileLeft!: boolean;
}

/** Media that is known to be missing, and why. */
@Entity('gaps')
export class GapEntity {
  @PrimaryColumn({ type: 'bigint' }) id!: string;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'uuid', name: 'epoch_id' }) epochId!: string;
  @Column({ type: 'int', name: 'after_sequence' }) afterSequence!: number;
  @Column({ type: 'int', name: 'missing_sequences' }) missingSequences!: number;
  @Column({ type: 'bigint', name: 'from_pts_us', nullable: true }) fromPtsUs!: string | null;
  @Column({ type: 'bigint', name: 'to_pts_us', nullable: true }) toPtsUs!: string | null;
  @Column({ type: 'text' }) reason!: string;
  @Column({ type: 'int', name: 'video_frames', nullable: true }) videoFrames!: number | null;
  @Column({ type: 'int', name: 'audio_frames', nullable: true }) audioFrames!: number | null;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}
