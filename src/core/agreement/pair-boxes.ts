import { Box, type Box01 } from '../plugin-api/index.js';

/** Least overlap of two boxes that are the same find. */
export const MIN_IOU = 0.5;

export interface Find {
  readonly label: string;
  readonly box: Box01;
}

/** How a label is compared: capitals and blanks around it say nothing. */
export const normalLabel = (label: string): string => label.trim().toLowerCase();

/**
 * Pairs finds of one frame by two passes over it: same label, IoU of {@link MIN_IOU} at least, greedily, the best overlap first.
 * @returns places of the pairs in the two lists
 * @example pairBoxes(before, after).length
 */
export function pairBoxes(one: readonly Find[], other: readonly Find[]): [number, number][] {
  const candidates = one
    .flatMap((a, i) => other.map((b, j) => ({ i, j, iou: normalLabel(a.label) === normalLabel(b.label) ? Box.iou(a.box, b.box) : 0 })))
    .filter(({ iou }) => iou >= MIN_IOU)
    .sort((a, b) => b.iou - a.iou);
  const [usedOne, usedOther] = [new Set<number>(), new Set<number>()];
  const pairs: [number, number][] = [];
  for (const { i, j } of candidates) {
    if (usedOne.has(i) || usedOther.has(j)) continue;
    usedOne.add(i);
    usedOther.add(j);
    pairs.push([i, j]);
  }
  return pairs;
}
