import type { GrayPyramid } from './gray-pyramid.js';
import { affine, apply, boundsOf, cornersOf, overlapOf, type Corners, type Homography, type Point } from './homography.js';
import { cellByCell, correlationAt, KERNEL_SIDE_PX, type Kernel } from './kernel-bank.js';
import { CELL_PX, PEAKS, PICTURE_STEP_PX, POOL, type Features, type LogoNet } from './logo-net.js';
import type { Look, ReferenceIndex } from './reference-index.js';

export interface SearchOptions {
  /** Mean side of the smallest logo to find, in pixels of the frame. */
  readonly minLogoPx: number;
  /** Ratio of one search scale to the next. */
  readonly scaleStep: number;
  /** Places looked at closely, at least, per frame; at most per reference. */
  readonly maxCandidates: number;
  readonly maxPerLook: number;
}

/** Where the network believes a reference to be. */
export interface Candidate {
  readonly look: Look;
  readonly pose: Homography;
  readonly bounds: Corners;
  /** Correlation of features, -1..1, of the reference as it is and of the best slant. */
  readonly coarseScore: number;
  readonly score: number;
  /** Which of the look's kernels it is. */
  readonly slantIndex: number;
}

/** Cells a reference's best place may be off by after the pooled search. */
const REACH_CELLS = 2;
const PAD_PX = 24;
const MIN_COARSE_SCORE = 0.15;
const MAX_SHARED_BOX = 0.4;
/** In a large gallery more is like something in the picture: it gets a candidate more for this many looks. */
const LOOKS_PER_CANDIDATE = 6;
/** Places of the coarse search per place that is looked at under all slants. */
const LOOKED_AT_TWICE = 4;
const NEIGHBOURS = [
  [-1, -1],
  [-1, 0],
  [-1, 1],
  [0, -1],
  [0, 1],
  [1, -1],
  [1, 0],
  [1, 1],
] as const;

/** The features of the picture, or of a part of it, at one scale. */
export interface FeatureLevel extends Features {
  /** The same features cell by cell. */
  readonly cells: Float32Array;
  readonly pooled: Features;
  /** Pixels of the level per pixel of the frame. */
  readonly scale: number;
  /** Frame position of the level's corner. */
  readonly left: number;
  readonly top: number;
}

interface Peak {
  readonly lookIndex: number;
  readonly level: number;
  readonly row: number;
  readonly column: number;
  readonly score: number;
}

/** Looks for everything everywhere: pooled correlation over a pyramid, then a close look at the best places. */
export class FullSearch {
  constructor(
    private readonly net: LogoNet,
    private readonly options: SearchOptions,
  ) {}

  /** Candidates below this are not aligned: on val 1 % of the right ones, three quarters of the wrong (`--fit candidates`). */
  readonly leastScore = 0.49;

  async search(picture: GrayPyramid, index: ReferenceIndex): Promise<Candidate[]> {
    if (index.looks.length === 0) return [];
    const levels: FeatureLevel[] = [];
    const peaks: Peak[] = [];
    const { widthPx, heightPx } = picture.levels[0]!;
    const { minLogoPx, scaleStep } = this.options;
    const pads = (scale: number): number => PAD_PX / scale;
    for (let scale = KERNEL_SIDE_PX / minLogoPx; scale * Math.min(widthPx, heightPx) > KERNEL_SIDE_PX * 1.1; scale /= scaleStep) {
      const pad = pads(scale);
      const level = await this.level(picture, { x0: -pad, y0: -pad, x1: widthPx + pad, y1: heightPx + pad }, scale);
      await this.peaks(level, levels.length, index, peaks);
      levels.push(level);
    }
    const places = this.best(peaks, levels, index);
    return places.map((place) => this.closely(levels, place));
  }

  /** Features of a part of the frame at a scale. */
  async level(picture: GrayPyramid, { x0, y0, x1, y1 }: Corners, scale: number): Promise<FeatureLevel> {
    const width = Math.max(16, Math.ceil(((x1 - x0) * scale) / PICTURE_STEP_PX) * PICTURE_STEP_PX);
    const height = Math.max(16, Math.ceil(((y1 - y0) * scale) / PICTURE_STEP_PX) * PICTURE_STEP_PX);
    // A buffer of its own: other streams crop while the network still reads this one.
    const pixels = picture.crop(x0, y0, scale, width, height, new Float32Array(width * height));
    const features = await this.net.features(pixels, width, height);
    return { ...features, cells: cellByCell(features.data, features.depth), scale, left: x0, top: y0 };
  }

  private async peaks(level: FeatureLevel, levelIndex: number, index: ReferenceIndex, peaks: Peak[]): Promise<void> {
    const { pooled } = level;
    for (const batch of index.batches) {
      const [rows, width] = [pooled.rows - batch.rows + 1, pooled.columns - batch.columns + 1];
      if (rows < 1 || width < 1 || rows * width < PEAKS) continue;
      const { scores, places, columns } = await this.net.correlate(pooled, batch);
      batch.members.forEach((lookIndex, n) => {
        for (let i = n * PEAKS; i < (n + 1) * PEAKS && scores[i]! >= MIN_COARSE_SCORE; i++)
          peaks.push({
            lookIndex,
            level: levelIndex,
            row: Math.floor(places[i]! / columns),
            column: places[i]! % columns,
            score: scores[i]!,
          });
      });
    }
  }

