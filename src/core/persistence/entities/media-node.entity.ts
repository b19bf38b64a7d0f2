import { Column, Entity, PrimaryColumn } from 'typeorm';
import { WHOLE_NUMBER } from './whole-number.js';

/** A media folder, and where other machines fetch its segments. */
@Entity('media_nodes')
export class MediaNodeEntity {
  /** As in `epochs.ingest_id`. */
  @PrimaryColumn({ type: 'text' }) id!: string;
  @Column({ type: 'text' }) name!: string;
  /** Null: it serves its segments to nobody. */
  @Column({ type: 'text', nullable: true }) url!: string | null;
  @Column({ type: 'text' }) host!: string;
  /** On the disk of the folder. */
  @Column({ type: 'bigint', name: 'free_bytes', nullable: true, transformer: WHOLE_NUMBER }) freeBytes!: number | null;
  /** Why no segment can be written to the folder; null: one can. */
  @Column({ type: 'text', name: 'write_fault', nullable: true }) writeFault!: string | null;
  /** Null: stopped on purpose. */
  @Column({ type: 'timestamptz', name: 'heartbeat_at', nullable: true }) heartbeatAt!: Date | null;
}

/** A secret that all processes of an installation share. */
@Entity('secrets')
export class SecretEntity {
  @PrimaryColumn({ type: 'text' }) name!: string;
  @Column({ type: 'bytea' }) value!: Buffer;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
}
