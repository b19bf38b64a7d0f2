import type { Alignment, AlignmentTemplate } from './alignment.js';
import type { Candidate } from './full-search.js';
import { boundsUnder } from './full-search.js';
import type { GrayPyramid } from './gray-pyramid.js';
import { affine, areaOf, compose, cornersOf, isConvex, overlapOf, type Corners, type Homography } from './homography.js';
import type { Look } from './reference-index.js';

/** A candidate after the reference was laid onto the picture. */
export interface Verified {
  readonly look: Look;
  readonly slantIndex: number;
  readonly pose: Homography;
  readonly bounds: Corners;
  /** 0..1: how likely it is the logo. */
  readonly score: number;
  readonly netScore: number;
  /** Of the aligned reference with the picture, -1..1. */
  readonly correlation: number;
  readonly clarity: number;
}

/** What the score is made of. All are about 0..1. */
export interface Evidence {
  readonly net: number;
  readonly correlation: number;
  readonly blocks: number;
  readonly drift: number;
}

/** Fitted by logistic regression on candidates of the validation scenes; the docs say how. */
const WEIGHTS = { bias: -15.96, net: 12.36, correlation: 5.69, blocks: 2.93, drift: -1.75 } as const;

const COARSE_STEPS = 12;
const FINE_STEPS = 12;
const PLANE_STEPS = 10;
const SCALES = [1, 0.86, 1.16];
const MIN_CORRELATION_GAIN = 0.02;

export function scoreOf(evidence: Evidence): number {
  const { bias, net, correlation, blocks, drift } = WEIGHTS;
  return 1 / (1 + Math.exp(-(bias + net * evidence.net + correlation * evidence.correlation + blocks * evidence.blocks + drift * evidence.drift)));
}

/** Lays the reference onto the picture: roughly, then finely, then with perspective; judges by both network and pixels. */
export function verify(picture: GrayPyramid, candidate: Candidate, also: readonly Homography[] = []): Verified {
  const { look, pose, score: net } = candidate;
  let best: Alignment | undefined;
  const consider = (found: Alignment | undefined): void => {
    if (found !== undefined && isPlausible(found.pose, pose, look) && (best === undefined || found.correlation > best.correlation)) best = found;
  };
  const start = roughPose(picture, look, [...SCALES.map((scale) => compose(pose, affine(scale, 0, 0, 0, scale, 0))), ...also]) ?? pose;
  const fine = look.fine.align(picture, start, { maxIterations: FINE_STEPS, freedom: 6 });
  consider(fine);
  consider(fine && look.fine.align(picture, fine.pose, { maxIterations: PLANE_STEPS, freedom: 8 }));
  const unmoved = look.fine.align(picture, pose, { maxIterations: 0, freedom: 6 });
  if (best === undefined || (best as Alignment).correlation < (unmoved?.correlation ?? 0) + MIN_CORRELATION_GAIN) best = unmoved;
  const chosen = best?.pose ?? pose;
  const bounds = boundsUnder(chosen, look);
  const evidence = {
    net,
    correlation: Math.max(0, best?.correlation ?? 0),
    blocks: Math.max(0, best?.blockCorrelation ?? 0),
    drift: 1 - overlapOf(bounds, candidate.bounds),
  };
  return {
    look,
    slantIndex: candidate.slantIndex,
    pose: chosen,
    bounds,
    score: scoreOf(evidence),
    netScore: net,
    correlation: evidence.correlation,
    clarity: look.fine.clarityAt(picture, chosen),
  };
}

/** The network's scales are steps apart: of several rough alignments the best is where the fine one begins. */
function roughPose(picture: GrayPyramid, { coarse }: Look, starts: readonly Homography[]): Homography | undefined {
  let best: Alignment | undefined;
  for (const start of starts) {
    const found = coarse.align(picture, start, { maxIterations: COARSE_STEPS, freedom: 6 });
    if (found !== undefined && (best === undefined || found.correlation > best.correlation)) best = found;
  }
  return best?.pose;
}

/** No logo is seen mirrored, folded, or far from where the network saw it. */
export function isPlausible(pose: Homography, from: Homography, { fine }: { readonly fine: AlignmentTemplate }): boolean {
  const corners = cornersOf(pose, fine.halfU, fine.halfV);
  if (!corners.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)) || !isConvex(corners)) return false;
  const area = areaOf(corners) / areaOf(cornersOf(from, fine.halfU, fine.halfV));
  if (!(area > 0.35 && area < 2.2)) return false;
  const side = (a: number, b: number): number => Math.hypot(corners[a]!.x - corners[b]!.x, corners[a]!.y - corners[b]!.y);
  const [top, right, bottom, left] = [side(0, 1), side(1, 2), side(2, 3), side(3, 0)];
  if (Math.max(top / bottom, bottom / top) > 2.2 || Math.max(left / right, right / left) > 2.2) return false;
  const stretch = ((top + bottom) / (left + right)) * (fine.halfV / fine.halfU);
  return stretch > 0.4 && stretch < 2.2;
}
