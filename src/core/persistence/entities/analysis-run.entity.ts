import { Column, Entity, PrimaryColumn } from 'typeorm';

export type RunState = 'queued' | 'running' | 'done' | 'partial' | 'skipped' | 'failed';

/** The ledger: what became of one segment at one analyzer with one configuration. */
@Entity('analysis_runs')
export class AnalysisRunEntity {
  @PrimaryColumn({ type: 'bigint' }) id!: string;
  @Column({ type: 'bigint', name: 'segment_id' }) segmentId!: string;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'uuid', name: 'epoch_id' }) epochId!: string;
  @Column({ type: 'int', name: 'epoch_ordinal' }) epochOrdinal!: number;
  @Column({ type: 'int' }) sequence!: number;
  @Column({ type: 'text' }) queue!: string;
  @Column({ type: 'text', name: 'analyzer_id' }) analyzerId!: string;
  @Column({ type: 'text', name: 'analyzer_version' }) analyzerVersion!: string;
  @Column({ type: 'text', name: 'config_hash' }) configHash!: string;
  @Column({ type: 'text' }) state!: RunState;
  @Column({ type: 'int' }) attempt!: number;
  /** Attempts that were given back untried. */
  @Column({ type: 'int' }) deferrals!: number;
  @Column({ type: 'text', nullable: true }) owner!: string | null;
  @Column({ type: 'timestamptz', name: 'not_before', nullable: true }) notBefore!: Date | null;
  @Column({ type: 'text', nullable: true }) reason!: string | null;
  @Column({ type: 'text', name: 'error_code', nullable: true }) errorCode!: string | null;
  @Column({ type: 'text', name: 'error_message', nullable: true }) errorMessage!: string | null;
  @Column({ type: 'text', nullable: true }) strategy!: string | null;
  /** Why that strategy, for a person. */
  @Column({ type: 'text', name: 'strategy_reason', nullable: true }) strategyReason!: string | null;
  @Column({ type: 'text', name: 'executed_by', nullable: true }) executedBy!: string | null;
  @Column({ type: 'int', name: 'frames_seen', nullable: true }) framesSeen!: number | null;
  @Column({ type: 'int', name: 'frames_expected', nullable: true }) framesExpected!: number | null;
  @Column({ type: 'int', name: 'result_count', nullable: true }) resultCount!: number | null;
  @Column({ type: 'real', name: 'wall_ms', nullable: true }) wallMs!: number | null;
  @Column({ type: 'real', name: 'cpu_ms', nullable: true }) cpuMs!: number | null;
  /** CPU of the decode, shared evenly by the runs of one job. */
  @Column({ type: 'real', name: 'decode_cpu_ms', nullable: true }) decodeCpuMs!: number | null;
  /** Of all attempts, in the currency of the operator's price lists. */
  @Column({ type: 'double precision', nullable: true }) cost!: number | null;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'started_at', nullable: true }) startedAt!: Date | null;
  @Column({ type: 'timestamptz', name: 'finished_at', nullable: true }) finishedAt!: Date | null;
}

/** Who works on one queue of one stream just now. */
@Entity('lanes')
export class LaneEntity {
  @PrimaryColumn({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @PrimaryColumn({ type: 'text' }) queue!: string;
  @Column({ type: 'text', nullable: true }) owner!: string | null;
  @Column({ type: 'bigint' }) fence!: string;
  @Column({ type: 'timestamptz', name: 'lease_until', nullable: true }) leaseUntil!: Date | null;
  @Column({ type: 'boolean' }) rung!: boolean;
}

/** State an analyzer left after a segment. */
@Entity('analyzer_checkpoints')
export class AnalyzerCheckpointEntity {
  @PrimaryColumn({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @PrimaryColumn({ type: 'text', name: 'analyzer_id' }) analyzerId!: string;
  @PrimaryColumn({ type: 'text', name: 'config_hash' }) configHash!: string;
  @Column({ type: 'uuid', name: 'epoch_id' }) epochId!: string;
  @Column({ type: 'int' }) sequence!: number;
  @Column({ type: 'jsonb' }) data!: unknown;
}
