import { averagePrecision, bestQuality, type Judged } from './evaluate.js';
import { fitted, probability } from './logistic.js';
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

/** Prints weights fitted to all examples, and the quality of weights fitted without the clips that they judge. */
export function reportFit(found: readonly FitExample[], positives: number): void {
  const examples = found.map(({ clip, values, right }) => ({ clip, right, values: Object.values(values) }));
  const judged = Array.from({ length: FOLDS }, (_, fold) => {
    const weights = fitted(examples.filter(({ clip }) => clip % FOLDS !== fold));
    return examples
      .filter(({ clip }) => clip % FOLDS === fold)
      .map(({ right, values }): Judged => ({ right, score: probability(weights, values) }));
  }).flat();
  const { f1, threshold } = bestQuality({ judged, positives });
  const weights = fitted(examples);
  const names = Object.keys(found[0]?.values ?? {});
  console.log(`${positives} logos, ${found.length} examples, ${found.filter(({ right }) => right).length} of them right`);
  console.log(
    `with weights of other clips: AP ${averagePrecision({ judged, positives }).toFixed(3)}, best F1 ${f1.toFixed(3)} at ${threshold.toFixed(2)}`,
  );
  console.log(`bias ${weights[0]!.toFixed(2)}, ${names.map((name, i) => `${name} ${weights[i + 1]!.toFixed(2)}`).join(', ')}`);
}
