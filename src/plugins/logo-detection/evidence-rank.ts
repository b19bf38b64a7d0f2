import type { Box01 } from 'vedette/plugin';
import { shareWithin, type Corners } from './homography.js';

/** One logo on one frame, as a picture to be shown to people. */
export interface Pictured {
  readonly box: Box01;
  readonly score: number;
  readonly clarity: number;
  /** Of its box as it was found, 0..1: what lies within the frame and under no other logo. */
  readonly open: number;
}

/**
 * How good a picture of it a frame is, 0..1: the larger, the clearer, the surer and the less covered the better. Its size is its mean
 * side, not its area: twice as large is twice as good.
 */
export function evidenceRank({ box, score, clarity, open }: Pictured): number {
  return Math.sqrt(box.width * box.height) * clarity * score * open;
}

/** @param others boxes of the same frame's other logos; all in pixels of a frame of this size */
export function openShare(
  box: Corners,
  others: readonly Corners[],
  frame: { readonly widthPx: number; readonly heightPx: number },
): number {
  const inside = shareWithin(box, { x0: 0, y0: 0, x1: frame.widthPx, y1: frame.heightPx });
  return inside * (1 - others.reduce((most, other) => Math.max(most, shareWithin(box, other)), 0));
}
