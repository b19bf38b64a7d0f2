import { brandError } from '../../errors/brand.errors.js';
import { isSameColour, shapeLikeness } from '../../brands/descriptor.js';

/** Correlation above which two images are one shape. */
const SAME_SHAPE = 0.97;
/** Shapes are compared stretched to a square: beyond this ratio of aspects they are not the same, whatever they correlate. */
const SAME_ASPECT = 1.25;

export interface Look {
  readonly brandId: string;
  readonly sha256: Uint8Array;
  readonly descriptor: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface KeptLook extends Look {
  readonly brandName: string;
  readonly variant: string;
}

/**
 * Refuses an image that the library has already. A brand may have one shape in several colours; two brands may share none, unless
 * the operator knows better.
 * @throws VD_BRAND_IMAGE_KNOWN, VD_BRAND_IMAGE_DUPLICATE
 */
export function refuseLookAlike(image: Look, kept: readonly KeptLook[], allowDuplicate: boolean): void {
  for (const other of kept) {
    const isSameFile = Buffer.compare(image.sha256, other.sha256) === 0;
    const likeness = isSameFile ? 1 : aspectRatio(image, other) > SAME_ASPECT ? 0 : shapeLikeness(image.descriptor, other.descriptor);
    if (likeness <= SAME_SHAPE) continue;
    const how = isSameFile ? 'the same file as' : `the same shape as (likeness ${likeness.toFixed(3)})`;
    if (other.brandId === image.brandId) {
      if (isSameFile || isSameColour(image.descriptor, other.descriptor)) {
        throw brandError('VD_BRAND_IMAGE_KNOWN', `The image is ${how} the variant ${JSON.stringify(other.variant)} of this brand.`);
      }
    } else if (!allowDuplicate) {
      throw brandError(
        'VD_BRAND_IMAGE_DUPLICATE',
        `The image is ${how} the variant ${JSON.stringify(other.variant)} of the brand ${JSON.stringify(other.brandName)}.`,
      );
    }
  }
}

function aspectRatio(a: Look, b: Look): number {
  const ratio = (a.widthPx * b.heightPx) / (a.heightPx * b.widthPx);
  return Math.max(ratio, 1 / ratio);
}
