/** One level of a {@link GrayPyramid}. */
export interface GrayPicture {
  readonly data: Uint8Array;
  readonly widthPx: number;
  readonly heightPx: number;
}

const MAX_LEVELS = 6;
const LEAST_SIDE_PX = 16;

/**
 * A grey picture and its halvings, so that anything can be sampled at any size without aliasing. Positions are in pixels of the
 * full picture, continuous: pixel i covers [i, i + 1).
 */
export class GrayPyramid {
  readonly levels: readonly GrayPicture[];

  constructor(picture: GrayPicture) {
    const levels = [picture];
    while (levels.length < MAX_LEVELS) {
      const last = levels[levels.length - 1]!;
      if (Math.min(last.widthPx, last.heightPx) < 2 * LEAST_SIDE_PX) break;
      levels.push(halve(last));
    }
    this.levels = levels;
  }

  /** The level on which something drawn at `scale` (output pixels per pixel of the full picture) is best sampled. */
  levelFor(scale: number): number {
    const wanted = Math.floor(Math.log2(1 / scale) + 0.35);
    return Math.min(this.levels.length - 1, Math.max(0, wanted));
  }

  /**
   * The part that begins at (`left`, `top`), drawn at `scale`, as floats 0..1. What lies outside repeats the edge.
   * @param into at least `width * height` values
   */
  crop(left: number, top: number, scale: number, width: number, height: number, into: Float32Array): Float32Array {
    const levelIndex = this.levelFor(scale);
    const { data, widthPx, heightPx } = this.levels[levelIndex]!;
    const shrink = 1 / 2 ** levelIndex;
    const columns = axis(left, scale, shrink, width, widthPx);
    const rows = axis(top, scale, shrink, height, heightPx);
    for (let y = 0, at = 0; y < height; y++) {
      const upper = rows.near[y]! * widthPx;
      const lower = rows.far[y]! * widthPx;
      const down = rows.share[y]!;
      for (let x = 0; x < width; x++, at++) {
        const a = columns.near[x]!;
        const b = columns.far[x]!;
        const right = columns.share[x]!;
        const over = data[upper + a]! + (data[upper + b]! - data[upper + a]!) * right;
        const under = data[lower + a]! + (data[lower + b]! - data[lower + a]!) * right;
        into[at] = (over + (under - over) * down) / 255;
      }
    }
    return into;
  }
}

/** For each output pixel along an axis: the two samples it lies between, and how far towards the second. */
function axis(start: number, scale: number, shrink: number, count: number, size: number) {
  const near = new Int32Array(count);
  const far = new Int32Array(count);
  const share = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    const at = Math.min(size - 1, Math.max(0, (start + (i + 0.5) / scale) * shrink - 0.5));
    const floor = Math.floor(at);
    near[i] = floor;
    far[i] = Math.min(size - 1, floor + 1);
    share[i] = at - floor;
  }
  return { near, far, share };
}

function halve({ data, widthPx, heightPx }: GrayPicture): GrayPicture {
  const width = widthPx >> 1;
  const height = heightPx >> 1;
  const half = new Uint8Array(width * height);
  for (let y = 0, at = 0; y < height; y++) {
    let upper = 2 * y * widthPx;
    let lower = upper + widthPx;
    for (let x = 0; x < width; x++, at++, upper += 2, lower += 2) {
      half[at] = (data[upper]! + data[upper + 1]! + data[lower]! + data[lower + 1]! + 2) >> 2;
    }
  }
  return { data: half, widthPx: width, heightPx: height };
}
