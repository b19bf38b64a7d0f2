import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What an operator wants found, by name. Deleted ones stay, to be brought back. */
@Entity('brands')
export class BrandEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'text' }) name!: string;
  @Column({ type: 'text', nullable: true }) colour!: string | null;
  @Column({ type: 'boolean' }) enabled!: boolean;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'updated_at' }) updatedAt!: Date;
  @Column({ type: 'timestamptz', name: 'deleted_at', nullable: true }) deletedAt!: Date | null;
}

/** One image of a brand: as it came, and as analyzers see it. */
@Entity('reference_images')
export class ReferenceImageEntity {
  @PrimaryColumn({ type: 'uuid' }) id!: string;
  @Column({ type: 'uuid', name: 'brand_id' }) brandId!: string;
  @Column({ type: 'text' }) variant!: string;
  @Column({ type: 'text' }) source!: 'upload' | 'icon' | 'frame';
  @Column({ type: 'text', name: 'media_type' }) mediaType!: string;
  @Column({ type: 'bytea' }) original!: Buffer;
  @Column({ type: 'bytea' }) png!: Buffer;
  @Column({ type: 'int', name: 'width_px' }) widthPx!: number;
  @Column({ type: 'int', name: 'height_px' }) heightPx!: number;
  @Column({ type: 'boolean', name: 'has_alpha' }) hasAlpha!: boolean;
  @Column({ type: 'boolean', name: 'background_removed' }) backgroundRemoved!: boolean;
  @Column({ type: 'bytea' }) sha256!: Buffer;
  @Column({ type: 'bytea' }) descriptor!: Buffer;
  @Column({ type: 'text', name: 'icon_slug', nullable: true }) iconSlug!: string | null;
  @Column({ type: 'uuid', name: 'stream_id', nullable: true }) streamId!: string | null;
  @Column({ type: 'uuid', name: 'epoch_id', nullable: true }) epochId!: string | null;
  @Column({ type: 'bigint', name: 'pts_us', nullable: true }) ptsUs!: string | null;
  @Column({ type: 'jsonb', nullable: true }) box!: { x: number; y: number; width: number; height: number } | null;
  @Column({ type: 'boolean' }) enabled!: boolean;
  @Column({ type: 'timestamptz', name: 'created_at' }) createdAt!: Date;
  @Column({ type: 'timestamptz', name: 'deleted_at', nullable: true }) deletedAt!: Date | null;
}

/** Grows with every change to the references of a kind. */
@Entity('reference_revisions')
export class ReferenceRevisionEntity {
  @PrimaryColumn({ type: 'text' }) kind!: string;
  @Column({ type: 'bigint' }) revision!: string;
}
