import { Column, CreateDateColumn, DeleteDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** An event an operator asks for, over the detections of one analyzer on one stream. */
@Entity('rules')
export class RuleEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'boolean' }) enabled!: boolean;
  @Column({ type: 'text', name: 'analyzer_id' }) analyzerId!: string;
  @Column({ type: 'text', array: true }) labels!: string[];
  @Column({ type: 'double precision', name: 'min_score' }) minScore!: number;
  @Column({ type: 'text' }) kind!: 'zone' | 'line' | 'dwell' | 'count';
  @Column({ type: 'jsonb' }) points!: readonly (readonly [number, number])[];
  @Column({ type: 'jsonb' }) params!: object;
  @Column({ type: 'int' }) revision!: number;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' }) updatedAt!: Date;
  @DeleteDateColumn({ type: 'timestamptz', name: 'deleted_at' }) deletedAt!: Date | null;
}
