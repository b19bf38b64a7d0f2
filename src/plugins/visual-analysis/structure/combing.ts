import type { LumaPlane, PixelArea } from './luma-plane.js';

const COLUMN_STEP = 2;
const ROW_STEP = 2;
/** Least difference between a row and both its neighbours; more in a noisy picture. */
const MIN_TOOTH = 14;
const TOOTH_OVER_NOISE = 4;

/**
 * Share of the looked-at pixels that lie in a comb: four rows of which the 1st and 3rd, and the 2nd and 4th, agree with each
 * other far better than neighbours do. Two fields taken at different times give combs wherever something moved between them;
 * 0..1, about 0 for progressive pictures. One picture is enough, none before it is needed.
 * @param noise of the picture, in luma levels
 */
export function combing({ luma, widthPx }: LumaPlane, { left, top, right, bottom }: PixelArea, noise: number): number {
  const minTooth = Math.max(MIN_TOOTH, TOOTH_OVER_NOISE * noise);
  let combed = 0;
  let seen = 0;
  for (let y = top; y + 3 < bottom; y += ROW_STEP) {
    const row = y * widthPx;
    for (let at = row + left; at < row + right; at += COLUMN_STEP) {
      const a = luma[at]!;
      const b = luma[at + widthPx]!;
      const first = a - b;
      if (first < minTooth && first > -minTooth) continue;
      const c = luma[at + 2 * widthPx]!;
      const second = c - b;
      if (first > 0 ? second < minTooth : second > -minTooth) continue;
      const d = luma[at + 3 * widthPx]!;
      const third = c - d;
      if (first > 0 ? third < minTooth : third > -minTooth) continue;
      const tooth = Math.min(Math.abs(first), Math.abs(second), Math.abs(third));
      if (2 * Math.abs(a - c) <= tooth && 2 * Math.abs(b - d) <= tooth) combed++;
    }
    seen += Math.ceil((right - left) / COLUMN_STEP);
  }
  return seen === 0 ? 0 : combed / seen;
}
