import { averagePrecision, bestQuality, type Judged } from './evaluate.js';
import { fitted, probability, type Example } from './logistic.js';
import type { Gallery } from './method.js';
import type { Clip } from './scenes.js';

/** Clips in which the same marks are looked for. */
export interface FitClips {
  readonly clips: readonly Clip[];
  readonly gallery: Gallery;
}

/** Evidence by name, the clip it is of, and whether it was right. */
export interface FitExample {
  readonly clip: number;
  readonly values: Readonly<Record<string, number>>;
  readonly right: boolean;
}

const FOLDS = 5;

/**
 * Prints weights fitted to all examples, and the quality of weights fitted without the clips that they judge.
 * @param inFavour evidence that only counts in favour: where few examples say otherwise by chance, it is left out
 */
export function reportFit(found: readonly FitExample[], positives: number, inFavour: readonly string[]): void {
  let names = Object.keys(found[0]?.values ?? {});
  for (;;) {
    const weights = fitted(examplesOf(found, names));
    const against = names.filter((name, i) => inFavour.includes(name) && weights[i + 1]! < 0);
    if (against.length === 0) break;
    console.log(`left out, as it would count against: ${against.join(', ')}`);
    names = names.filter((name) => !against.includes(name));
  }
  const judged = Array.from({ length: FOLDS }, (_, fold) => {
    const others = found.filter(({ clip }) => clip % FOLDS !== fold);
    const weights = fitted(examplesOf(others, names));
    const own = found.filter(({ clip }) => clip % FOLDS === fold);
    return examplesOf(own, names).map(({ right, values }): Judged => ({ right, score: probability(weights, values) }));
  }).flat();
  const { f1, threshold } = bestQuality({ judged, positives });
  const weights = fitted(examplesOf(found, names));
  console.log(`${positives} logos, ${found.length} examples, ${found.filter(({ right }) => right).length} of them right`);
  const ap = averagePrecision({ judged, positives });
  console.log(`with weights of other clips: AP ${ap.toFixed(3)}, best F1 ${f1.toFixed(3)} at ${threshold.toFixed(2)}`);
  console.log(`bias ${weights[0]!.toFixed(2)}, ${names.map((name, i) => `${name} ${weights[i + 1]!.toFixed(2)}`).join(', ')}`);
}

const examplesOf = (found: readonly FitExample[], names: readonly string[]): Example[] =>
  found.map(({ values, right }) => ({ right, values: names.map((name) => values[name]!) }));
