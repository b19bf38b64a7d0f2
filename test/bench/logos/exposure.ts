import type { ClipClaims } from './evaluate.js';
import type { ClipTruth } from './truth.js';

/** How long a brand was to be seen in a clip, and how long a method says it was. */
export interface BrandExposure {
  readonly brand: string;
  /** Where it is clearly there. 0: it is not in the clip, or only where it need not be found. */
  readonly trueS: number;
  readonly claimedS: number;
}

export interface ExposureSummary {
  /** Sum of the errors of all brands in all clips, over the true seconds. */
  readonly relativeError: number;
  /** Claimed over true seconds of all brands that are there, less 1: what errors leave of a sum. */
  readonly totalError: number;
  /** Seconds claimed of brands that are not there, per minute of video. */
  readonly falseSecondsPerMinute: number;
}

/** Each frame looked at stands for its share of the clip; frames where a brand need not be found do not count for it. */
export function sampledExposure({ truth, frames }: ClipClaims, threshold: number): BrandExposure[] {
  const secondsEach = truth.frames.length / truth.fps / Math.max(1, frames.length);
  const sums = new Map<string, { there: number; claimed: number }>();
  for (const { index, claims } of frames) {
    const { there, unsure } = presence(truth, index);
    const claimed = new Set(claims.filter(({ score }) => score >= threshold).map(({ brand }) => brand));
    for (const brand of new Set([...there, ...claimed])) {
      if (unsure.has(brand)) continue;
      const sum = sums.get(brand) ?? { there: 0, claimed: 0 };
      if (there.has(brand)) sum.there++;
      if (claimed.has(brand)) sum.claimed++;
      sums.set(brand, sum);
    }
  }
  return [...sums].map(([brand, { there, claimed }]) => ({ brand, trueS: there * secondsEach, claimedS: claimed * secondsEach }));
}

/** An appearance as a product reports it, in seconds of the clip. */
export interface Appearance {
  readonly brand: string;
  readonly startS: number;
  readonly endS: number;
}

/** Appearances against every frame of the truth, not only the sampled ones; frames where a brand need not be found do not count. */
export function appearanceExposure(truth: ClipTruth, appearances: readonly Appearance[]): BrandExposure[] {
  const frames = truth.frames.map((_, index) => ({ ...presence(truth, index), middleS: (index + 0.5) / truth.fps }));
  const brands = new Set(appearances.map(({ brand }) => brand));
  for (const { there } of frames) there.forEach((brand) => brands.add(brand));
  return [...brands].map((brand) => {
    const own = appearances.filter((one) => one.brand === brand);
    const sure = frames.filter(({ unsure }) => !unsure.has(brand));
    const claimed = sure.filter(({ middleS }) => own.some(({ startS, endS }) => middleS >= startS && middleS < endS));
    return { brand, trueS: sure.filter(({ there }) => there.has(brand)).length / truth.fps, claimedS: claimed.length / truth.fps };
  });
}

export function summarise(exposures: readonly BrandExposure[], totalS: number): ExposureSummary {
  const present = exposures.filter(({ trueS }) => trueS > 0);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const trueS = sum(present.map((one) => one.trueS));
  return {
    relativeError: sum(present.map((one) => Math.abs(one.claimedS - one.trueS))) / trueS,
    totalError: sum(present.map((one) => one.claimedS)) / trueS - 1,
    falseSecondsPerMinute: (sum(exposures.filter((one) => one.trueS === 0).map((one) => one.claimedS)) / totalS) * 60,
  };
}

function presence(truth: ClipTruth, index: number): { there: Set<string>; unsure: Set<string> } {
  const there = new Set<string>();
  const unsure = new Set<string>();
  for (const logo of truth.frames[index] ?? []) if (logo.gallery) (logo.ignore ? unsure : there).add(logo.brand);
  there.forEach((brand) => unsure.delete(brand));
  return { there, unsure };
}
