import type { GrayPyramid } from './gray-pyramid.js';
import type { Homography } from './homography.js';

/** Frame pixels per unit outside of which nothing can be recognised. */
const LEAST_UNIT_PX = 2;
const LARGEST_UNIT_PX = 4096;

/**
 * The pixels of a canvas in template coordinates: (u, v) in units of the logo's mean side, from its centre, so that one pose
 * serves canvases of any resolution.
 */
export class WarpGrid {
  readonly us: Float32Array;
  readonly vs: Float32Array;

  /** @param unitPx canvas pixels per unit */
  constructor(
    readonly widthPx: number,
    readonly heightPx: number,
    readonly unitPx: number,
  ) {
    this.us = new Float32Array(widthPx * heightPx);
    this.vs = new Float32Array(widthPx * heightPx);
    for (let y = 0, i = 0; y < heightPx; y++) {
      for (let x = 0; x < widthPx; x++, i++) {
        this.us[i] = (x + 0.5 - widthPx / 2) / unitPx;
        this.vs[i] = (y + 0.5 - heightPx / 2) / unitPx;
      }
    }
  }

  /** Draws the picture under a pose onto the canvas, as 0..255. False where the pose shrinks or swells beyond reason. */
  draw(picture: GrayPyramid, pose: Homography, into: Float32Array): boolean {
    const unitInFrame = Math.sqrt(Math.abs(pose[0]! * pose[4]! - pose[1]! * pose[3]!));
    if (!(unitInFrame > LEAST_UNIT_PX && unitInFrame < LARGEST_UNIT_PX)) return false;
    const level = picture.levelFor(this.unitPx / unitInFrame);
    const { data, widthPx, heightPx } = picture.levels[level]!;
    const shrink = 1 / 2 ** level;
    const [a, b, c, d, e, f, g, h] = pose as unknown as readonly [number, number, number, number, number, number, number, number];
    const { us, vs } = this;
    const lastX = widthPx - 1;
    const lastY = heightPx - 1;
    for (let i = 0; i < us.length; i++) {
      const u = us[i]!;
      const v = vs[i]!;
      const w = shrink / (g * u + h * v + 1);
      let x = (a * u + b * v + c) * w - 0.5;
      let y = (d * u + e * v + f) * w - 0.5;
      x = x > 0 ? (x < lastX ? x : lastX) : 0;
      y = y > 0 ? (y < lastY ? y : lastY) : 0;
      const x0 = x | 0;
      const y0 = y | 0;
      const at = y0 * widthPx + x0;
      const right = x0 < lastX ? 1 : 0;
      const down = y0 < lastY ? widthPx : 0;
      const p = data[at]!;
      const q = data[at + down]!;
      const over = p + (data[at + right]! - p) * (x - x0);
      const under = q + (data[at + down + right]! - q) * (x - x0);
      into[i] = over + (under - over) * (y - y0);
    }
    return true;
  }
}
