/**
 * A small likeness of a reference image, for telling duplicates: 32 x 32 cells of luma, the image stretched over them and laid on
 * black or white, whichever shows more of it; then the mean colour of what is visible.
 */
const SIDE = 32;
const CELLS = SIDE * SIDE;

export interface Likeness {
  readonly descriptor: Buffer;
  /** Standard deviation of the cells, 0 to 127: how much there is to see. */
  readonly contrast: number;
}

export function describeImage({
  widthPx,
  heightPx,
  rgba,
}: {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly rgba: Uint8Array;
}): Likeness {
  const sums = { onWhite: new Float64Array(CELLS), onBlack: new Float64Array(CELLS), weight: new Float64Array(CELLS) };
  const colour = [0, 0, 0, 0];
  for (let y = 0; y < heightPx; y++) {
    for (let x = 0; x < widthPx; x++) {
      const at = (y * widthPx + x) * 4;
      const alpha = rgba[at + 3]! / 255;
      const luma = 0.299 * rgba[at]! + 0.587 * rgba[at + 1]! + 0.114 * rgba[at + 2]!;
      for (let channel = 0; channel < 3; channel++) colour[channel]! += rgba[at + channel]! * alpha;
      colour[3]! += alpha;
      spread(x, y, widthPx, heightPx, (cell, share) => {
        sums.onWhite[cell]! += share * (luma * alpha + 255 * (1 - alpha));
        sums.onBlack[cell]! += share * luma * alpha;
        sums.weight[cell]! += share;
      });
    }
  }
  const [white, black] = [sums.onWhite, sums.onBlack].map((sum) => sum.map((value, cell) => value / (sums.weight[cell]! || 1))) as [
    Float64Array,
    Float64Array,
  ];
  const contrasts = [deviation(white), deviation(black)] as const;
  const cells = contrasts[0] >= contrasts[1] ? white : black;
  const mean = colour.slice(0, 3).map((sum) => sum / (colour[3]! || 1));
  return { descriptor: Buffer.from([...cells, ...mean].map(Math.round)), contrast: Math.max(...contrasts) };
}

/** Correlation of two likenesses, 0 to 1; a negative of the same shape counts as the same. */
export function shapeLikeness(a: Uint8Array, b: Uint8Array): number {
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, ofA, ofB] = [0, 0, 0];
  for (let i = 0; i < CELLS; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    both += x * y;
    ofA += x * x;
    ofB += y * y;
  }
  return ofA === 0 || ofB === 0 ? 0 : Math.abs(both) / Math.sqrt(ofA * ofB);
}

/** Whether two likenesses are of one colour, as far as an eye cares. */
export function isSameColour(a: Uint8Array, b: Uint8Array): boolean {
  return [0, 1, 2].every((channel) => Math.abs(a[CELLS + channel]! - b[CELLS + channel]!) <= 32);
}

/** An image smaller than the cells fills several of them with one pixel. */
function spread(x: number, y: number, widthPx: number, heightPx: number, add: (cell: number, share: number) => void): void {
  const [left, right] = [(x * SIDE) / widthPx, ((x + 1) * SIDE) / widthPx];
  const [top, bottom] = [(y * SIDE) / heightPx, ((y + 1) * SIDE) / heightPx];
  for (let row = Math.floor(top); row < bottom && row < SIDE; row++) {
    const height = Math.min(bottom, row + 1) - Math.max(top, row);
    for (let column = Math.floor(left); column < right && column < SIDE; column++) {
      const width = Math.min(right, column + 1) - Math.max(left, column);
      if (width > 0 && height > 0) add(row * SIDE + column, width * height);
    }
  }
}

function mean(cells: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < CELLS; i++) sum += cells[i]!;
  return sum / CELLS;
}

function deviation(cells: Float64Array): number {
  const average = cells.reduce((sum, value) => sum + value, 0) / cells.length;
  return Math.sqrt(cells.reduce((sum, value) => sum + (value - average) ** 2, 0) / cells.length);
}
