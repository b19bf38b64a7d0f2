import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What an operator wants to be told of, over the detections of one analyzer on one stream. */
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
  @Column({ type: 'jsonb' }) points!: [number, number][];
  @Column({ type: 'jsonb' }) params!: Record<string, unknown>;
  @Column({ type: 'int' }) revision!: number;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'updated_at' }) updatedAt!: Date;
  @Column({ type: 'timestamptz', name: 'deleted_at', nullable: true }) deletedAt!: Date | null;
}
