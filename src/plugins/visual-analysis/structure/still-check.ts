import type { LumaPlane } from './luma-plane.js';

const COLUMNS = 32;
const ROWS = 18;
/** Every 8th pixel of every 4th row. */
const COLUMN_STEP = 8;
const ROW_STEP = 4;
/** Mean change of the cells, in luma levels, from which something moved: an encoder's noise is below. */
const MIN_CHANGE = 0.75;

/** Mean luma of 32x18 cells, row by row: small enough for a checkpoint. */
export function coarseMeans({ luma, widthPx, heightPx }: LumaPlane): Uint8Array {
  const sums = new Uint32Array(COLUMNS * ROWS);
  const counts = new Uint32Array(COLUMNS * ROWS);
  for (let y = 0; y < heightPx; y += ROW_STEP) {
    const row = Math.floor((y * ROWS) / heightPx) * COLUMNS;
    for (let x = 0; x < widthPx; x += COLUMN_STEP) {
      const cell = row + Math.floor((x * COLUMNS) / widthPx);
      sums[cell]! += luma[y * widthPx + x]!;
      counts[cell]!++;
    }
  }
  return Uint8Array.from(sums, (sum, cell) => (counts[cell] === 0 ? 0 : Math.round(sum / counts[cell]!)));
}

/** Whether two pictures' cells differ by more than noise does. */
export function hasMoved(a: Uint8Array, b: Uint8Array): boolean {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - (b[i] ?? 0));
  return sum / a.length >= MIN_CHANGE;
}
