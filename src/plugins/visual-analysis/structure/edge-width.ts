import type { LumaPlane, PixelArea } from './luma-plane.js';

/** Rows looked at: every 4th. */
const ROW_STEP = 4;
/** Least rise of luma that makes a slope an edge, and the backward step that does not end it; in a noisy picture both are more. */
const MIN_RISE = 24;
const RISE_OVER_NOISE = 8;
const MIN_SLACK = 2;
const SLACK_OVER_NOISE = 2;
/** Longer slopes are shading, not edges. */
const MAX_RUN_PX = 160;
const BINS_PER_PX = 8;
const MAX_WIDTH_PX = 40;
/** Fewer edges tell nothing. */
const MIN_EDGES = 50;
/** A picture with a blurred ground and one sharp face is in focus: its sharper edges count. */
const PERCENTILE = 0.25;

/** Measures how wide edges are; keeps its histogram between pictures. */
export class EdgeWidths {
  private readonly histogram = new Uint32Array(MAX_WIDTH_PX * BINS_PER_PX + 1);

  /**
   * Width in pixels below which the sharper quarter of the edges lies, along rows. An edge is a monotone slope; its width is
   * its rise over its steepest step (after Marziliano et al. 2002): 1 for a step, 2.5 sigma for a step blurred by a Gaussian.
   * Null where there are too few edges to tell.
   * @param noise of the picture, in luma levels
   */
  measure({ luma, widthPx }: LumaPlane, { left, top, right, bottom }: PixelArea, noise: number): number | null {
    const minRise = Math.max(MIN_RISE, RISE_OVER_NOISE * noise);
    const slack = Math.max(MIN_SLACK, SLACK_OVER_NOISE * noise);
    const histogram = this.histogram.fill(0);
    let edges = 0;
    for (let y = top; y < bottom; y += ROW_STEP) {
      const last = y * widthPx + right - 1;
      let start = y * widthPx + left;
      let direction = 0;
      let steepest = 0;
      let extreme = luma[start]!;
      let extremeAt = start;
      let startValue = extreme;
      for (let at = start + 1; at <= last; at++) {
        const value = luma[at]!;
        const step = (value - luma[at - 1]!) * (direction === 0 ? 1 : direction);
        if (direction === 0) {
          if (step !== 0) {
            direction = step > 0 ? 1 : -1;
            steepest = Math.abs(step);
            startValue = luma[at - 1]!;
            start = at - 1;
            extreme = value;
            extremeAt = at;
          }
          continue;
        }
        if ((value - extreme) * direction >= 0) {
          if (value !== extreme) extremeAt = at;
          extreme = value;
          if (step > steepest) steepest = step;
        }
        const back = (extreme - value) * direction;
        if (back <= slack && at < last && at - extremeAt < 8) continue;
        const rise = (extreme - startValue) * direction;
        if (rise >= minRise && extremeAt - start <= MAX_RUN_PX) {
          const width = rise / steepest;
          histogram[width >= MAX_WIDTH_PX ? MAX_WIDTH_PX * BINS_PER_PX : (width * BINS_PER_PX) | 0]!++;
          edges++;
        }
        start = extremeAt;
        startValue = extreme;
        direction = back > slack ? -direction : 0;
        steepest = direction === 0 ? 0 : Math.abs(value - luma[at - 1]!);
        extreme = value;
        extremeAt = at;
      }
    }
    if (edges < MIN_EDGES) return null;
    let below = 0;
    for (let bin = 0; bin < histogram.length; bin++) {
      below += histogram[bin]!;
      if (below >= PERCENTILE * edges) return (bin + 0.5) / BINS_PER_PX;
    }
    return MAX_WIDTH_PX;
  }
}
