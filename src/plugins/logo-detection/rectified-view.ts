import type { GrayPyramid } from './gray-pyramid.js';
import type { Homography } from './homography.js';
import { cellWeights } from './kernel-bank.js';
import { PICTURE_STEP_PX, type LogoNet } from './logo-net.js';
import { draw, type ReferenceRaster } from './reference-raster.js';
import { WarpGrid } from './warp-grid.js';

/** Mean side of a logo on the canvas: what the network was trained at. */
const SIDE_PX = 48;
const LARGEST_SIDE_PX = 168;
const QUIET_PX = 12;
const MARGIN_PX = 3;

/**
 * A reference as the network sees it head on, to compare a found logo with after its pose is undone: slant, scale and sub-cell
 * offset no longer cost correlation, so what is left of a difference is one of shape.
 */
export class RectifiedView {
  private constructor(
    private readonly grid: WarpGrid,
    private readonly kernel: Float32Array,
  ) {}

  static async of(raster: ReferenceRaster, net: LogoNet): Promise<RectifiedView> {
    const mean = Math.sqrt(raster.widthPx * raster.heightPx);
    const scale = Math.min(SIDE_PX / mean, LARGEST_SIDE_PX / Math.max(raster.widthPx, raster.heightPx));
    const side = (px: number): number => Math.ceil((px * scale + 2 * QUIET_PX) / PICTURE_STEP_PX) * PICTURE_STEP_PX;
    const [width, height] = [side(raster.widthPx), side(raster.heightPx)];
    const { data, depth, attention, columns, rows } = await net.features(draw(raster, [scale, 0, 0, scale], width, height), width, height);
    const margin = raster.hasMargin ? MARGIN_PX / scale : 0;
    const weights = cellWeights(attention, columns, rows, [scale, 0, 0, scale], raster.widthPx / 2 + margin, raster.heightPx / 2 + margin);
    const cells = columns * rows;
    for (let channel = 0; channel < depth; channel++)
      for (let cell = 0; cell < cells; cell++) data[channel * cells + cell]! *= weights[cell]!;
    return new RectifiedView(new WarpGrid(width, height, scale * mean), data);
  }

  /** Correlation of features, -1..1, with the picture under a pose. */
  async score(picture: GrayPyramid, pose: Homography, net: LogoNet): Promise<number> {
    const { grid, kernel } = this;
    const canvas = new Float32Array(grid.widthPx * grid.heightPx);
    if (!grid.draw(picture, pose, canvas)) return 0;
    for (let i = 0; i < canvas.length; i++) canvas[i]! /= 255;
    const { data } = await net.features(canvas, grid.widthPx, grid.heightPx);
    let sum = 0;
    for (let i = 0; i < kernel.length; i++) sum += kernel[i]! * data[i]!;
    return sum;
  }
}
