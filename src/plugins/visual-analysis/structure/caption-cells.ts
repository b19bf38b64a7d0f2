import type { LumaPlane } from './luma-plane.js';

/** A cell at 720 rows; larger pictures have larger cells. */
const CELL_WIDTH_PX = 32;
const CELL_HEIGHT_PX = 18;
const CELLS_DOWN = 40;
const ROW_STEP = 2;
/** Luma steps of strokes, how many of them a row of a cell has, and on what share of its rows. */
const MIN_STROKE = 56;
const MIN_STROKES = 4;
const MIN_ROW_SHARE = 0.4;
/** Cells side by side that make a line of text. */
const MIN_LINE_CELLS = 4;
/** A line of text is at most so many cells high; a taller field is texture. */
const MAX_LINE_HEIGHT_CELLS = 3;

/** Where text-like lines lie, and how much of them outside the safe area. */
export interface CaptionCells {
  /** Cells of lines. */
  readonly inLines: number;
  /** Those of them that reach outside the safe area. */
  readonly outside: number;
}

/**
 * Looks for lines of text by what letters have in common: strong strokes, up and down, close together along rows, in a
 * field that is wide and low. Cheap and coarse: it reads nothing, and a row of palings may pass for text.
 * @param safeShare of width and height, centred
 */
export function captionCells({ luma, widthPx, heightPx }: LumaPlane, safeShare: number): CaptionCells {
  const scale = Math.max(1, heightPx / (CELLS_DOWN * CELL_HEIGHT_PX));
  const cellWidth = Math.max(8, Math.round(CELL_WIDTH_PX * scale));
  const cellHeight = Math.max(4, Math.round(CELL_HEIGHT_PX * scale));
  const columns = Math.floor(widthPx / cellWidth);
  const rows = Math.floor(heightPx / cellHeight);
  if (columns < MIN_LINE_CELLS || rows < 1) return { inLines: 0, outside: 0 };
  const texty = new Uint8Array(columns * rows);
  const hits = new Uint8Array(columns);
  const rowsNeeded = Math.max(2, Math.round((MIN_ROW_SHARE * cellHeight) / ROW_STEP));
  for (let row = 0; row < rows; row++) {
    hits.fill(0);
    for (let y = row * cellHeight; y < (row + 1) * cellHeight; y += ROW_STEP) countRow(luma, y * widthPx, cellWidth, columns, hits);
    for (let column = 0; column < columns; column++) texty[row * columns + column] = hits[column]! >= rowsNeeded ? 1 : 0;
  }
  return countLines(texty, columns, rows, (column, row) => {
    const [marginX, marginY] = [((1 - safeShare) / 2) * widthPx, ((1 - safeShare) / 2) * heightPx];
    const [x, y] = [(column + 0.5) * cellWidth, (row + 0.5) * cellHeight];
    return x < marginX || x > widthPx - marginX || y < marginY || y > heightPx - marginY;
  });
}

/** Counts, for the cells of one picture row, those whose luma goes strongly up and down often enough. */
function countRow(luma: Uint8Array, first: number, cellWidth: number, columns: number, hits: Uint8Array): void {
  for (let column = 0; column < columns; column++) {
    const end = first + (column + 1) * cellWidth - 2;
    let direction = 0;
    let strokes = 0;
    for (let at = first + column * cellWidth; at < end; at++) {
      const step = luma[at + 2]! - luma[at]!;
      if (step >= MIN_STROKE) {
        if (direction !== 1) strokes++;
        direction = 1;
      } else if (step <= -MIN_STROKE) {
        if (direction !== -1) strokes++;
        direction = -1;
      }
    }
    if (strokes >= MIN_STROKES) hits[column]!++;
  }
}

function countLines(texty: Uint8Array, columns: number, rows: number, isOutside: (column: number, row: number) => boolean): CaptionCells {
  const isText = (column: number, row: number): boolean => row >= 0 && row < rows && texty[row * columns + column] === 1;
  const isLow = (column: number, row: number): boolean => {
    let height = 1;
    for (let up = row - 1; isText(column, up); up--) height++;
    for (let down = row + 1; isText(column, down); down++) height++;
    return height <= MAX_LINE_HEIGHT_CELLS;
  };
  let inLines = 0;
  let outside = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      let end = column;
      while (end < columns && isText(end, row) && isLow(end, row)) end++;
      if (end - column >= MIN_LINE_CELLS) {
        inLines += end - column;
        for (let at = column; at < end; at++) if (isOutside(at, row)) outside++;
      }
      column = Math.max(column, end);
    }
  }
  return { inLines, outside };
}
