import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ReferenceSet } from 'vedette/plugin';
import type { Gallery } from './method.js';

/** A mark in a source's folder, `<slug>.png`. */
export interface Brand {
  readonly slug: string;
  /** Null for a mark of several colours: it keeps them. */
  readonly hex: string | null;
  /** `gallery` stands in the scenes and is looked for, `distractor` stands there and is nobody's business, `rest` is looked for in vain. */
  readonly role: 'gallery' | 'distractor' | 'rest';
}

/** The marks that scenes show, and how many more there are to fill a gallery with. */
export function galleryBrands(folder: string, size: number): readonly Brand[] {
  const brands = JSON.parse(readFileSync(join(folder, 'brands.json'), 'utf8')) as readonly Brand[];
  const shown = brands.filter(({ role }) => role === 'gallery');
  const rest = brands.filter(({ role }) => role === 'rest');
  if (size < shown.length || size > shown.length + rest.length)
    throw new Error(`--gallery ${size}: this source has ${shown.length} to ${shown.length + rest.length} marks to look for`);
  return [...shown, ...rest.slice(0, size - shown.length)];
}

/** The gallery as an operator would have uploaded it: one picture per brand. */
export async function galleryOf(folder: string, size: number): Promise<Gallery> {
  return { folder, set: await referenceSet(folder, galleryBrands(folder, size)) };
}

async function referenceSet(folder: string, brands: readonly Brand[]): Promise<ReferenceSet> {
  const images = await Promise.all(
    brands.map(async ({ slug }) => {
      const { data, info } = await sharp(join(folder, `${slug}.png`))
        .ensureAlpha()
        .raw()
        .toBuffer({ resolveWithObject: true });
      return {
        id: slug,
        subjectId: slug,
        label: slug,
        variant: 'main',
        widthPx: info.width,
        heightPx: info.height,
        rgba: new Uint8Array(data),
        hasAlpha: true,
      };
    }),
  );
  return { kind: 'logo', revision: 1, images };
}
