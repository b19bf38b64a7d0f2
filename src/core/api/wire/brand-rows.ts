import type { BrandRecord, ReferenceRecord } from '../../persistence/references/brand-rows.js';
import type { BrandIcon } from '../../references/brand-icons.js';
import type { BrandIconWire, BrandWire, ReferenceWire } from './brands.wire.js';

export function referenceOnWire(record: ReferenceRecord): ReferenceWire {
  return {
    ...record,
    frame: record.frame === null ? null : { ...record.frame },
    createdAt: record.createdAt.toISOString(),
    deletedAt: record.deletedAt?.toISOString() ?? null,
    imageUrl: `/api/brands/${record.brandId}/references/${record.id}/image`,
  };
}

export function brandOnWire(record: BrandRecord): BrandWire {
  return {
    ...record,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
    deletedAt: record.deletedAt?.toISOString() ?? null,
    references: record.references.map(referenceOnWire),
  };
}

export const iconOnWire = ({ slug, title, colour }: BrandIcon): BrandIconWire => ({ slug, title, colour, imageUrl: `/api/brand-icons/${slug}/image` });
