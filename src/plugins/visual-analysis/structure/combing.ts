import type { LumaPlane, PixelArea } from './luma-plane.js';

const COLUMN_STEP = 2;
const ROW_STEP = 2;
/** Least difference between a row and both its neighbours; more in a noisy picture. */
const MIN_TOOTH = 14;
const TOOTH_OVER_NOISE = 4;

/** Fine texture makes combs in both directions; so many times as many across are taken off. */
const TEXTURE_WEIGHT = 2;

/**
 * Share of the looked-at pixels that lie in a comb: four rows of which the 1st and 3rd, and the 2nd and 4th, agree with each
 * other far better than neighbours do. Two fields taken at different times give combs wherever something moved between them;
 * 0..1, about 0 for progressive pictures. The same pattern along rows is texture, and is taken off. One picture is enough.
 * @param noise of the picture, in luma levels
 */
export function combing({ luma, widthPx }: LumaPlane, area: PixelArea, noise: number): number {
  const minTooth = Math.max(MIN_TOOTH, TOOTH_OVER_NOISE * noise);
  const { left, top, right, bottom } = area;
  if (right - left < 4 || bottom - top < 4) return 0;
  let combed = 0;
  let textured = 0;
  for (let y = top; y + 3 < bottom; y += ROW_STEP) {
    const end = y * widthPx + right - 3;
    for (let at = y * widthPx + left; at < end; at += COLUMN_STEP) {
      if (isComb(luma, at, widthPx, minTooth)) combed++;
      if (isComb(luma, at, 1, minTooth)) textured++;
    }
  }
  const seen = Math.ceil((bottom - top - 3) / ROW_STEP) * Math.ceil((right - left - 3) / COLUMN_STEP);
  return Math.max(0, combed - TEXTURE_WEIGHT * textured) / seen;
}

/** Whether the four pixels that are `stride` apart go up and down alike. */
function isComb(luma: Uint8Array, at: number, stride: number, minTooth: number): boolean {
  const a = luma[at]!;
  const b = luma[at + stride]!;
  const first = a - b;
  if (first < minTooth && first > -minTooth) return false;
  const c = luma[at + 2 * stride]!;
  const second = c - b;
  if (first > 0 ? second < minTooth : second > -minTooth) return false;
  const d = luma[at + 3 * stride]!;
  const third = c - d;
  if (first > 0 ? third < minTooth : third > -minTooth) return false;
  const tooth = Math.min(Math.abs(first), Math.abs(second), Math.abs(third));
  return 2 * Math.abs(a - c) <= tooth && 2 * Math.abs(b - d) <= tooth;
}
