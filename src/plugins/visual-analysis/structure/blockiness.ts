import type { LumaPlane, PixelArea } from './luma-plane.js';

/** Every 4th row is looked at for steps along it, every 4th column for steps across rows. */
const STEP = 4;
/** Steps of blocks are small; larger ones are the picture's own edges. */
const MIN_STEP = 2;
const MAX_STEP = 40;
const PERIODS = [8, 16] as const;

/** Counts steps that stand alone, line by line; keeps its counters between pictures. */
export class BlockGrid {
  private columns = new Uint32Array(0);
  private rows = new Uint32Array(0);

  /**
   * How much more often luma makes a lone small step on the lines of an 8 or 16 pixel grid than between them, 0..1, mean of both
   * directions. The grid's place is found, not assumed. A step is lone where it is more than twice both its neighbours
   * together: the idea of Muijs and Kirenko (2005), counted instead of averaged, so that no strong edge outweighs the rest.
   */
  measure({ luma, widthPx, heightPx }: LumaPlane, { left, top, right, bottom }: PixelArea): number {
    if (this.columns.length !== widthPx) this.columns = new Uint32Array(widthPx);
    if (this.rows.length !== heightPx) this.rows = new Uint32Array(heightPx);
    const columns = this.columns.fill(0);
    const rows = this.rows.fill(0);
    for (let y = top; y < bottom; y += STEP) {
      const row = y * widthPx;
      let before = Math.abs(luma[row + left + 1]! - luma[row + left]!);
      let step = Math.abs(luma[row + left + 2]! - luma[row + left + 1]!);
      for (let x = left + 2; x + 1 < right; x++) {
        const after = Math.abs(luma[row + x + 1]! - luma[row + x]!);
        if (step >= MIN_STEP && step <= MAX_STEP && step > 2 * (before + after)) columns[x]!++;
        before = step;
        step = after;
      }
    }
    for (let y = top + 2; y + 1 < bottom; y++) {
      const row = y * widthPx;
      let count = 0;
      for (let at = row + left; at < row + right; at += STEP) {
        const upper = luma[at - widthPx]!;
        const value = luma[at]!;
        const step = Math.abs(value - upper);
        if (step < MIN_STEP || step > MAX_STEP) continue;
        if (step > 2 * (Math.abs(upper - luma[at - 2 * widthPx]!) + Math.abs(luma[at + widthPx]! - value))) count++;
      }
      rows[y] = count;
    }
    const across = onGridOverRest(columns, left + 2, right - 1) / Math.max(1, Math.ceil((bottom - top) / STEP));
    const down = onGridOverRest(rows, top + 2, bottom - 1) / Math.max(1, Math.ceil((right - left) / STEP));
    return (across + down) / 2;
  }
}

/** The best grid's mean count less that of all other lines, over periods and offsets. Ranges too short to tell give 0. */
function onGridOverRest(counts: Uint32Array, from: number, to: number): number {
  if (to - from < 4 * Math.max(...PERIODS)) return 0;
  let best = 0;
  for (const period of PERIODS) {
    const sums = new Array<number>(period).fill(0);
    const lines = new Array<number>(period).fill(0);
    let total = 0;
    for (let i = from; i < to; i++) {
      sums[i % period]! += counts[i]!;
      lines[i % period]!++;
      total += counts[i]!;
    }
    for (let offset = 0; offset < period; offset++) {
      const on = sums[offset]! / lines[offset]!;
      const off = (total - sums[offset]!) / (to - from - lines[offset]!);
      best = Math.max(best, on - off);
    }
  }
  return best;
}
