import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What of the retention a stream has for itself; what it does not name is the config's. */
@Entity('stream_retention')
export class StreamRetentionEntity {
  @PrimaryColumn({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'jsonb' }) settings!: object;
  @Column({ type: 'timestamptz', name: 'updated_at' }) updatedAt!: Date;
  @Column({ type: 'text', name: 'updated_by' }) updatedBy!: string;
}

/** A range that somebody keeps. Released ones stay, to say who did. */
@Entity('holds')
export class HoldEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  /** `mark`: kept as long as what has events. */
  @Column({ type: 'text' }) kind!: 'hold' | 'mark';
  /** The event whose range it is. */
  @Column({ type: 'bigint', name: 'event_id', nullable: true }) eventId!: string | null;
  @Column({ type: 'timestamptz', name: 'from_at' }) fromAt!: Date;
  @Column({ type: 'timestamptz', name: 'to_at' }) toAt!: Date;
  @Column({ type: 'text' }) why!: string;
  @Column({ type: 'text', name: 'made_by' }) madeBy!: string;
  @Column({ type: 'timestamptz', name: 'made_at', insert: false }) madeAt!: Date;
  @Column({ type: 'text', name: 'released_by', nullable: true }) releasedBy!: string | null;
  @Column({ type: 'timestamptz', name: 'released_at', nullable: true }) releasedAt!: Date | null;
  @Column({ type: 'text', name: 'released_why', nullable: true }) releasedWhy!: string | null;
}
