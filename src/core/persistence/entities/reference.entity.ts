import { Column, CreateDateColumn, DeleteDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';
import type { Box01 } from '../../plugin-api/index.js';
import { WHOLE_NUMBER } from './whole-number.js';

/** What an operator wants found, by name. Deleted ones stay, to be brought back. */
@Entity('brands')
export class BrandEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'text', nullable: true }) colour!: string | null;
  @Column({ type: 'boolean' }) enabled!: boolean;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' }) updatedAt!: Date;
  @DeleteDateColumn({ type: 'timestamptz', name: 'deleted_at' }) deletedAt!: Date | null;
}

/** One image of a brand: as it came, and as analyzers see it. What is large is read only where it is asked for by name. */
@Entity('reference_images')
export class ReferenceImageEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'brand_id' }) brandId!: string;
  @Column({ type: 'text' }) variant!: string;
  @Column({ type: 'text' }) source!: 'upload' | 'icon' | 'frame';
  @Column({ type: 'text', name: 'media_type' }) mediaType!: string;
  @Column({ type: 'bytea', select: false }) original!: Buffer;
  @Column({ type: 'bytea', select: false }) png!: Buffer;
  @Column({ type: 'int', name: 'width_px' }) widthPx!: number;
  @Column({ type: 'int', name: 'height_px' }) heightPx!: number;
  @Column({ type: 'boolean', name: 'has_alpha' }) hasAlpha!: boolean;
  @Column({ type: 'boolean', name: 'background_removed' }) backgroundRemoved!: boolean;
  @Column({ type: 'bytea', select: false }) sha256!: Buffer;
  @Column({ type: 'bytea', select: false }) descriptor!: Buffer;
  @Column({ type: 'text', name: 'icon_slug', nullable: true }) iconSlug!: string | null;
  @Column({ type: 'uuid', name: 'stream_id', nullable: true }) streamId!: string | null;
  @Column({ type: 'uuid', name: 'epoch_id', nullable: true }) epochId!: string | null;
  @Column({ type: 'bigint', name: 'pts_us', nullable: true, transformer: WHOLE_NUMBER }) ptsUs!: number | null;
  @Column({ type: 'jsonb', nullable: true }) box!: Box01 | null;
  @Column({ type: 'boolean' }) enabled!: boolean;
  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @DeleteDateColumn({ type: 'timestamptz', name: 'deleted_at' }) deletedAt!: Date | null;
}

/** Grows with every change to the references of a kind. */
@Entity('reference_revisions')
export class ReferenceRevisionEntity {
  @PrimaryColumn({ type: 'text' }) kind!: string;
  @Column({ type: 'bigint' }) revision!: string;
}
