import type { GrayPyramid } from './gray-pyramid.js';
import { affine, compose, inverse, type Homography } from './homography.js';
import { draw, type ReferenceRaster } from './reference-raster.js';
import { WarpGrid } from './warp-grid.js';

/** How well a reference lies on the picture. */
export interface Alignment {
  readonly pose: Homography;
  /** Normalised cross-correlation -1..1, its sign taken off: a logo may be light on dark. */
  readonly correlation: number;
}

export interface AlignOptions {
  readonly maxIterations: number;
  /** 6: an affine map; 8: a homography. */
  readonly freedom: 6 | 8;
}

const LARGEST_SIDE_PX = 160;
const MARGIN_PX = 4;
const BLOCK_PX = 10;
const MIN_BLOCK_DEVIATION = 0.03;
const DAMPING = 1e-3;
const LEAST_STEP = 2e-3;
const FREEDOM = 8;
const LEAST_SPREAD = 1e-4;

/**
 * A reference prepared for inverse compositional alignment (Baker & Matthews, 2004): gradients and the Hessian are worked out
 * once, each step costs one warp. Coordinates (u, v) are in units of the logo's mean side from its centre, so that one pose
 * serves templates of any resolution.
 */
export class AlignmentTemplate {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Half extents of the logo itself, without margin, in template units. */
  readonly halfU: number;
  readonly halfV: number;
  /** Template pixels per unit. */
  readonly unitPx: number;
  /** How many of its parts tell something: agreement in many is worth more than in one. */
  readonly partCount: number;
  private readonly values: Float32Array;
  private readonly grid: WarpGrid;
  private readonly steepest: Float32Array;
  private readonly solvers: Readonly<Record<6 | 8, Float64Array>>;
  private readonly sampled: Float32Array;

  /** @param sidePx mean side (root of the area) of the logo on the template */
  constructor(raster: ReferenceRaster, sidePx: number) {
    const mean = Math.sqrt(raster.widthPx * raster.heightPx);
    const scale = Math.min(sidePx / mean, LARGEST_SIDE_PX / Math.max(raster.widthPx, raster.heightPx));
    const margin = raster.hasMargin ? Math.max(2, Math.round((MARGIN_PX * sidePx) / 40)) : 0;
    this.unitPx = scale * mean;
    this.halfU = raster.widthPx / mean / 2;
    this.halfV = raster.heightPx / mean / 2;
    this.widthPx = Math.max(6, Math.round(raster.widthPx * scale) + 2 * margin);
    this.heightPx = Math.max(6, Math.round(raster.heightPx * scale) + 2 * margin);
    const drawn = draw(raster, [scale, 0, 0, scale], this.widthPx, this.heightPx);
    this.values = normalised(drawn).values;
    const count = drawn.length;
    this.grid = new WarpGrid(this.widthPx, this.heightPx, this.unitPx);
    this.sampled = new Float32Array(count);
    this.steepest = this.descent(count);
    this.solvers = { 6: solver(this.steepest, count, 6), 8: solver(this.steepest, count, 8) };
    this.partCount = this.countParts(drawn);
  }

  /** Moves the pose until reference and picture agree best. Undefined where it slips off. */
  align(picture: GrayPyramid, start: Homography, { maxIterations, freedom }: AlignOptions): Alignment | undefined {
    let pose = start;
    let best: { pose: Homography; correlation: number } | undefined;
    const polarity = Math.sign(this.correlationAt(picture, start)) || 1;
    for (let iteration = 0; ; iteration++) {
      if (this.sample(picture, pose) === undefined) break;
      const correlation = polarity * dot(this.values, this.sampled);
      if (best === undefined || correlation > best.correlation) {
        best = { pose, correlation };
      }
      if (iteration >= maxIterations) break;
      const step = this.step(polarity, freedom);
      const change = inverse(Float64Array.of(1 + step[0]!, step[1]!, step[2]!, step[3]!, 1 + step[4]!, step[5]!, step[6]!, step[7]!, 1));
      if (change === undefined) break;
      pose = compose(pose, change);
      if (step.every((value) => Math.abs(value) < LEAST_STEP)) {
        // One last look at where it came to rest.
        if (this.sample(picture, pose) !== undefined) {
          const last = polarity * dot(this.values, this.sampled);
          if (last > best.correlation) best = { pose, correlation: last };
        }
        break;
      }
    }
    return best;
  }

