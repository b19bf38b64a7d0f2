import type { LumaPlane, PixelArea } from './luma-plane.js';

const ROW_STEP = 4;
const COLUMN_STEP = 2;
/** Where luma changes by more than this over three pixels there is an edge, whose curvature is not noise. */
const MAX_GRADIENT = 48;

/**
 * Standard deviation of the picture's noise in 8-bit luma levels, by Immerkaer's method (1996): the mean response to a mask that
 * cancels whatever is locally plane, edges left out as Tai and Yang (2008) do.
 */
export function noiseLevel({ luma, widthPx }: LumaPlane, { left, top, right, bottom }: PixelArea): number {
  let sum = 0;
  let count = 0;
  for (let y = top + 1; y + 1 < bottom; y += ROW_STEP) {
    const row = y * widthPx;
    for (let at = row + left + 1; at + 1 < row + right; at += COLUMN_STEP) {
      const up = luma[at - widthPx]!;
      const down = luma[at + widthPx]!;
      const west = luma[at - 1]!;
      const east = luma[at + 1]!;
      if (Math.abs(down - up) + Math.abs(east - west) > MAX_GRADIENT) continue;
      const corners = luma[at - widthPx - 1]! + luma[at - widthPx + 1]! + luma[at + widthPx - 1]! + luma[at + widthPx + 1]!;
      sum += Math.abs(corners - 2 * (up + down + west + east) + 4 * luma[at]!);
      count++;
    }
  }
  return count === 0 ? 0 : (Math.sqrt(Math.PI / 2) * sum) / (6 * count);
}
