import { unfitModel } from '../errors.js';
import type { Output } from '../tensor-values.js';
import type { BoxFormat, BoxUnits, RawDetection, ScoreKind } from './layout.js';

/** A view into an output: candidate `i`, field `k` is at `start + i * perCandidate + k * perField`. */
export interface Grid {
  readonly values: ArrayLike<number>;
  readonly start: number;
  readonly count: number;
  readonly perCandidate: number;
  readonly perField: number;
}

/** One picture's rows of an output `[batch, candidates, fields]`, from field `first` on. */
export function rowsOf(output: Output, picture: number, first = 0): Grid {
  const [count = 0, fields = 1] = output.dims.slice(1);
  assertHolds(output, picture);
  return { values: output.values, start: picture * count * fields + first, count, perCandidate: fields, perField: 1 };
}

/** One picture's columns of an output `[batch, fields, candidates]`, from field `first` on. */
export function columnsOf(output: Output, picture: number, first = 0): Grid {
  const [, fields = 0, count = 0] = output.dims;
  assertHolds(output, picture);
  return { values: output.values, start: (picture * fields + first) * count, count, perCandidate: 1, perField: count };
}

/** A dynamic batch that is not passed on to the outputs would give one picture's boxes to another. */
function assertHolds({ name, dims }: Output, picture: number): void {
  if (picture < (dims[0] ?? 0)) return;
  throw unfitModel(
    `the model was fed more pictures than its output ${name} [${dims.join(', ')}] has room for`,
    'Set maxBatch: 1 for object-detection, or export the model with a dynamic batch throughout.',
  );
}

export interface BoxReading {
  readonly format: BoxFormat;
  readonly units: BoxUnits;
  readonly widthPx: number;
  readonly heightPx: number;
}

type Corners = readonly [x0: number, y0: number, x1: number, y1: number];

/** The corners, in pixels of the input picture, of the box in fields 0 to 3 of candidate `index`. */
export function cornersAt({ values, start, perCandidate, perField }: Grid, index: number, reading: BoxReading): Corners {
  const at = start + index * perCandidate;
  const [a, b, c, d] = [values[at]!, values[at + perField]!, values[at + 2 * perField]!, values[at + 3 * perField]!];
  const [x, y] = reading.units === 'pixels' ? [1, 1] : [reading.widthPx, reading.heightPx];
  switch (reading.format) {
    case 'xyxy':
      return [a * x, b * y, c * x, d * y];
    case 'yxyx':
      return [b * x, a * y, d * x, c * y];
    case 'xywh':
      return [a * x, b * y, (a + c) * x, (b + d) * y];
    case 'cxcywh':
      return [(a - c / 2) * x, (b - d / 2) * y, (a + c / 2) * x, (b + d / 2) * y];
  }
}

export interface ScoreReading {
  readonly kind: ScoreKind;
  readonly classes: number;
  /** A slot that means "nothing": never the answer, but part of a softmax. */
  readonly background?: number;
}

/** Every candidate's best class, where that scores enough. `objectness`, one field, multiplies the score. */
export function readCandidates(
  boxAt: (index: number) => Corners,
  scores: Grid,
  reading: ScoreReading,
  minScore: number,
  objectness?: Grid,
): RawDetection[] {
  const found: RawDetection[] = [];
  const best = bestClasses(scores, reading);
  for (let index = 0; index < scores.count; index++) {
    const score = best.scores[index]! * (objectness ? objectness.values[objectness.start + index * objectness.perCandidate]! : 1);
    if (!(score >= minScore) || !(score > 0)) continue;
    keep(found, boxAt(index), score, best.classes[index]!);
  }
  return found;
}

/** Candidates that already have one class and one score each. */
export function readList(
  boxAt: (index: number) => Corners,
  list: { readonly count: number; readonly scoreAt: (index: number) => number; readonly classAt: (index: number) => number },
  classOffset: number,
  minScore: number,
): RawDetection[] {
  const found: RawDetection[] = [];
  for (let index = 0; index < list.count; index++) {
    const score = list.scoreAt(index);
    if (!(score >= minScore) || !(score > 0)) continue;
    const classIndex = Math.round(list.classAt(index)) - classOffset;
    if (classIndex >= 0) keep(found, boxAt(index), score, classIndex);
  }
  return found;
}

/** Any two opposite corners will do, as ONNX's own NonMaxSuppression has it. */
function keep(found: RawDetection[], [xa, ya, xb, yb]: Corners, score: number, classIndex: number): void {
  if (![xa, ya, xb, yb, score, classIndex].every(Number.isFinite)) return;
  found.push({ x0: Math.min(xa, xb), y0: Math.min(ya, yb), x1: Math.max(xa, xb), y1: Math.max(ya, yb), score, classIndex });
}

function bestClasses(grid: Grid, { kind, classes, background = -1 }: ScoreReading): { scores: Float64Array; classes: Int32Array } {
  const { values, start, count, perCandidate, perField } = grid;
  const scores = new Float64Array(count).fill(-Infinity);
  const chosen = new Int32Array(count).fill(-1);
  // Class by class where candidates lie side by side: memory is read in its order.
  for (let index = 0; index < classes; index++) {
    if (index === background) continue;
    for (let candidate = 0, at = start + index * perField; candidate < count; candidate++, at += perCandidate) {
      const value = values[at]!;
      if (value > scores[candidate]!) [scores[candidate], chosen[candidate]] = [value, index];
    }
  }
  if (kind === 'sigmoid') for (let i = 0; i < count; i++) scores[i] = 1 / (1 + Math.exp(-scores[i]!));
  if (kind === 'softmax') {
    for (let i = 0; i < count; i++) {
      // Every class against the best: a slot for nothing that outweighs it makes the sum large, never the quotient.
      let sum = 0;
      for (let index = 0; index < classes; index++) sum += Math.exp(values[start + i * perCandidate + index * perField]! - scores[i]!);
      scores[i] = 1 / sum;
    }
  }
  for (let i = 0; i < count; i++) if (chosen[i]! < 0) scores[i] = 0;
  return { scores, classes: chosen };
}