  /** Signed correlation with the picture under a pose. */
  correlationAt(picture: GrayPyramid, pose: Homography): number {
    return this.sample(picture, pose) === undefined ? 0 : dot(this.values, this.sampled);
  }

  /**
   * How sharp the logo is: the edges of the picture under the pose, at equal contrast, over those of the reference; 0 is a blur,
   * 1 as crisp as the reference at the template's size. A logo smaller than the template cannot be as crisp.
   */
  clarityAt(picture: GrayPyramid, pose: Homography): number {
    if (this.sample(picture, pose) === undefined) return 0;
    const { widthPx: width, heightPx: height } = this;
    const [values, sampled] = [this.values, this.sampled];
    let shared = 0;
    let own = 0;
    for (let y = 1; y < height - 1; y++) {
      for (let x = 1, i = y * width + 1; x < width - 1; x++, i++) {
        const gx = values[i + 1]! - values[i - 1]!;
        const gy = values[i + width]! - values[i - width]!;
        shared += gx * (sampled[i + 1]! - sampled[i - 1]!) + gy * (sampled[i + width]! - sampled[i - width]!);
        own += gx * gx + gy * gy;
      }
    }
    return own > 0 ? Math.min(1, Math.abs(shared) / own) : 0;
  }

  /** The picture under the pose, normalised, into `#sampled`. Its deviation, or undefined where there is nothing to see. */
  private sample(picture: GrayPyramid, pose: Homography): number | undefined {
    const sampled = this.sampled;
    if (!this.grid.draw(picture, pose, sampled)) return undefined;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < sampled.length; i++) {
      const value = sampled[i]!;
      sum += value;
      squares += value * value;
    }
    const count = sampled.length;
    const mean = sum / count;
    const deviation = Math.sqrt(Math.max(0, squares / count - mean * mean)) / 255;
    if (!(deviation > 0.004)) return undefined;
    const scale = 1 / (deviation * 255 * Math.sqrt(count));
    for (let i = 0; i < count; i++) sampled[i] = (sampled[i]! - mean) * scale;
    return deviation;
  }

  private step(polarity: number, freedom: 6 | 8): Float64Array {
    const sums = new Float64Array(FREEDOM);
    const values = this.values;
    const sampled = this.sampled;
    const steepest = this.steepest;
    for (let i = 0, at = 0; i < values.length; i++, at += FREEDOM) {
      const error = polarity * sampled[i]! - values[i]!;
      for (let k = 0; k < freedom; k++) sums[k]! += error * steepest[at + k]!;
    }
    const solve = this.solvers[freedom];
    const step = new Float64Array(FREEDOM);
    for (let row = 0; row < freedom; row++) {
      let value = 0;
      for (let k = 0; k < freedom; k++) value += solve[row * freedom + k]! * sums[k]!;
      step[row] = value;
    }
    // The order of the homography's numbers: a b c / d e f / g h.
    return step;
  }

  private descent(count: number): Float32Array {
    const { widthPx: width, heightPx: height } = this;
    const values = this.values;
    const steepest = new Float32Array(count * FREEDOM);
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        const u = this.grid.us[i]!;
        const v = this.grid.vs[i]!;
        const gu = ((values[y * width + Math.min(width - 1, x + 1)]! - values[y * width + Math.max(0, x - 1)]!) / 2) * this.unitPx;
        const gv = ((values[Math.min(height - 1, y + 1) * width + x]! - values[Math.max(0, y - 1) * width + x]!) / 2) * this.unitPx;
        const mixed = gu * u + gv * v;
        steepest.set([gu * u, gu * v, gu, gv * u, gv * v, gv, -u * mixed, -v * mixed], i * FREEDOM);
      }
    }
    return steepest;
  }

  private countParts(drawn: Float32Array): number {
    let parts = 0;
    const columns = Math.max(1, Math.round(this.widthPx / BLOCK_PX));
    const rows = Math.max(1, Math.round(this.heightPx / BLOCK_PX));
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const cells: number[] = [];
        for (let y = Math.round((row * this.heightPx) / rows); y < Math.round(((row + 1) * this.heightPx) / rows); y++)
          for (let x = Math.round((column * this.widthPx) / columns); x < Math.round(((column + 1) * this.widthPx) / columns); x++)
            cells.push(y * this.widthPx + x);
        const block = Int32Array.from(cells);
        if (block.length > 0 && spreadOf(drawn, block) >= MIN_BLOCK_DEVIATION) parts++;
      }
    }
    return parts;
  }
}

