import type { FitTransform, Frame } from 'vedette/plugin';

/** Side of a cell in pixels of the analyzer's picture. */
export const CELL_PX = 4;
/** Levels are kept in 256ths, as whole numbers: a checkpoint then carries them exactly. */
export const UNITS_PER_LEVEL = 256;

export interface Grid {
  readonly columns: number;
  readonly rows: number;
  /** Mean level of each cell, in 256ths. */
  readonly means: Uint16Array;
}

/** The picture as means of cells. What is left at the right and bottom edge belongs to the last cell there. */
export function gridOf({ data, widthPx, heightPx }: Pick<Frame, 'data' | 'widthPx' | 'heightPx'>): Grid {
  const [columns, rows] = [Math.max(1, Math.floor(widthPx / CELL_PX)), Math.max(1, Math.floor(heightPx / CELL_PX))];
  const means = new Uint16Array(columns * rows);
  for (let row = 0; row < rows; row++) {
    const [top, bottom] = [row * CELL_PX, row === rows - 1 ? heightPx : (row + 1) * CELL_PX];
    for (let column = 0; column < columns; column++) {
      const [left, right] = [column * CELL_PX, column === columns - 1 ? widthPx : (column + 1) * CELL_PX];
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let at = y * widthPx + left; at < y * widthPx + right; at++) sum += data[at]!;
      means[row * columns + column] = Math.round((sum * UNITS_PER_LEVEL) / ((bottom - top) * (right - left)));
    }
  }
  return { columns, rows, means };
}

/** Right or bottom edge of a cell in pixels of the picture. */
export const edgeOf = (index: number, count: number, sizePx: number): number => (index === count - 1 ? sizePx : (index + 1) * CELL_PX);

export type PixelSize = Pick<FitTransform, 'frameWidthPx' | 'frameHeightPx'>;
