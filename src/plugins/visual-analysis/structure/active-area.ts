import type { LumaPlane, PixelArea } from './luma-plane.js';

/** Every 4th pixel along a line tells enough of it. */
const STEP = 4;
/** A line is of a bar when hardly a pixel of it is brighter than the limit, rings of the encoder at the picture's edge aside. */
const MAX_BRIGHTER_SHARE = 0.02;

/**
 * The picture without black bars: lines are taken off each side for as long as they are black, rows first, as ffmpeg's
 * cropdetect does. Null where nothing is left: a black picture tells nothing of bars.
 * @param limit mean luma up to which a line is black, 0..255
 */
export function activeArea({ luma, widthPx, heightPx }: LumaPlane, limit: number): PixelArea | null {
  const isBlack = (first: number, stride: number, count: number): boolean => {
    let sum = 0;
    let brighter = 0;
    let seen = 0;
    for (let i = 0; i < count; i += STEP) {
      const value = luma[first + i * stride]!;
      sum += value;
      if (value > 2 * limit) brighter++;
      seen++;
    }
    return sum <= limit * seen && brighter <= MAX_BRIGHTER_SHARE * seen;
  };
  const isBlackRow = (y: number): boolean => isBlack(y * widthPx, 1, widthPx);
  let top = 0;
  while (top < heightPx && isBlackRow(top)) top++;
  if (top === heightPx) return null;
  let bottom = heightPx;
  while (isBlackRow(bottom - 1)) bottom--;
  const isBlackColumn = (x: number): boolean => isBlack(top * widthPx + x, widthPx, bottom - top);
  let left = 0;
  while (left < widthPx && isBlackColumn(left)) left++;
  if (left === widthPx) return null;
  let right = widthPx;
  while (isBlackColumn(right - 1)) right--;
  return { left, top, right, bottom };
}
