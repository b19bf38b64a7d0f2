import { Column, CreateDateColumn, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { WHOLE_NUMBER } from './whole-number.js';

/** The database numbers rows in the order of their making. */
const NUMBERED = { type: 'bigint', insert: false, update: false } as const;

@Entity('users')
export class UserEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column(NUMBERED) ordinal!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'text' }) role!: 'admin' | 'viewer';
  /** Read by those who compare it, and never along with the rest. Null: signs in by tokens only. */
  @Column({ type: 'text', name: 'password_hash', nullable: true, select: false }) passwordHash!: string | null;
  /** No person: the owner of API tokens that may only look. */
  @Column({ type: 'boolean', name: 'is_shared', default: false }) isShared!: boolean;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'disabled_at', nullable: true }) disabledAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'removed_at', nullable: true }) removedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'last_seen_at', nullable: true }) lastSeenAt!: Date | null;
}

/** One-time, session and API tokens; only their SHA-256 is kept. */
@Entity('user_tokens')
export class UserTokenEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column(NUMBERED) ordinal!: string;
  @Column({ type: 'uuid', name: 'user_id' }) userId!: string;
  @ManyToOne(() => UserEntity, { createForeignKeyConstraints: false }) @JoinColumn({ name: 'user_id' }) user!: UserEntity;
  @Column({ type: 'text' }) kind!: 'one-time' | 'session' | 'api';
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'bytea', name: 'token_sha256' }) tokenSha256!: Buffer;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true }) expiresAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'last_used_at', nullable: true }) lastUsedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'revoked_at', nullable: true }) revokedAt!: Date | null;
  /** Unused for longer, it ends; null: it does not. */
  @Column({ type: 'bigint', name: 'idle_ms', nullable: true, transformer: WHOLE_NUMBER }) idleMs!: number | null;
  /** Of a session: where its browser was when it signed in. */
  @Column({ type: 'text', nullable: true }) address!: string | null;
  /** Of a session: what its browser said it is. */
  @Column({ type: 'text', nullable: true }) browser!: string | null;
}

/** A link by which a person sets a password; only the SHA-256 of its token is kept. */
@Entity('invitations')
export class InvitationEntity {
  @PrimaryColumn({ type: 'uuid', name: 'user_id' }) userId!: string;
  @Column({ type: 'bytea', name: 'token_sha256' }) tokenSha256!: Buffer;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'expires_at' }) expiresAt!: Date;
}
