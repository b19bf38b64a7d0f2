import { Column, CreateDateColumn, DeleteDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** A source the user knows by name. Deleted ones stay for their media and results. */
@Entity('streams')
export class StreamEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'text' }) title!: string;
  @Column({ type: 'text', name: 'adapter_id' }) adapterId!: string;
  @Column({ type: 'jsonb', name: 'source_config' }) sourceConfig!: object;
  @Column({ type: 'boolean' }) enabled!: boolean;
  @Column({ type: 'boolean', name: 'private' }) isPrivate!: boolean;
  /** Name of the only ingest node that may run or admit it; null: any. */
  @Column({ type: 'text', nullable: true }) node!: string | null;
  @Column({ type: 'text' }) state!: 'pending' | 'starting' | 'live' | 'retrying' | 'failed' | 'stopped';
  @Column({ type: 'text', name: 'state_detail', nullable: true }) stateDetail!: string | null;
  @Column({ type: 'timestamptz', name: 'state_at' }) stateAt!: Date;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @DeleteDateColumn({ type: 'timestamptz', name: 'deleted_at' }) deletedAt!: Date | null;
  /** Segment numbers and epochs whose rows are gone: playlists go on counting from there. */
  @Column({ type: 'bigint', name: 'gone_sequences', default: 0 }) goneSequences!: string;
  @Column({ type: 'int', name: 'gone_epochs', default: 0 }) goneEpochs!: number;
}

/** What a publisher shows to be let in; only its SHA-256 is kept. */
@Entity('stream_keys')
export class StreamKeyEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'bytea', name: 'key_sha256' }) keySha256!: Buffer;
  @Column({ type: 'text' }) hint!: string;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'revoked_at', nullable: true }) revokedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'last_used_at', nullable: true }) lastUsedAt!: Date | null;
}
