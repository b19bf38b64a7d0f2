import { unfitModel } from '../errors.js';
import type { Output } from '../tensor-values.js';
import { cornersAt, readList, rowsOf, type BoxReading, type Grid } from './candidates.js';
import type { RawDetection } from './layout.js';

/** Boxes, scores and classes in outputs of their own, one entry per detection, `[batch, detections, …]`. */
export interface Lists {
  readonly boxes: Output;
  readonly scores: Output;
  readonly classes: Output;
}

/** The view of a list with or without a batch in front: `[batch, n]`, `[batch, n, 1]` or `[n]`. */
function listOf(output: Output, picture: number, hasBatch: boolean): Grid {
  const [count = 0] = hasBatch ? output.dims.slice(1) : output.dims;
  if (!hasBatch) return { values: output.values, start: 0, count, perCandidate: 1, perField: 1 };
  return { ...rowsOf({ ...output, dims: [output.dims[0]!, count, 1] }, picture), count };
}

/** The detections of one picture; `count` cuts off what the model filled up. */
export function readLists(
  { boxes, scores, classes }: Lists,
  picture: number,
  reading: { readonly box: BoxReading; readonly classOffset: number; readonly minScore: number; readonly count?: number },
): RawDetection[] {
  const hasBatch = boxes.dims.length === 3;
  const corners = hasBatch
    ? rowsOf(boxes, picture)
    : { values: boxes.values, start: 0, count: boxes.dims[0]!, perCandidate: 4, perField: 1 };
  const [score, label] = [listOf(scores, picture, hasBatch), listOf(classes, picture, hasBatch)];
  if (boxes.dims.at(-1) !== 4 || score.count !== corners.count || label.count !== corners.count) {
    throw unfitModel(
      `the model gives ${corners.count} boxes, ${score.count} scores and ${label.count} classes`,
      'Export the model again, or choose another layout for object-detection.',
    );
  }
  const list = {
    count: Math.max(0, Math.min(corners.count, reading.count ?? corners.count)),
    scoreAt: (index: number) => score.values[score.start + index]!,
    classAt: (index: number) => label.values[label.start + index]!,
  };
  return readList((index) => cornersAt(corners, index, reading.box), list, reading.classOffset, reading.minScore);
}
