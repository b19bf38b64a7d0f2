/**
 * How much an exposure is worth beside a perfect one, as the product of four factors, each 0..1 and each reported on its own.
 *
 * What is weighed follows Breuer & Rumpf, "The Viewer's Reception and Processing of Sponsorship Information in Sport Telecasts"
 * (Journal of Sport Management 26, 2012): viewers notice a sponsor's sign by its duration, size, position on screen, clarity and
 * by how many others are seen with it. Commercial indices weigh the same things by numbers of their own which they keep to
 * themselves; ours are here, and documented in docs/reference/exposure.md.
 */
export const FORMULA = {
  version: 1,
  /** Share of the frame from which a logo counts as fully large. Below it the factor goes with the logo's width, not its area. */
  fullSizeShare: 0.05,
  /** By cell of the 3x3 grid, row by row: what is looked at most. */
  positionWeights: [0.6, 0.8, 0.6, 0.8, 1, 0.8, 0.6, 0.8, 0.6],
} as const;

/** @param share of the frame that the brand covers, 0..1 */
export const sizeFactor = (share: number): number => Math.sqrt(Math.min(1, share / FORMULA.fullSizeShare));

/** @param cell of the 3x3 grid, 0..8 */
export const positionFactor = (cell: number): number => FORMULA.positionWeights[cell] ?? 0;

/** @param others brands seen in the same frame beside this one */
export const exclusivityFactor = (others: number): number => 1 / (1 + others);

/** Cell of the 3x3 grid in which a box has its centre, 0..8, row by row. */
export function gridCell(box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }): number {
  const third = (at: number): number => Math.min(2, Math.max(0, Math.floor(at * 3)));
  return third(box.y + box.height / 2) * 3 + third(box.x + box.width / 2);
}
