import sharp from 'sharp';
import { THUMBNAIL_LIMITS } from '../../plugin-api/index.js';
import type { ReadFrame, SheetPlan } from './reader-protocol.js';

const { widthPx: TILE_WIDTH, heightPx: TILE_HEIGHT } = THUMBNAIL_LIMITS;
const CHANNELS = 3;
const QUALITY = 70;

/** Small pictures side by side, each in its place; where there is none, or one that cannot be read, it is black. */
export async function thumbnailSheet({ columns, rows, pictures }: SheetPlan): Promise<ReadFrame> {
  const [widthPx, heightPx] = [columns * TILE_WIDTH, rows * TILE_HEIGHT];
  const sheet = Buffer.alloc(widthPx * heightPx * CHANNELS);
  for (const { place, jpeg } of pictures) {
    const tile = await tileOf(jpeg);
    if (tile === null || place < 0 || place >= columns * rows) continue;
    const [left, top] = [(place % columns) * TILE_WIDTH, Math.floor(place / columns) * TILE_HEIGHT];
    for (let y = 0; y < tile.heightPx; y++) {
      const rowBytes = tile.widthPx * CHANNELS;
      tile.rgb.copy(sheet, ((top + y) * widthPx + left) * CHANNELS, y * rowBytes, (y + 1) * rowBytes);
    }
  }
  const jpeg = await sharp(sheet, { raw: { width: widthPx, height: heightPx, channels: CHANNELS } })
    .jpeg({ quality: QUALITY })
    .toBuffer();
  return { bytes: jpeg, widthPx, heightPx };
}

async function tileOf(jpeg: Uint8Array): Promise<{ rgb: Buffer; widthPx: number; heightPx: number } | null> {
  try {
    const { data, info } = await sharp(jpeg, { limitInputPixels: TILE_WIDTH * TILE_HEIGHT, failOn: 'error' })
      .resize({ width: TILE_WIDTH, height: TILE_HEIGHT, fit: 'inside', withoutEnlargement: true })
      .toColourspace('srgb')
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    return (info.channels as number) === CHANNELS ? { rgb: data, widthPx: info.width, heightPx: info.height } : null;
  } catch {
    return null; // the others are worth seeing
  }
}
