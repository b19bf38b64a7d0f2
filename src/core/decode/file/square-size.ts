export interface PictureShape {
  readonly widthPx: number;
  readonly heightPx: number;
  /** Width of a pixel by its height. */
  readonly sampleAspect: number;
}

/** Nothing honest is further from square. */
const MOST_ASPECT = 8;

/** What a container, or the pictures themselves, say of their pixels; 1 where it is nothing or makes no sense. */
export function sampleAspectOf({ num, den }: { readonly num: number; readonly den: number }): number {
  const aspect = num > 0 && den > 0 ? num / den : 1;
  return aspect <= MOST_ASPECT && aspect >= 1 / MOST_ASPECT ? aspect : 1;
}

/** The size of a picture with square pixels, as encoders take it: even, and no side smaller than it is coded. */
export function squareSize({ widthPx, heightPx, sampleAspect }: PictureShape): { readonly widthPx: number; readonly heightPx: number } {
  const even = (side: number): number => Math.max(2, 2 * Math.round(side / 2));
  return sampleAspect >= 1
    ? { widthPx: even(widthPx * sampleAspect), heightPx: even(heightPx) }
    : { widthPx: even(widthPx), heightPx: even(heightPx / sampleAspect) };
}
