/** RGBA, straight alpha, rows without padding. */
export interface Raster {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgba: Buffer;
}

export interface PixelBox {
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Fainter than this is taken for nothing: the fringe of a shadow. */
const VISIBLE_ALPHA = 12;
/** As good as opaque: encoders that round. */
const OPAQUE_ALPHA = 250;

export const isOpaque = ({ rgba }: Raster): boolean => {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i]! < OPAQUE_ALPHA) return false;
  return true;
};

/** The smallest box around what is visible; null when nothing is. */
export function visibleBox({ widthPx, heightPx, rgba }: Raster): PixelBox | null {
  let [left, top, right, bottom] = [widthPx, heightPx, -1, -1];
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      if (rgba[(y * widthPx + x) * 4 + 3]! <= VISIBLE_ALPHA) continue;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      bottom = y;
    }
  }
  return right < 0 ? null : { x: left, y: top, widthPx: right - left + 1, heightPx: bottom - top + 1 };
}

export function cropped(raster: Raster, box: PixelBox): Raster {
  const rgba = Buffer.allocUnsafe(box.widthPx * box.heightPx * 4);
  for (let row = 0; row < box.heightPx; row++) {
    const from = ((box.y + row) * raster.widthPx + box.x) * 4;
    raster.rgba.copy(rgba, row * box.widthPx * 4, from, from + box.widthPx * 4);
  }
  return { widthPx: box.widthPx, heightPx: box.heightPx, rgba };
}
