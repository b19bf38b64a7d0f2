import sharp from 'sharp';
import { brandError } from '../../errors/brand.errors.js';
import { CodedError, errorText } from '../../plugin-api/index.js';
import { describeImage } from '../../brands/descriptor.js';
import { withoutBackground } from './contrasting-background.js';
import { imageKind, type ImageKind } from './image-kind.js';
import { MAX_IMAGE_BYTES, MAX_SIDE_PX, type ReadImage } from './reader-protocol.js';
import { cropped, isOpaque, visibleBox, type Raster } from './raster.js';
import { checkSvg } from './svg-check.js';

const MAX_PIXELS = 40_000_000;
/** What is worked on: far more than is kept, so that a logo in the middle of a large sheet is still sharp when trimmed. */
const WORK_SIDE_PX = 2_048;
const MIN_SIDE_PX = 24;
const MAX_ASPECT = 12;
/** Standard deviation, of 127, below which an image is flat. */
const MIN_CONTRAST = 6;
const SVG_DPI = 72;

const LOADERS = ['VipsForeignLoadPngBuffer', 'VipsForeignLoadJpegBuffer', 'VipsForeignLoadWebpBuffer', 'VipsForeignLoadSvgBuffer'];

/** Leaves the picture library nothing but the four loaders that are needed, from memory only. */
export function confinePictureLibrary(): void {
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({ operation: LOADERS });
}

/** Reads an image from anywhere. @throws VD_BRAND_IMAGE_* */
export async function readUpload(bytes: Buffer, keepBackground: boolean): Promise<ReadImage> {
  if (bytes.length > MAX_IMAGE_BYTES)
    throw brandError('VD_BRAND_IMAGE_TOO_LARGE', `The image has ${bytes.length} bytes, more than ${MAX_IMAGE_BYTES}.`);
  const kind = imageKind(bytes);
  if (kind === 'image/svg+xml') checkSvg(bytes);
  const drawn = await draw(bytes, kind);
  const bare = keepBackground || !isOpaque(drawn) ? null : withoutBackground(drawn);
  return { mediaType: kind, ...(await normalise(bare ?? drawn)), backgroundRemoved: bare !== null };
}

/** Checks what is visible of a raster and brings it into the form that is kept. @throws VD_BRAND_IMAGE_* */
export async function normalise(raster: Raster): Promise<Omit<ReadImage, 'mediaType' | 'backgroundRemoved'>> {
  const box = visibleBox(raster);
  if (box === null)
    throw brandError('VD_BRAND_IMAGE_NO_CONTRAST', 'Nothing in the image is visible: it is blank, transparent or of one colour all over.');
  const [long, short] = [Math.max(box.widthPx, box.heightPx), Math.min(box.widthPx, box.heightPx)];
  if (short < MIN_SIDE_PX)
    throw brandError(
      'VD_BRAND_IMAGE_TOO_SMALL',
      `What is visible measures ${box.widthPx}x${box.heightPx} pixels; its shorter side needs ${MIN_SIDE_PX}.`,
    );
  if (long > short * MAX_ASPECT)
    throw brandError(
      'VD_BRAND_IMAGE_ASPECT',
      `What is visible measures ${box.widthPx}x${box.heightPx} pixels, longer than ${MAX_ASPECT}:1.`,
    );
  const kept = await shrunk(cropped(raster, box));
  const { descriptor, contrast } = describeImage(kept);
  if (contrast < MIN_CONTRAST)
    throw brandError(
      'VD_BRAND_IMAGE_NO_CONTRAST',
      'What is visible is all of one brightness: there is no shape in it. A difference in colour alone is none.',
    );
  return { png: await toPng(kept), widthPx: kept.widthPx, heightPx: kept.heightPx, hasAlpha: !isOpaque(kept), descriptor };
}

export const toPng = ({ rgba, widthPx, heightPx }: Raster): Promise<Buffer> =>
  sharp(rgba, { raw: { width: widthPx, height: heightPx, channels: 4 } })
    .png({ compressionLevel: 9, palette: false })
    .toBuffer();

async function draw(bytes: Buffer, kind: ImageKind): Promise<Raster> {
  try {
    const { width = 0, height = 0 } = await sharp(bytes, { limitInputPixels: false }).metadata();
    const isVector = kind === 'image/svg+xml';
    if (!isVector && width * height > MAX_PIXELS)
      throw brandError(
        'VD_BRAND_IMAGE_TOO_LARGE',
        `The image measures ${width}x${height} pixels, more than ${MAX_PIXELS / 1e6} megapixels.`,
      );
    const density = isVector ? { density: clamp((SVG_DPI * WORK_SIDE_PX) / Math.max(width, height, 1), 1, 100_000) } : {};
    const { data, info } = await sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error', ...density })
      .autoOrient()
      .toColourspace('srgb')
      .resize({ width: WORK_SIDE_PX, height: WORK_SIDE_PX, fit: 'inside', withoutEnlargement: true })
      .ensureAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.channels !== 4) throw new Error(`${info.channels} channels`);
    return { widthPx: info.width, heightPx: info.height, rgba: data };
  } catch (error) {
    if (error instanceof CodedError) throw error;
    throw brandError('VD_BRAND_IMAGE_UNREADABLE', `The ${kind} is damaged, or of a kind that is not understood: ${firstLine(error)}`);
  }
}

async function shrunk(raster: Raster): Promise<Raster> {
  if (Math.max(raster.widthPx, raster.heightPx) <= MAX_SIDE_PX) return raster;
  const { data, info } = await sharp(raster.rgba, { raw: { width: raster.widthPx, height: raster.heightPx, channels: 4 } })
    .resize({ width: MAX_SIDE_PX, height: MAX_SIDE_PX, fit: 'inside' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { widthPx: info.width, heightPx: info.height, rgba: data };
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));
const firstLine = (error: unknown): string => errorText(error).split('\n')[0]!.slice(0, 200);