/** The pose of an upright box. */
export function poseOfBox(x0: number, y0: number, x1: number, y1: number, template: AlignmentTemplate): Homography {
  return affine((x1 - x0) / (2 * template.halfU), 0, (x0 + x1) / 2, 0, (y1 - y0) / (2 * template.halfV), (y0 + y1) / 2);
}

function normalised(values: Float32Array) {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  const length = Math.max(LEAST_SPREAD, Math.sqrt(squares));
  return { values: values.map((value) => (value - mean) / length) };
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function spreadOf(values: Float32Array, block: Int32Array): number {
  let sum = 0;
  let squares = 0;
  for (const i of block) {
    sum += values[i]!;
    squares += values[i]! ** 2;
  }
  return Math.sqrt(Math.max(0, squares / block.length - (sum / block.length) ** 2));
}

/** Inverse of the damped Gauss-Newton Hessian over the first `freedom` parameters. */
function solver(steepest: Float32Array, count: number, freedom: 6 | 8): Float64Array {
  const hessian = new Float64Array(freedom * freedom);
  for (let i = 0, at = 0; i < count; i++, at += FREEDOM) {
    for (let r = 0; r < freedom; r++) for (let c = r; c < freedom; c++) hessian[r * freedom + c]! += steepest[at + r]! * steepest[at + c]!;
  }
  for (let r = 0; r < freedom; r++) {
    for (let c = 0; c < r; c++) hessian[r * freedom + c] = hessian[c * freedom + r]!;
    hessian[r * freedom + r] = hessian[r * freedom + r]! * (1 + DAMPING) + 1e-9;
  }
  return invert(hessian, freedom);
}

/** Gauss-Jordan with pivoting; a symmetric, damped matrix always has an inverse. */
function invert(matrix: Float64Array, n: number): Float64Array {
  const left = Float64Array.from(matrix);
  const right = new Float64Array(n * n);
  for (let i = 0; i < n; i++) right[i * n + i] = 1;
  for (let column = 0; column < n; column++) {
    let pivot = column;
    for (let row = column + 1; row < n; row++) if (Math.abs(left[row * n + column]!) > Math.abs(left[pivot * n + column]!)) pivot = row;
    for (const half of [left, right]) {
      for (let k = 0; k < n; k++) [half[column * n + k], half[pivot * n + k]] = [half[pivot * n + k]!, half[column * n + k]!];
    }
    const scale = 1 / left[column * n + column]!;
    for (const half of [left, right]) for (let k = 0; k < n; k++) half[column * n + k]! *= scale;
    for (let row = 0; row < n; row++) {
      const factor = left[row * n + column]!;
      if (row === column || factor === 0) continue;
      for (const half of [left, right]) for (let k = 0; k < n; k++) half[row * n + k]! -= factor * half[column * n + k]!;
    }
  }
  return right;
}
