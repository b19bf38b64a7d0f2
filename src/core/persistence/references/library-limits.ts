import { type EntityManager, IsNull } from 'typeorm';
import { brandError } from '../../errors/brand.errors.js';
import { BrandEntity, ReferenceImageEntity } from '../entities/reference.entity.js';

/** So much is loaded into every analysis host, at four bytes a pixel and twice that while it arrives; and looked for in every frame. */
export const LIBRARY_LIMITS = { brands: 300, imagesPerBrand: 16, images: 500, pixels: 64 * 1024 * 1024 } as const;

export const noBrand = (brandId: string): Error => brandError('VD_BRAND_NOT_FOUND', `No brand ${brandId}.`);

/** @throws VD_BRAND_LIMIT */
export async function requireRoomForBrand(manager: EntityManager): Promise<void> {
  const count = await manager.count(BrandEntity);
  if (count >= LIBRARY_LIMITS.brands) throw brandError('VD_BRAND_LIMIT', `There are ${count} brands.`);
}

/** @throws VD_BRAND_NOT_FOUND, VD_BRAND_LIMIT */
export async function requireRoomForImage(
  manager: EntityManager,
  brandId: string,
  { widthPx, heightPx }: { readonly widthPx: number; readonly heightPx: number },
): Promise<void> {
  if (!(await manager.existsBy(BrandEntity, { id: brandId }))) throw noBrand(brandId);
  const own = await manager.countBy(ReferenceImageEntity, { brandId });
  if (own >= LIBRARY_LIMITS.imagesPerBrand) throw brandError('VD_BRAND_LIMIT', `The brand has ${own} images.`);
  const { images, pixels } = await usage(manager);
  if (images >= LIBRARY_LIMITS.images) throw brandError('VD_BRAND_LIMIT', `There are ${images} images.`);
  requirePixels(pixels + widthPx * heightPx);
}

/** After a brand has come back with its images. @throws VD_BRAND_LIMIT */
export async function requireWithinLimits(manager: EntityManager): Promise<void> {
  const brands = await manager.count(BrandEntity);
  const { images, pixels } = await usage(manager);
  requirePixels(pixels);
  if (brands > LIBRARY_LIMITS.brands || images > LIBRARY_LIMITS.images) {
    throw brandError('VD_BRAND_LIMIT', `With it there would be ${brands} brands and ${images} images.`);
  }
}

/** Of the images of brands that are there. */
async function usage(manager: EntityManager): Promise<{ images: number; pixels: number }> {
  const sums = await manager
    .createQueryBuilder(ReferenceImageEntity, 'image')
    .innerJoin(BrandEntity, 'brand', 'brand.id = image.brandId')
    .select('count(*)::int', 'images')
    .addSelect('coalesce(sum(CAST(image.widthPx AS float8) * image.heightPx), 0)', 'pixels')
    .where({ deletedAt: IsNull() })
    .andWhere('brand.deletedAt IS NULL')
    .getRawOne<{ images: number; pixels: number }>();
  return sums ?? { images: 0, pixels: 0 };
}

function requirePixels(pixels: number): void {
  if (pixels <= LIBRARY_LIMITS.pixels) return;
  const [asked, allowed] = [pixels, LIBRARY_LIMITS.pixels].map((count) => (count / 1e6).toFixed(1));
  throw brandError('VD_BRAND_LIMIT', `With it the images would have ${asked} megapixels together, more than ${allowed}.`);
}
