import type { Alignment, AlignmentTemplate } from './alignment.js';
import { boundsUnder, type Candidate } from './full-search.js';
import type { GrayPyramid } from './gray-pyramid.js';
import { affine, areaOf, compose, cornersOf, isConvex, overlapOf, type Corners, type Homography } from './homography.js';
import type { LogoNet } from './logo-net.js';
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
  readonly evidence: Evidence;
}

/** What the score is made of. All are about 0..1. */
export interface Evidence {
  /** The network's correlation where it was found, and after the pose is undone. */
  readonly net: number;
  readonly headOn: number;
  /** Correlation of pixels. */
  readonly correlation: number;
  /** How far the alignment moved from where the network saw it: 1 - IoU. */
  readonly drift: number;
  /** log2 of the number of parts: 0 for a dot, 4 for a long word. */
  readonly parts: number;
}

/**
 * Fitted to candidates of val scenes: `npm run bench:logos -- --source mixed,simple-icons --clips 6 --fit candidates`. Agreement of
 * pixels adds nothing to what the look head on says; it decides whether that look is worth its cost.
 */
const WEIGHTS: Readonly<Record<keyof Evidence | 'bias', number>> = {
  bias: -42.41,
  net: 18.78,
  headOn: 10.47,
  correlation: 0,
  drift: -1.12,
  parts: 5.49,
};

const COARSE_STEPS = 12;
const FINE_STEPS = 12;
const PLANE_STEPS = 10;
const SCALES = [1, 0.86, 1.16];
/** Pixels that agree less are no logo; the network need not be asked. */
const LEAST_CORRELATION = 0.4;
const MIN_CORRELATION_GAIN = 0.02;

/** Looks up to which the weights hold as they are: as many as they were fitted with, and some more. */
const FEW_LOOKS = 60;

/** Log-odds that a find loses because so many looks are looked for. */
export const priorOf = (looks: number): number => -Math.log(Math.max(1, looks / FEW_LOOKS));

/** @param prior log-odds known beforehand */
export function scoreOf(evidence: Evidence, prior = 0): number {
  const sum = (Object.keys(evidence) as (keyof Evidence)[]).reduce(
    (total, name) => total + WEIGHTS[name] * evidence[name],
    WEIGHTS.bias + prior,
  );
  return 1 / (1 + Math.exp(-sum));
}

/** Lays references onto the picture; judges by both network and pixels. */
export class Verifier {
  private galleryPrior = 0;

  constructor(private readonly net: LogoNet) {}

  /** The more is looked for, the likelier is something to be taken for it by chance: what a find is worth falls with their number. */
  lookFor(looks: number): void {
    this.galleryPrior = priorOf(looks);
  }

  /** Roughly, then finely, then with perspective. */
  async verify(picture: GrayPyramid, candidate: Candidate, also: readonly Homography[] = []): Promise<Verified> {
    const { look, pose } = candidate;
    let best: Alignment | undefined;
    const consider = (found: Alignment | undefined): void => {
      if (found !== undefined && isPlausible(found.pose, pose, look) && found.correlation > (best?.correlation ?? -1)) best = found;
    };
    const start = roughPose(picture, look, [...SCALES.map((scale) => compose(pose, affine(scale, 0, 0, 0, scale, 0))), ...also]) ?? pose;
    const fine = look.fine.align(picture, start, { maxIterations: FINE_STEPS, freedom: 6 });
    consider(fine);
    consider(fine && look.fine.align(picture, fine.pose, { maxIterations: PLANE_STEPS, freedom: 8 }));
    const unmoved = look.fine.align(picture, pose, { maxIterations: 0, freedom: 6 });
    const moved = best as Alignment | undefined;
    const isBetter = moved !== undefined && moved.correlation >= (unmoved?.correlation ?? 0) + MIN_CORRELATION_GAIN;
    return this.judge(picture, candidate, isBetter ? moved : unmoved);
  }

  /** What an alignment is worth. */
  async judge(picture: GrayPyramid, candidate: Candidate, alignment: Alignment | undefined, prior = 0): Promise<Verified> {
    const { look, score: net, slantIndex } = candidate;
    const pose = alignment?.pose ?? candidate.pose;
    const bounds = boundsUnder(pose, look);
    const evidence: Evidence = {
      net,
      headOn: (alignment?.correlation ?? 0) < LEAST_CORRELATION ? 0 : await look.headOn.score(picture, pose, this.net),
      correlation: Math.max(0, alignment?.correlation ?? 0),
      drift: 1 - overlapOf(bounds, candidate.bounds),
      parts: Math.log2(Math.max(1, look.fine.partCount)),
    };
    const { correlation } = evidence;
    return {
      look,
      slantIndex,
      pose,
      bounds,
      evidence,
      score: scoreOf(evidence, prior + this.galleryPrior),
      netScore: net,
      correlation,
      clarity: look.fine.clarityAt(picture, pose),
    };
  }
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
