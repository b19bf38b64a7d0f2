import type { Alignment } from './alignment.js';
import { bestAround, boundsUnder, centreOf, type Candidate, type FullSearch } from './full-search.js';
import type { GrayPyramid } from './gray-pyramid.js';
import { affine, compose, type Homography } from './homography.js';
import { KERNEL_SIDE_PX } from './kernel-bank.js';
import type { Look, ReferenceIndex } from './reference-index.js';
import type { Track } from './sighting.js';
import { isPlausible, type Verified, type Verifier } from './verification.js';

/** Correlation from which, and share of the last one down to which, a logo that alignment alone has followed needs no search. */
const SLID_CORRELATION = 0.7;
const SLID_SHARE = 0.93;
const COARSE_STEPS = 10;
const FINE_STEPS = 8;
/** Correlation at the very place an overlay was, from which it may be there again; what the place adds to its log-odds. */
const PROBE_CORRELATION = 0.4;
const PLACE_KNOWN = 2;
/** How far around its expected place a logo is looked for: a share of its size, and pixels of the frame. */
const REACH_SHARE = 0.5;
const REACH_PX = 28;
const SCALE_STEPS = [1, 1.2, 1 / 1.2];
const CELL_PX = 4;

/** Looks for a known logo around where it is expected: a small crop at its own scale, instead of the whole frame at all. */
export class Follower {
  constructor(
    private readonly search: FullSearch,
    private readonly verifier: Verifier,
  ) {}

  /** Undefined where the reference is gone from the set, or the logo from the frame. */
  async follow(picture: GrayPyramid, track: Track, ptsUs: number, index: ReferenceIndex): Promise<Verified | undefined> {
    const look = index.byKey.get(track.look);
    if (look === undefined) return undefined;
    const last = Float64Array.from(track.pose);
    const seconds = (ptsUs - track.lastPtsUs) / 1e6;
    const expected = moved(last, track.velocity[0]! * seconds, track.velocity[1]! * seconds);
    const slid = slide(picture, track, look, [last, expected]);
    if (slid !== undefined) {
      return this.verifier.judge(
        picture,
        { look, pose: slid.pose, bounds: boundsUnder(slid.pose, look), score: track.netScore, coarseScore: 0, slantIndex: track.slant },
        slid,
      );
    }
    const candidate = await this.locally(picture, track, look, expected);
    if (candidate === undefined) return undefined;
    const [from, to] = [centreOf(expected), centreOf(candidate.pose)];
    return this.verifier.verify(picture, candidate, [moved(expected, to.x - from.x, to.y - from.y)]);
  }

  /** Whether an overlay is where it was, to the pixel. Knowing the place is worth something by itself. */
  async probe(picture: GrayPyramid, track: Track, index: ReferenceIndex): Promise<Verified | undefined> {
    const look = index.byKey.get(track.look);
    if (look === undefined) return undefined;
    const pose = Float64Array.from(track.pose);
    const still = look.fine.align(picture, pose, { maxIterations: 1, freedom: 6 });
    if (still === undefined || still.correlation < PROBE_CORRELATION) return undefined;
    const candidate = { look, pose, bounds: boundsUnder(pose, look), score: track.netScore, coarseScore: 0, slantIndex: track.slant };
    return this.verifier.judge(picture, candidate, { ...still, pose }, PLACE_KNOWN);
  }

  private async locally(picture: GrayPyramid, track: Track, look: Look, expected: Homography): Promise<Candidate | undefined> {
    const { widthPx, heightPx } = picture.levels[0]!;
    const centre = centreOf(expected);
    if (!(centre.x > 0 && centre.y > 0 && centre.x < widthPx && centre.y < heightPx)) return undefined;
    const kernel = look.kernels[track.slant] ?? look.kernels[0]!;
    const [a, b, c, d] = kernel.slant;
    // The slant is the kernel's; what is left is scale.
    const unit = Math.sqrt(Math.abs((expected[0]! * expected[4]! - expected[1]! * expected[3]!) / (a * d - b * c)));
    const scale = (Math.sqrt(look.widthPx * look.heightPx) * kernel.scale) / unit;
    if (!(scale > KERNEL_SIDE_PX / Math.max(widthPx, heightPx) && scale < 4)) return undefined;
    const bounds = boundsUnder(expected, look);
    const reachX = REACH_PX + REACH_SHARE * (bounds.x1 - bounds.x0) + 8 / scale;
    const reachY = REACH_PX + REACH_SHARE * (bounds.y1 - bounds.y0) + 8 / scale;
    const region = { x0: bounds.x0 - reachX, y0: bounds.y0 - reachY, x1: bounds.x1 + reachX, y1: bounds.y1 + reachY };
    const levels = [];
    for (const step of SCALE_STEPS) levels.push(await this.search.level(picture, region, scale * step));
    const reachCells = Math.ceil((REACH_PX * scale) / CELL_PX + (REACH_SHARE / 2) * Math.min(kernel.rows, kernel.columns));
    return { ...bestAround(levels, look, centre, Math.min(16, reachCells), track.slant), coarseScore: 0 };
  }
}

/** Follows a logo that moved little by alignment alone, first from where it was, then from where it should be. */
function slide(picture: GrayPyramid, track: Track, look: Look, starts: readonly Homography[]): Alignment | undefined {
  const least = Math.max(SLID_CORRELATION, SLID_SHARE * track.correlation);
  const last = starts[0]!;
  const still = look.fine.align(picture, last, { maxIterations: 2, freedom: 6 });
  if (still !== undefined && still.correlation >= least) return still;
  for (const start of starts) {
    const rough = look.coarse.align(picture, start, { maxIterations: COARSE_STEPS, freedom: 6 });
    const fine = rough && look.fine.align(picture, rough.pose, { maxIterations: FINE_STEPS, freedom: 6 });
    if (fine !== undefined && fine.correlation >= least && isPlausible(fine.pose, last, look)) return fine;
  }
  return undefined;
}

const moved = (pose: Homography, dx: number, dy: number): Homography => compose(affine(1, 0, dx, 0, 1, dy), pose);