  /** The best places of each reference that are not one another's: those of the coarse search, judged by the whole kernel. */
  private best(peaks: readonly Peak[], levels: readonly FeatureLevel[], { looks }: ReferenceIndex): Place[] {
    const { maxPerLook } = this.options;
    const maxCandidates = Math.max(this.options.maxCandidates, Math.ceil(looks.length / LOOKS_PER_CANDIDATE));
    const sorted = [...peaks].sort((a, b) => b.score - a.score);
    const kept: { place: Place; bounds: Corners }[] = [];
    const byLook = new Map<number, Corners[]>();
    for (const peak of sorted) {
      if (kept.length >= maxCandidates * LOOKED_AT_TWICE) break;
      const others = byLook.get(peak.lookIndex) ?? [];
      if (others.length >= maxPerLook) continue;
      const [level, look] = [levels[peak.level]!, looks[peak.lookIndex]!];
      const kernel = look.kernels[0]!;
      const bounds = boundsUnder(poseAt(level, look, kernel, peak.row * POOL, peak.column * POOL), look);
      if (others.some((other) => overlapOf(other, bounds) > MAX_SHARED_BOX)) continue;
      byLook.set(peak.lookIndex, [...others, bounds]);
      const centre = {
        x: level.left + ((peak.column * POOL + kernel.centreColumn) * CELL_PX) / level.scale,
        y: level.top + ((peak.row * POOL + kernel.centreRow) * CELL_PX) / level.scale,
      };
      kept.push({ place: { look, level: peak.level, centre, fit: bestPlace(level, kernel, centre.x, centre.y, REACH_CELLS) }, bounds });
    }
    return kept
      .map(({ place }) => place)
      .sort((a, b) => b.fit.score - a.fit.score)
      .slice(0, maxCandidates);
  }

  private closely(levels: readonly FeatureLevel[], { look, level, centre, fit }: Place): Candidate {
    const near = [levels[level]!, ...levels.filter((_, i) => Math.abs(i - level) === 1)];
    return { ...bestAround(near, look, centre, REACH_CELLS, 0, fit), coarseScore: fit.score };
  }
}

/** Where the coarse search saw a reference, and how its whole kernel fits there. */
interface Place {
  readonly look: Look;
  readonly level: number;
  readonly centre: Point;
  readonly fit: Fit;
}

interface Fit {
  readonly score: number;
  readonly level: FeatureLevel;
  readonly kernel: Kernel;
  readonly row: number;
  readonly column: number;
}

/**
 * The scale, slant and place near (`x`, `y`) at which a reference correlates best: first the place, on the first level under the
 * slant it is expected to have, then the scale, then the other slants there.
 */
export function bestAround(
  levels: readonly FeatureLevel[],
  look: Look,
  { x, y }: Point,
  reachCells: number,
  slantIndex = 0,
  known?: Fit,
): Omit<Candidate, 'coarseScore'> {
  const expected = look.kernels[slantIndex] ?? look.kernels[0]!;
  const [first, ...others] = levels;
  let best = known ?? bestPlace(first!, expected, x, y, reachCells);
  const found = centreOf(poseAt(best.level, look, best.kernel, best.row, best.column));
  best = bestOf([best, ...others.map((level) => bestPlace(level, expected, found.x, found.y, 1))]);
  const place = centreOf(poseAt(best.level, look, best.kernel, best.row, best.column));
  const slanted = bestOf(look.kernels.map((kernel) => bestPlace(best.level, kernel, place.x, place.y, 1)));
  if (slanted.kernel !== expected) best = bestOf([best, ...levels.map((level) => bestPlace(level, slanted.kernel, place.x, place.y, 1))]);
  const pose = poseAt(best.level, look, best.kernel, best.row, best.column);
  return { look, pose, bounds: boundsUnder(pose, look), score: best.score, slantIndex: look.kernels.indexOf(best.kernel) };
}

const bestOf = (fits: readonly Fit[]): Fit => fits.reduce((best, fit) => (fit.score > best.score ? fit : best));

function bestPlace(level: FeatureLevel, kernel: Kernel, x: number, y: number, reachCells: number): Fit {
  const column = Math.round(((x - level.left) * level.scale) / CELL_PX - kernel.centreColumn);
  const row = Math.round(((y - level.top) * level.scale) / CELL_PX - kernel.centreRow);
  let best = { score: -1, row, column };
  const tryAt = (atRow: number, atColumn: number): void => {
    const score = correlationAt(level.cells, level.rows, level.columns, kernel, atRow, atColumn);
    if (score > best.score) best = { score, row: atRow, column: atColumn };
  };
  // Every other cell first: a logo's peak is wider than one.
  const step = reachCells > 1 ? 2 : 1;
  for (let dy = -reachCells; dy <= reachCells; dy += step)
    for (let dx = -reachCells; dx <= reachCells; dx += step) tryAt(row + dy, column + dx);
  if (step > 1) {
    const { row: midRow, column: midColumn } = best;
    for (const [dy, dx] of NEIGHBOURS) tryAt(midRow + dy, midColumn + dx);
  }
  return { ...best, level, kernel };
}

/** The pose of a reference whose kernel's corner lies at a cell. */
function poseAt(level: FeatureLevel, look: Look, kernel: Kernel, row: number, column: number): Homography {
  const x = level.left + ((column + kernel.centreColumn) * CELL_PX) / level.scale;
  const y = level.top + ((row + kernel.centreRow) * CELL_PX) / level.scale;
  // Frame pixels per unit of the template: the reference's mean side, as the kernel drew it.
  const unit = (Math.sqrt(look.widthPx * look.heightPx) * kernel.scale) / level.scale;
  const [a, b, c, d] = kernel.slant;
  return affine(a * unit, b * unit, x, c * unit, d * unit, y);
}

export function boundsUnder(pose: Homography, { fine }: Look): Corners {
  return boundsOf(cornersOf(pose, fine.halfU, fine.halfV));
}

export const centreOf = (pose: Homography) => apply(pose, 0, 0);
