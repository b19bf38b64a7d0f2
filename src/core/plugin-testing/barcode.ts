import type { Frame } from '../plugin-api/index.js';

/** Two guards (white, black), 20 bits of frame number, 4 bits of checksum, most significant first. */
const INDEX_BITS = 20;
const CHECK_BITS = 4;
const CELLS = 2 + INDEX_BITS + CHECK_BITS;
/** Where the code lies in the picture, 0..1: a strip along the bottom. */
export const BARCODE_STRIP = { x: 0.03, y: 0.84, width: 0.94, height: 0.12 } as const;
/** Guards closer than this in luma are no barcode. */
const LEAST_GUARD_CONTRAST = 60;

export const MAX_BARCODE_INDEX = 2 ** INDEX_BITS - 1;

/** The cells of a frame number, true for white. */
export function barcodeCells(index: number): boolean[] {
  if (!Number.isInteger(index) || index < 0 || index > MAX_BARCODE_INDEX)
    throw new RangeError(`Frame number ${index} does not fit ${INDEX_BITS} bits`);
  const bits = (value: number, count: number): boolean[] => Array.from({ length: count }, (_, i) => ((value >> (count - 1 - i)) & 1) === 1);
  return [true, false, ...bits(index, INDEX_BITS), ...bits(checksum(index), CHECK_BITS)];
}

/**
 * Reads the burned-in frame number out of a frame of any size, format and fit. Survives compression and scaling down to some
 * 100 pixels of width.
 * @returns null when there is no barcode, or none that can be trusted
 */
export function readBarcode(frame: Pick<Frame, 'data' | 'widthPx' | 'heightPx' | 'format' | 'fit'>): number | null {
  const levels = Array.from({ length: CELLS }, (_, cell) => cellLevel(frame, cell));
  const [white = 0, black = 0] = levels;
  if (white - black < LEAST_GUARD_CONTRAST) return null;
  const middle = (white + black) / 2;
  const value = (from: number, count: number): number =>
    levels.slice(from, from + count).reduce((sum, level) => sum * 2 + (level > middle ? 1 : 0), 0);
  const index = value(2, INDEX_BITS);
  return value(2 + INDEX_BITS, CHECK_BITS) === checksum(index) ? index : null;
}

function checksum(index: number): number {
  let sum = 0b1011;
  for (let rest = index; rest > 0; rest >>>= CHECK_BITS) sum = (sum * 7 + (rest & 0b1111)) & 0b1111;
  return sum;
}

/** Mean luma of the cell's middle third. */
function cellLevel({ data, widthPx, format, fit }: Pick<Frame, 'data' | 'widthPx' | 'heightPx' | 'format' | 'fit'>, cell: number): number {
  const channels = format === 'gray8' ? 1 : 3;
  const cellWidth = (BARCODE_STRIP.width * fit.contentWidthPx) / CELLS;
  const left = fit.offsetXPx + BARCODE_STRIP.x * fit.contentWidthPx + cell * cellWidth;
  const top = fit.offsetYPx + BARCODE_STRIP.y * fit.contentHeightPx;
  const height = BARCODE_STRIP.height * fit.contentHeightPx;
  let sum = 0;
  let count = 0;
  for (let y = Math.floor(top + height / 3); y <= Math.floor(top + (2 * height) / 3); y++) {
    for (let x = Math.floor(left + cellWidth / 3); x <= Math.floor(left + (2 * cellWidth) / 3); x++) {
      for (let channel = 0; channel < channels; channel++) sum += data[(y * widthPx + x) * channels + channel] ?? 0;
      count += channels;
    }
  }
  return sum / count;
}
