import { rounded } from './exposure-sum.js';
import type { Sighting } from './brand-sighting.js';

export const HEAT_COLUMNS = 32;
export const HEAT_ROWS = 18;

/** Where on screen a brand was seen: seconds for which each cell of a 32x18 grid was covered. */
export class HeatMap {
  private readonly seconds = new Float64Array(HEAT_COLUMNS * HEAT_ROWS);

  add(boxes: readonly Sighting['box'][], seconds: number): void {
    for (const box of boxes) {
      const left = box.x * HEAT_COLUMNS;
      const right = (box.x + box.width) * HEAT_COLUMNS;
      const top = box.y * HEAT_ROWS;
      const bottom = (box.y + box.height) * HEAT_ROWS;
      for (let row = Math.max(0, Math.floor(top)); row < Math.min(HEAT_ROWS, bottom); row++) {
        const height = Math.min(row + 1, bottom) - Math.max(row, top);
        for (let column = Math.max(0, Math.floor(left)); column < Math.min(HEAT_COLUMNS, right); column++) {
          const width = Math.min(column + 1, right) - Math.max(column, left);
          this.seconds[row * HEAT_COLUMNS + column]! += width * height * seconds;
        }
      }
    }
  }

  /** Row by row. */
  values(): number[] {
    return Array.from(this.seconds, rounded);
  }
}
