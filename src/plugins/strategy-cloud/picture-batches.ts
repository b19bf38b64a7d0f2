import type { SampledPicture } from 'vedette/plugin';

export interface BatchLimits {
  readonly maxPictures: number;
  /** Of the pictures' bytes as base64. */
  readonly maxBytes: number;
}

const base64Length = (bytes: number): number => Math.ceil(bytes / 3) * 4;

/** Divides pictures, in their order, into as few requests as a provider's limits allow. One that is too large by itself goes alone. */
export function batches(pictures: readonly SampledPicture[], { maxPictures, maxBytes }: BatchLimits): SampledPicture[][] {
  const all: SampledPicture[][] = [];
  let sizeBytes = 0;
  for (const picture of pictures) {
    const own = base64Length(picture.jpeg.length);
    const last = all.at(-1);
    if (last === undefined || last.length >= maxPictures || sizeBytes + own > maxBytes) {
      all.push([picture]);
      sizeBytes = own;
    } else {
      last.push(picture);
      sizeBytes += own;
    }
  }
  return all;
}

export const bytesOf = ({ jpeg }: SampledPicture): Buffer => Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);

export const base64 = (picture: SampledPicture): string => bytesOf(picture).toString('base64');
