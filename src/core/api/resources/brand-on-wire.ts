import type { BrandRecord, ReferenceRecord } from '../../persistence/references/brand-records.js';
import { hintsOf } from '../../references/reference-hints.js';
import type { BrandIcon } from '../../references/brand-icons.js';
import type { BrandIconWire, BrandWire, ReferenceWire } from '../../wire/brands.wire.js';
import type { Role } from '../../wire/wire.js';

export function referenceOnWire({ isPrivate: _, ...record }: ReferenceRecord): ReferenceWire {
  return {
    ...record,
    frame: record.frame === null ? null : { ...record.frame },
    createdAt: record.createdAt.toISOString(),
    deletedAt: record.deletedAt?.toISOString() ?? null,
    imageUrl: `/api/brands/${record.brandId}/references/${record.id}/image`,
    hints: hintsOf(record),
  };
}

/** What of the images a user sees: those cut from streams that admins only see are theirs. */
export const visibleReferences = (records: readonly ReferenceRecord[], role: Role): ReferenceWire[] =>
  records.filter(({ isPrivate }) => role === 'admin' || !isPrivate).map(referenceOnWire);

export function brandOnWire(record: BrandRecord, role: Role): BrandWire {
  return {
    ...record,
    createdAt: record.createdAt.toISOString(),
    updatedAt: record.updatedAt.toISOString(),
    deletedAt: record.deletedAt?.toISOString() ?? null,
    references: visibleReferences(record.references, role),
  };
}

export const iconOnWire = ({ slug, title, colour }: BrandIcon): BrandIconWire => ({
  slug,
  title,
  colour,
  imageUrl: `/api/brand-icons/${slug}/image`,
});
