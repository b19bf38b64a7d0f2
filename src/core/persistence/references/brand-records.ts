import type { Box01 } from '../../plugin-api/index.js';
import type { BrandEntity, ReferenceImageEntity } from '../entities/reference.entity.js';

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

export function brandRecord(brand: BrandEntity, references: readonly ReferenceRecord[]): BrandRecord {
  return { ...brand, references: references.filter(({ brandId }) => brandId === brand.id) };
}

/** @param privateStreams ids of streams that only admins see */
export function referenceRecord(image: ReferenceImageEntity, privateStreams: ReadonlySet<string>): ReferenceRecord {
  const { streamId, epochId, ptsUs, box, original: _, png: __, sha256: ___, descriptor: ____, ...rest } = image;
  const isCutOut = streamId !== null && epochId !== null && ptsUs !== null && box !== null;
  return {
    ...rest,
    frame: isCutOut ? { streamId, epochId, ptsUs, box } : null,
    isPrivate: streamId !== null && privateStreams.has(streamId),
  };
}
