import type { GrayPyramid } from './gray-pyramid.js';

const COLUMNS = 32;
const ROWS = 18;
/** Share of the picture's variation that must be new for a cut. */
const CUT_CORRELATION = 0.5;
const LEAST_DEVIATION = 2;

/** Mean grey of 32x18 tiles: enough to tell one shot from another, small enough for a checkpoint. */
export function tilesOf(picture: GrayPyramid): Uint8Array {
  const { data, widthPx, heightPx } = picture.levels[Math.min(3, picture.levels.length - 1)]!;
  const tiles = new Uint8Array(COLUMNS * ROWS);
  for (let row = 0; row < ROWS; row++) {
    const top = Math.floor((row * heightPx) / ROWS);
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * heightPx) / ROWS));
    for (let column = 0; column < COLUMNS; column++) {
      const left = Math.floor((column * widthPx) / COLUMNS);
      const right = Math.max(left + 1, Math.floor(((column + 1) * widthPx) / COLUMNS));
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += data[y * widthPx + x]!;
      tiles[row * COLUMNS + column] = Math.round(sum / ((bottom - top) * (right - left)));
    }
  }
  return tiles;
}

/** Whether two pictures are of different shots: their tiles no longer correlate, whatever the brightness. */
export function isCut(before: Uint8Array, after: Uint8Array): boolean {
  const count = before.length;
  let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
  for (let i = 0; i < count; i++) {
    const [a, b] = [before[i]!, after[i]!];
    sa += a;
    sb += b;
    saa += a * a;
    sbb += b * b;
    sab += a * b;
  }
  const [va, vb] = [saa / count - (sa / count) ** 2, sbb / count - (sb / count) ** 2];
  if (Math.min(va, vb) < LEAST_DEVIATION ** 2) return Math.max(va, vb) >= LEAST_DEVIATION ** 2;
  return (sab / count - (sa / count) * (sb / count)) / Math.sqrt(va * vb) < CUT_CORRELATION;
}
