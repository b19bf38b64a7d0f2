import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** What clients are told, in commit order; (xid, id) is the cursor. */
@Entity('feed')
export class FeedEntity {
  @PrimaryColumn({ type: 'bigint' }) id!: string;
  /** `xid8` in the table, a type TypeORM does not know; the driver reads it as text. */
  @Column({ type: 'text' }) xid!: string;
  @Column({ type: 'timestamptz' }) at!: Date;
  @Column({ type: 'text' }) kind!: string;
  @Column({ type: 'uuid', name: 'stream_id', nullable: true }) streamId!: string | null;
  @Column({ type: 'jsonb' }) payload!: Record<string, unknown>;
}

/** A running process of ours, by its heartbeat. */
@Entity('instances')
export class InstanceEntity {
  @PrimaryColumn({ type: 'text' }) id!: string;
  @Column({ type: 'text' }) role!: string;
  @Column({ type: 'text' }) host!: string;
  @Column({ type: 'int' }) pid!: number;
  @Column({ type: 'text' }) version!: string;
  @Column({ type: 'timestamptz', name: 'started_at' }) startedAt!: Date;
  @Column({ type: 'timestamptz', name: 'heartbeat_at' }) heartbeatAt!: Date;
  @Column({ type: 'jsonb' }) detail!: Record<string, unknown>;
}

/** Who changed what, and who was refused; a trigger keeps entries from being changed. */
@Entity('audit')
export class AuditEntity {
  @PrimaryColumn({ type: 'bigint' }) id!: string;
  @CreateDateColumn({ type: 'timestamptz' }) at!: Date;
  @Column({ type: 'text' }) actor!: string;
  @Column({ type: 'text' }) action!: string;
  @Column({ type: 'text', nullable: true }) target!: string | null;
  @Column({ type: 'jsonb' }) detail!: Record<string, unknown>;
  @Column({ type: 'uuid', name: 'user_id', nullable: true }) userId!: string | null;
  @Column({ type: 'uuid', name: 'token_id', nullable: true }) tokenId!: string | null;
  @Column({ type: 'text', nullable: true }) address!: string | null;
  @Column({ type: 'uuid', name: 'request_id', nullable: true }) requestId!: string | null;
}
