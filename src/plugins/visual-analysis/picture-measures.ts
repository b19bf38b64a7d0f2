import type { Frame } from 'vedette/plugin';

/** Tiles the picture is reduced to for comparing it with others: pixel noise averages out, and they fit a checkpoint. */
export const TILE_COLUMNS = 64;
export const TILE_ROWS = 36;

/** BT.709 luma weights over 2^16. */
const RED = 13_933;
const GREEN = 46_871;
const BLUE = 4_732;
/** Levels at either end of the scale that count as clipped: an encoder leaves no flat white exactly white. */
const CLIPPED_LEVELS = 4;
/** Laplacian variance (8-bit luma squared) at which sharpness is 0.5. */
const SHARPNESS_HALF = 400;

/** What one picture says about itself. Every number is 0..1. */
export interface PictureMeasures {
  /** Mean luma. 0 is black, 1 is white. */
  readonly brightness: number;
  /** Standard deviation of luma, over the largest it can be (half the pixels black, half white). */
  readonly contrast: number;
  /** Variance v of the 4-neighbour Laplacian of luma, as v / (v + 400): 0 is flat or out of focus, 0.5 is crisp video. */
  readonly sharpness: number;
  /** Share of pixels whose luma is at most `blackLevel`. */
  readonly blackShare: number;
  /** Luma below which a tenth of the pixels lies, and above which a tenth does. */
  readonly shadows: number;
  readonly highlights: number;
  /** Shares of pixels at the ends of the scale: what lay beyond legal range was cut off there. */
  readonly clippedDark: number;
  readonly clippedBright: number;
  /** Mean over pixels of the largest colour component less the smallest: 0 is grey, 1 is pure colour. */
  readonly saturation: number;
  /** How many ten-thousandths of the pixels have luma in each 32nd of the scale. */
  readonly lumaShares: readonly number[];
  /** Mean luma of each tile, 0..255, row by row. */
  readonly tiles: Uint8Array;
}

/** Measures pictures of one size after another without allocating per pixel. */
export class PictureMeter {
  private luma = new Uint8Array(0);
  private readonly histogram = new Uint32Array(256);
  private chroma = 0;

  /** @param blackLevel luma up to which a pixel is black, 0..1 */
  measure(frame: Frame, blackLevel: number): PictureMeasures {
    const { widthPx: width, heightPx: height } = frame;
    const luma = this.lumaOf(frame);
    const blackMax = Math.round(blackLevel * 255);
    const histogram = this.histogram;
    let sum = 0;
    let squares = 0;
    let black = 0;
    let clippedDark = 0;
    let clippedBright = 0;
    for (let level = 0; level < 256; level++) {
      const count = histogram[level]!;
      sum += count * level;
      squares += count * level * level;
      if (level <= blackMax) black += count;
      if (level <= CLIPPED_LEVELS) clippedDark += count;
      if (level >= 255 - CLIPPED_LEVELS) clippedBright += count;
    }
    const mean = sum / luma.length;
    const deviation = Math.sqrt(Math.max(0, squares / luma.length - mean * mean));
    const edges = laplacianVariance(luma, width, height);
    return {
      brightness: mean / 255,
      contrast: Math.min(1, deviation / 127.5),
      sharpness: edges / (edges + SHARPNESS_HALF),
      blackShare: black / luma.length,
      shadows: levelAt(histogram, 0.1 * luma.length) / 255,
      highlights: levelAt(histogram, 0.9 * luma.length) / 255,
      clippedDark: clippedDark / luma.length,
      clippedBright: clippedBright / luma.length,
      saturation: this.chroma / luma.length / 255,
      lumaShares: sharesOf(histogram, luma.length),
      tiles: tileMeans(luma, width, height),
    };
  }

  private lumaOf({ data, widthPx, heightPx }: Frame): Uint8Array {
    const pixels = widthPx * heightPx;
    if (this.luma.length !== pixels) this.luma = new Uint8Array(pixels);
    const luma = this.luma;
    const histogram = this.histogram.fill(0);
    let chroma = 0;
    for (let i = 0, at = 0; i < pixels; i++, at += 3) {
      const red = data[at]!;
      const green = data[at + 1]!;
      const blue = data[at + 2]!;
      const value = (red * RED + green * GREEN + blue * BLUE) >> 16;
      luma[i] = value;
      histogram[value]!++;
      const most = red > green ? (red > blue ? red : blue) : green > blue ? green : blue;
      const least = red < green ? (red < blue ? red : blue) : green < blue ? green : blue;
      chroma += most - least;
    }
    this.chroma = chroma;
    return luma;
  }
}

/** The level that `count` pixels do not exceed. */
function levelAt(histogram: Uint32Array, count: number): number {
  let below = 0;
  for (let level = 0; level < 256; level++) {
    below += histogram[level]!;
    if (below >= count) return level;
  }
  return 255;
}

const SHARES = 32;

/** The histogram in 32 parts, as integers, which come through a checkpoint as they are. */
function sharesOf(histogram: Uint32Array, pixels: number): number[] {
  const shares = new Array<number>(SHARES).fill(0);
  for (let level = 0; level < 256; level++) shares[level >> 3]! += histogram[level]!;
  return shares.map((count) => Math.round((10_000 * count) / pixels));
}

function laplacianVariance(luma: Uint8Array, width: number, height: number): number {
  if (width < 3 || height < 3) return 0;
  let sum = 0;
  let squares = 0;
  for (let y = 1; y < height - 1; y++) {
    const row = y * width;
    for (let at = row + 1; at < row + width - 1; at++) {
      const edge = 4 * luma[at]! - luma[at - 1]! - luma[at + 1]! - luma[at - width]! - luma[at + width]!;
      sum += edge;
      squares += edge * edge;
    }
  }
  const count = (width - 2) * (height - 2);
  const mean = sum / count;
  return Math.max(0, squares / count - mean * mean);
}

function tileMeans(luma: Uint8Array, width: number, height: number): Uint8Array {
  const tiles = new Uint8Array(TILE_COLUMNS * TILE_ROWS);
  for (let row = 0; row < TILE_ROWS; row++) {
    const top = Math.floor((row * height) / TILE_ROWS);
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * height) / TILE_ROWS));
    for (let column = 0; column < TILE_COLUMNS; column++) {
      const left = Math.floor((column * width) / TILE_COLUMNS);
      const right = Math.max(left + 1, Math.floor(((column + 1) * width) / TILE_COLUMNS));
      let sum = 0;
      for (let y = top; y < bottom; y++) for (let at = y * width + left; at < y * width + right; at++) sum += luma[at] ?? 0;
      tiles[row * TILE_COLUMNS + column] = Math.round(sum / ((bottom - top) * (right - left)));
    }
  }
  return tiles;
}

/** Mean change of two pictures' tiles, 0..1: the metric `motion`. */
export function meanChange(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs(a[i]! - (b[i] ?? 0));
  return sum / a.length / 255;
}

/** Largest change of any tile, 0..1. */
export function largestChange(a: Uint8Array, b: Uint8Array): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - (b[i] ?? 0)));
  return largest / 255;
}
