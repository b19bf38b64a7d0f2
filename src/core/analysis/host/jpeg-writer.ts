import sharp, { type OutputInfo } from 'sharp';
import { analysisError } from '../../errors/analysis.errors.js';
import type { RgbPicture } from '../../decode/held-pictures.js';
import type { PictureRequest, SampledPicture } from '../../plugin-api/index.js';

// One core per analysis host, and nothing of one picture serves the next.
sharp.concurrency(1);
sharp.cache(false);

/** Below it a picture shows blocks rather than things: then it is made smaller instead. */
const LEAST_QUALITY = 40;
const QUALITY_STEP = 15;
/** Aimed a little below the limit, so that one step is mostly enough. */
const AIM = 0.9;
const MAX_SHRINKS = 12;

/**
 * Writes a JPEG within `maxBytes`: first at the quality that is wanted, then lower, then smaller.
 * @param limits `maxSidePx`: larger pictures are made smaller first; absent: the picture is small enough
 * @throws VD_ANALYSIS_PICTURE_SIZE where not even a few pixels fit
 */
export async function writeJpeg(
  picture: RgbPicture,
  { quality, maxBytes, maxSidePx }: Pick<PictureRequest, 'quality' | 'maxBytes'> & Partial<Pick<PictureRequest, 'maxSidePx'>>,
): Promise<Omit<SampledPicture, 'ptsUs'>> {
  let longSidePx = Math.max(picture.widthPx, picture.heightPx);
  if (maxSidePx !== undefined) longSidePx = Math.min(longSidePx, maxSidePx);
  let jpeg = await encode(picture, quality, longSidePx);
  let used = quality;
  while (jpeg.data.length > maxBytes && used > LEAST_QUALITY) {
    used = Math.max(LEAST_QUALITY, used - QUALITY_STEP);
    jpeg = await encode(picture, used, longSidePx);
  }
  for (let shrinks = 0; jpeg.data.length > maxBytes && shrinks < MAX_SHRINKS; shrinks++) {
    longSidePx = Math.max(1, Math.floor(longSidePx * Math.min(AIM, Math.sqrt((maxBytes / jpeg.data.length) * AIM))));
    jpeg = await encode(picture, used, longSidePx);
  }
  if (jpeg.data.length > maxBytes)
    throw analysisError('VD_ANALYSIS_PICTURE_SIZE', `a picture of ${longSidePx} px takes ${jpeg.data.length} bytes, more than ${maxBytes}`);
  // A copy: what crosses to the worker is the picture, not the buffer it was written into.
  return { widthPx: jpeg.info.width, heightPx: jpeg.info.height, jpeg: Uint8Array.from(jpeg.data) };
}

function encode({ rgb, widthPx, heightPx }: RgbPicture, quality: number, longSidePx: number): Promise<{ data: Buffer; info: OutputInfo }> {
  const pixels = sharp(rgb, { raw: { width: widthPx, height: heightPx, channels: 3 } });
  const sized =
    longSidePx >= Math.max(widthPx, heightPx)
      ? pixels
      : pixels.resize({ width: longSidePx, height: longSidePx, fit: 'inside', withoutEnlargement: true });
  return sized.jpeg({ quality }).toBuffer({ resolveWithObject: true });
}
