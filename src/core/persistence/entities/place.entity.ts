import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What was set aside or spent in one day or month (UTC). */
@Entity('spending')
export class SpendingEntity {
  /** `strategy:<id>` or `analyzer:<id>`. */
  @PrimaryColumn({ type: 'text' }) subject!: string;
  /** `2026-11-26` or `2026-11`. */
  @PrimaryColumn({ type: 'text' }) period!: string;
  @Column({ type: 'double precision' }) amount!: number;
}

/** How a strategy in the shadow did on one run. */
@Entity('shadow_runs')
export class ShadowRunEntity {
  @PrimaryColumn({ type: 'bigint' }) id!: string;
  @Column({ type: 'bigint', name: 'run_id' }) runId!: string;
  @Column({ type: 'uuid', name: 'stream_id' }) streamId!: string;
  @Column({ type: 'text', name: 'analyzer_id' }) analyzerId!: string;
  @Column({ type: 'text', name: 'config_hash' }) configHash!: string;
  @Column({ type: 'text' }) strategy!: string;
  @Column({ type: 'text', name: 'shadow_strategy' }) shadowStrategy!: string;
  @Column({ type: 'text' }) state!: 'compared' | 'skipped' | 'failed';
  @Column({ type: 'text', nullable: true }) reason!: string | null;
  /** 0..1; null where there was nothing to compare. */
  @Column({ type: 'double precision', nullable: true }) agreement!: number | null;
  @Column({ type: 'int', nullable: true }) matched!: number | null;
  @Column({ type: 'int', name: 'only_main', nullable: true }) onlyMain!: number | null;
  @Column({ type: 'int', name: 'only_shadow', nullable: true }) onlyShadow!: number | null;
  @Column({ type: 'real', name: 'main_wall_ms', nullable: true }) mainWallMs!: number | null;
  @Column({ type: 'real', name: 'shadow_wall_ms', nullable: true }) shadowWallMs!: number | null;
  @Column({ type: 'double precision', name: 'main_cost', nullable: true }) mainCost!: number | null;
  @Column({ type: 'double precision', name: 'shadow_cost', nullable: true }) shadowCost!: number | null;
  @Column({ type: 'timestamptz' }) at!: Date;
}
