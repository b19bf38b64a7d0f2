import type { Box01 } from '../../plugin-api/index.js';

export interface ReferenceRecord {
  readonly id: string;
  readonly brandId: string;
  readonly variant: string;
  readonly source: 'upload' | 'icon' | 'frame';
  readonly mediaType: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly hasAlpha: boolean;
  readonly backgroundRemoved: boolean;
  readonly iconSlug: string | null;
  /** Where it was cut from. */
  readonly frame: FrameOrigin | null;
  /** It was cut from a stream that admins only see, and so do only they see it. */
  readonly isPrivate: boolean;
  readonly enabled: boolean;
  readonly createdAt: Date;
  readonly deletedAt: Date | null;
}

export interface FrameOrigin {
  readonly streamId: string;
  readonly epochId: string;
  readonly ptsUs: number;
  readonly box: Box01;
}

export interface BrandRecord {
  readonly id: string;
  readonly name: string;
  /** `#rrggbb` */
  readonly colour: string | null;
  readonly enabled: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly deletedAt: Date | null;
  /** Oldest first; removed ones left out. */
  readonly references: readonly ReferenceRecord[];
}

export interface BrandRow {
  id: string;
  name: string;
  colour: string | null;
  enabled: boolean;
  created_at: Date;
  updated_at: Date;
  deleted_at: Date | null;
}

export interface ReferenceRow {
  id: string;
  brand_id: string;
  variant: string;
  source: ReferenceRecord['source'];
  media_type: string;
  width_px: number;
  height_px: number;
  has_alpha: boolean;
  background_removed: boolean;
  icon_slug: string | null;
  stream_id: string | null;
  epoch_id: string | null;
  pts_us: string | null;
  box: Box01 | null;
  is_private: boolean;
  enabled: boolean;
  created_at: Date;
  deleted_at: Date | null;
}

export const BRAND_COLUMNS = 'id, name, colour, enabled, created_at, updated_at, deleted_at';
export const IS_PRIVATE = 'EXISTS (SELECT 1 FROM streams s WHERE s.id = stream_id AND s.private) AS is_private';
/** Everything but the bytes. */
export const REFERENCE_COLUMNS = `id, brand_id, variant, source, media_type, width_px, height_px, has_alpha, background_removed, icon_slug, stream_id, epoch_id, pts_us, box, enabled, created_at, deleted_at, ${IS_PRIVATE}`;

export function brandRecord(row: BrandRow, references: readonly ReferenceRow[]): BrandRecord {
  return {
    id: row.id,
    name: row.name,
    colour: row.colour,
    enabled: row.enabled,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    deletedAt: row.deleted_at,
    references: references.filter((reference) => reference.brand_id === row.id).map(referenceRecord),
  };
}

export function referenceRecord(row: ReferenceRow): ReferenceRecord {
  const { stream_id: streamId, epoch_id: epochId, pts_us: ptsUs, box } = row;
  return {
    id: row.id,
    brandId: row.brand_id,
    variant: row.variant,
    source: row.source,
    mediaType: row.media_type,
    widthPx: row.width_px,
    heightPx: row.height_px,
    hasAlpha: row.has_alpha,
    backgroundRemoved: row.background_removed,
    iconSlug: row.icon_slug,
    frame:
      streamId === null || epochId === null || ptsUs === null || box === null ? null : { streamId, epochId, ptsUs: Number(ptsUs), box },
    isPrivate: row.is_private,
    enabled: row.enabled,
    createdAt: row.created_at,
    deletedAt: row.deleted_at,
  };
}
