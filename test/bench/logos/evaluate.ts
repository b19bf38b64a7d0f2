import type { ClipTruth, Corners, TrueLogo } from './truth.js';

/** What a method claims to see in a frame. */
export interface Claim {
  readonly brand: string;
  readonly score: number;
  readonly box: Corners;
}

/** The frames of one clip that a method looked at. */
export interface ClipClaims {
  readonly truth: ClipTruth;
  readonly frames: readonly { readonly index: number; readonly claims: readonly Claim[] }[];
}

/** A claim that counts, judged: right or wrong. */
export interface Judged {
  readonly score: number;
  readonly right: boolean;
}

export interface Judgement {
  readonly judged: readonly Judged[];
  /** Logos that were there to be found. */
  readonly positives: number;
}

export interface Quality {
  readonly threshold: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

export const LEAST_IOU = 0.5;
/** A claim that overlaps a logo that is neither right nor wrong by this much is let pass. */
const IGNORE_IOU = 0.2;

export function iou(a: Corners, b: Corners): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared);
}

/** The best claims choose first; each true logo is found once, a second claim to it is wrong. */
export function judgeFrame(truth: readonly TrueLogo[], claims: readonly Claim[]): Judgement {
  const wanted = truth.filter((logo) => logo.gallery && !logo.ignore);
  const passed = truth.filter((logo) => logo.gallery && logo.ignore);
  const found = new Set<TrueLogo>();
  const judged: Judged[] = [];
  for (const claim of claims.toSorted((a, b) => b.score - a.score)) {
    let best: TrueLogo | undefined;
    let bestIou = 0;
    for (const logo of wanted) {
      const overlap = logo.brand === claim.brand && !found.has(logo) ? iou(logo.box, claim.box) : 0;
      if (overlap > bestIou) [best, bestIou] = [logo, overlap];
    }
    if (best !== undefined && bestIou >= LEAST_IOU) {
      found.add(best);
      judged.push({ score: claim.score, right: true });
    } else if (!passed.some((logo) => logo.brand === claim.brand && iou(logo.box, claim.box) > IGNORE_IOU)) {
      judged.push({ score: claim.score, right: false });
    }
  }
  return { judged, positives: wanted.length };
}

export function judgeClip({ truth, frames }: ClipClaims): Judgement {
  return joined(frames.map(({ index, claims }) => judgeFrame(truth.frames[index] ?? [], claims)));
}

export function joined(judgements: readonly Judgement[]): Judgement {
  return {
    judged: judgements.flatMap(({ judged }) => judged),
    positives: judgements.reduce((sum, { positives }) => sum + positives, 0),
  };
}

/** Area below the precision-recall curve, precision made monotone; claims of equal score stand or fall together. */
export function averagePrecision({ judged, positives }: Judgement): number {
  if (positives === 0) return Number.NaN;
  const points = curve(judged);
  let area = 0;
  let ceiling = 0;
  for (let i = points.length - 1; i >= 0; i--) {
    const { right, claimed } = points[i]!;
    ceiling = Math.max(ceiling, right / claimed);
    area += (ceiling * (right - (points[i - 1]?.right ?? 0))) / positives;
  }
  return area;
}

export function qualityAt({ judged, positives }: Judgement, threshold: number): Quality {
  const kept = judged.filter(({ score }) => score >= threshold);
  return quality(threshold, kept.filter(({ right }) => right).length, kept.length, positives);
}

/** The threshold with the highest F1, chosen in hindsight: an upper bound, not what a user gets. */
export function bestQuality({ judged, positives }: Judgement): Quality {
  const all = curve(judged).map(({ score, right, claimed }) => quality(score, right, claimed, positives));
  return all.reduce((best, candidate) => (candidate.f1 > best.f1 ? candidate : best), quality(Number.POSITIVE_INFINITY, 0, 0, positives));
}

function quality(threshold: number, right: number, claimed: number, positives: number): Quality {
  const precision = claimed === 0 ? 0 : right / claimed;
  const recall = positives === 0 ? 0 : right / positives;
  return { threshold, precision, recall, f1: right === 0 ? 0 : (2 * precision * recall) / (precision + recall) };
}

/** Claims taken from the highest score down, one point per distinct score. */
function curve(judged: readonly Judged[]): { score: number; right: number; claimed: number }[] {
  const points: { score: number; right: number; claimed: number }[] = [];
  let right = 0;
  for (const [i, claim] of judged.toSorted((a, b) => b.score - a.score).entries()) {
    if (claim.right) right++;
    const point = { score: claim.score, right, claimed: i + 1 };
    if (points.at(-1)?.score === claim.score) points[points.length - 1] = point;
    else points.push(point);
  }
  return points;
}
