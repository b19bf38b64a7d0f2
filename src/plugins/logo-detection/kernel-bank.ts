import { CELL_PX, POOL, type LogoNet } from './logo-net.js';
import { draw, type ReferenceRaster } from './reference-raster.js';

/** Mean side of a logo, in pixels of the searched picture, at which its kernel matches best. */
export const KERNEL_SIDE_PX = 32;
const CANVAS_PX = 96;
const CANVAS_CELLS = CANVAS_PX / CELL_PX;
const LARGEST_SIDE_PX = CANVAS_PX - 8;
const MARGIN_PX = 3;

/** How a logo may be turned away: what its reference is put through before the network sees it. */
export type Slant = readonly [number, number, number, number];

const rotated = (degrees: number, sx: number, sy: number): Slant => {
  const angle = (degrees * Math.PI) / 180;
  return [Math.cos(angle) * sx, -Math.sin(angle) * sy, Math.sin(angle) * sx, Math.cos(angle) * sy];
};
/** Seen from the front, from the side (two degrees), from above, rolled; the first is the reference as it is. */
export const SLANTS: readonly Slant[] = [
  rotated(0, 1, 1),
  rotated(0, 0.8, 1),
  rotated(0, 0.62, 1),
  rotated(0, 1, 0.82),
  rotated(10, 1, 1),
  rotated(-10, 1, 1),
  rotated(10, 0.75, 1),
  rotated(-10, 0.75, 1),
];

/** One reference under one slant, as a kernel over cells. */
export interface Kernel {
  readonly slant: Slant;
  /** `data[(row * columns + column) * depth + channel]`, cut down to the cells that count. */
  readonly data: Float32Array;
  readonly depth: number;
  readonly rows: number;
  readonly columns: number;
  /** The logo's centre, in cells from the kernel's corner. */
  readonly centreColumn: number;
  readonly centreRow: number;
  /** Canvas pixels per reference pixel. */
  readonly scale: number;
}

/** Puts references through the network. */
export class KernelMaker {
  constructor(private readonly net: LogoNet) {}

  async kernel(raster: ReferenceRaster, slant: Slant): Promise<Kernel> {
    const { widthPx, heightPx } = raster;
    const side = Math.sqrt(widthPx * heightPx);
    const scale = Math.min(KERNEL_SIDE_PX / side, LARGEST_SIDE_PX / Math.max(widthPx, heightPx));
    const linear: Slant = [slant[0] * scale, slant[1] * scale, slant[2] * scale, slant[3] * scale];
    const picture = draw(raster, linear, CANVAS_PX, CANVAS_PX);
    const { data, depth, attention } = await this.net.features(picture, CANVAS_PX, CANVAS_PX);
    const margin = raster.hasMargin ? MARGIN_PX : 0;
    const weights = cellWeights(attention, CANVAS_CELLS, CANVAS_CELLS, linear, widthPx / 2 + margin / scale, heightPx / 2 + margin / scale);
    return { ...cut(data, depth, weights), slant, scale };
  }
}

/** Attention within the logo and its margin, adding up to 1. */
export function cellWeights(
  attention: Float32Array,
  columns: number,
  rows: number,
  [a, b, c, d]: Slant,
  halfWidth: number,
  halfHeight: number,
): Float32Array {
  const determinant = a * d - b * c;
  const weights = new Float32Array(attention.length);
  let total = 0;
  for (let y = 0; y < rows * CELL_PX; y++) {
    for (let x = 0; x < columns * CELL_PX; x++) {
      const dx = x + 0.5 - (columns * CELL_PX) / 2;
      const dy = y + 0.5 - (rows * CELL_PX) / 2;
      const inside = Math.abs((d * dx - b * dy) / determinant) <= halfWidth && Math.abs((a * dy - c * dx) / determinant) <= halfHeight;
      if (!inside) continue;
      const cell = Math.floor(y / CELL_PX) * columns + Math.floor(x / CELL_PX);
      weights[cell]! += attention[cell]!;
      total += attention[cell]!;
    }
  }
  return total > 0 ? weights.map((weight) => weight / total) : weights;
}

/** The cells that weigh anything; its corner on an even cell, so that pooling meets the same pairs. */
function cut(features: Float32Array, depth: number, weights: Float32Array) {
  let [left, top, right, bottom] = [CANVAS_CELLS, CANVAS_CELLS, 0, 0];
  weights.forEach((weight, i) => {
    if (weight === 0) return;
    const [x, y] = [i % CANVAS_CELLS, Math.floor(i / CANVAS_CELLS)];
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x + 1);
    bottom = Math.max(bottom, y + 1);
  });
  left -= left % POOL;
  top -= top % POOL;
  const columns = Math.ceil(Math.max(1, right - left) / POOL) * POOL;
  const rows = Math.ceil(Math.max(1, bottom - top) / POOL) * POOL;
  const data = new Float32Array(depth * rows * columns);
  for (let channel = 0; channel < depth; channel++) {
    for (let y = 0; y < rows; y++) {
      for (let x = 0; x < columns; x++) {
        const cell = (top + y) * CANVAS_CELLS + left + x;
        data[(y * columns + x) * depth + channel] = features[channel * CANVAS_CELLS * CANVAS_CELLS + cell]! * weights[cell]!;
      }
    }
  }
  return { data, depth, rows, columns, centreColumn: CANVAS_CELLS / 2 - left, centreRow: CANVAS_CELLS / 2 - top };
}

/** Features cell by cell instead of channel by channel: a kernel's row then lies in one piece. */
export function cellByCell(features: Float32Array, depth: number): Float32Array {
  const count = features.length / depth;
  const cells = new Float32Array(features.length);
  for (let channel = 0; channel < depth; channel++) {
    for (let cell = 0, from = channel * count, to = channel; cell < count; cell++, from++, to += depth) cells[to] = features[from]!;
  }
  return cells;
}

/** Correlation of a kernel with features cell by cell, its corner at a cell; cells outside count as nothing. */
export function correlationAt(cells: Float32Array, rows: number, columns: number, kernel: Kernel, row: number, column: number): number {
  const { data, depth } = kernel;
  const x0 = Math.max(0, -column);
  const length = (Math.min(kernel.columns, columns - column) - x0) * depth;
  const y1 = Math.min(kernel.rows, rows - row);
  let sum = 0;
  for (let y = Math.max(0, -row); y < y1; y++) {
    const weightsAt = (y * kernel.columns + x0) * depth;
    const cellsAt = ((row + y) * columns + column + x0) * depth;
    for (let i = 0; i < length; i++) sum += data[weightsAt + i]! * cells[cellsAt + i]!;
  }
  return sum;
}
