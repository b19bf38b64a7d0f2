import type { Tensor } from 'vedette/plugin';
import { unfitModel } from './errors.js';

/** A box as the model gives it, corners in pixels of the input picture. */
export interface RawDetection {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
  readonly score: number;
  readonly classIndex: number;
}

/**
 * `rows`: `[B, 4 + classes, N]`, centre and size then a score per class (YOLOv8, v9, 11).
 * `final`: `[B, N, 6]`, corners, score, class; the model has removed overlaps itself (YOLOv10, end-to-end exports).
 */
export type OutputLayout = 'rows' | 'final';

/**
 * Tells the layout by the output's shape; class names decide where both would fit.
 * @throws VD_DETECTION_UNFIT_MODEL
 */
export function layoutOf(dims: readonly number[], classCount: number): OutputLayout {
  const [, second = 0, third = 0] = dims;
  if (dims.length === 3) {
    const couldBeRows = second > 4 && (classCount === 0 || second === 4 + classCount);
    if (third === 6 && !(couldBeRows && second === 4 + classCount)) return 'final';
    if (couldBeRows) return 'rows';
  }
  throw unfitModel(
    `the model's output has the shape [${dims.join(', ')}]${classCount > 0 ? ` and there are ${classCount} class names` : ''}; expected [batch, 4 + classes, boxes] or [batch, boxes, 6]`,
    'Export a YOLOv8 or later detection model to ONNX, and give as many names as it has classes.',
  );
}

/** The detections of one picture of the batch with a score of at least `minScore`. */
export function readDetections(output: Tensor, picture: number, layout: OutputLayout, minScore: number): RawDetection[] {
  const [, second = 0, third = 0] = output.dims;
  const data = output.data as Float32Array;
  const values = data.subarray(picture * second * third, (picture + 1) * second * third);
  return layout === 'rows' ? readRows(values, second - 4, third, minScore) : readFinal(values, second, minScore);
}

function readRows(values: Float32Array, classes: number, boxes: number, minScore: number): RawDetection[] {
  const found: RawDetection[] = [];
  for (let box = 0; box < boxes; box++) {
    let score = 0;
    let classIndex = -1;
    for (let index = 0; index < classes; index++) {
      const value = values[(4 + index) * boxes + box]!;
      if (value > score) [score, classIndex] = [value, index];
    }
    if (classIndex < 0 || score < minScore) continue;
    const [cx, cy] = [values[box]!, values[boxes + box]!];
    const [halfWidth, halfHeight] = [values[2 * boxes + box]! / 2, values[3 * boxes + box]! / 2];
    const detection = { x0: cx - halfWidth, y0: cy - halfHeight, x1: cx + halfWidth, y1: cy + halfHeight, score, classIndex };
    if (isFinite(detection)) found.push(detection);
  }
  return found;
}

function readFinal(values: Float32Array, boxes: number, minScore: number): RawDetection[] {
  const found: RawDetection[] = [];
  for (let at = 0; at < boxes * 6; at += 6) {
    const score = values[at + 4]!;
    if (!(score >= minScore) || score <= 0) continue;
    const detection = {
      x0: values[at]!,
      y0: values[at + 1]!,
      x1: values[at + 2]!,
      y1: values[at + 3]!,
      score,
      classIndex: Math.round(values[at + 5]!),
    };
    if (isFinite(detection)) found.push(detection);
  }
  return found;
}

const isFinite = ({ x0, y0, x1, y1, score }: RawDetection): boolean => [x0, y0, x1, y1, score].every(Number.isFinite);

/** Keeps the best of what overlaps, class by class; best score first. */
export function suppressOverlaps(detections: readonly RawDetection[], maxOverlap: number, limit: number): RawDetection[] {
  const kept: RawDetection[] = [];
  for (const candidate of [...detections].sort((a, b) => b.score - a.score)) {
    if (kept.length === limit) break;
    if (!kept.some((other) => other.classIndex === candidate.classIndex && overlap(other, candidate) > maxOverlap)) kept.push(candidate);
  }
  return kept;
}

function overlap(a: RawDetection, b: RawDetection): number {
  const width = Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0);
  const height = Math.min(a.y1, b.y1) - Math.max(a.y0, b.y0);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / ((a.x1 - a.x0) * (a.y1 - a.y0) + (b.x1 - b.x0) * (b.y1 - b.y0) - shared);
}
