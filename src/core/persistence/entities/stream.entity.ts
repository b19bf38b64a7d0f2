import { Column, CreateDateColumn, DeleteDateColumn, Entity, PrimaryColumn } from 'typeorm';
import { WHOLE_NUMBER } from './whole-number.js';

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
  /** Name of the ingest node whose config declares it; null: it was made by REST or the command line. */
  @Column({ type: 'text', name: 'declared_by', nullable: true }) declaredBy!: string | null;
  /** Where in the config file. */
  @Column({ type: 'text', name: 'declared_at', nullable: true }) declaredAt!: string | null;
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
  /** It opens the stream until then; null: until it is revoked. */
  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true }) expiresAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'last_used_at', nullable: true }) lastUsedAt!: Date | null;
  @Column({ type: 'text', name: 'last_address', nullable: true }) lastAddress!: string | null;
}

/** Publishers that were refused in the same way, added up. */
@Entity('publish_refusals')
export class PublishRefusalEntity {
  @PrimaryColumn({ type: 'bigint' }) id!: string;
  @Column({ type: 'text' }) alike!: string;
  @Column({ type: 'text', nullable: true }) address!: string | null;
  @Column({ type: 'text' }) code!: string;
  @Column({ type: 'text' }) reason!: string;
  @Column({ type: 'text', nullable: true }) fix!: string | null;
  @Column({ type: 'uuid', name: 'stream_id', nullable: true }) streamId!: string | null;
  @Column({ type: 'text', nullable: true }) app!: string | null;
  @Column({ type: 'text', name: 'key_hint', nullable: true }) keyHint!: string | null;
  @Column({ type: 'bigint', transformer: WHOLE_NUMBER }) count!: number;
  @Column({ type: 'timestamptz', name: 'first_at' }) firstAt!: Date;
  @Column({ type: 'timestamptz', name: 'last_at' }) lastAt!: Date;
}
