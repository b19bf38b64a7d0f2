import type { Output } from '../tensor-values.js';
import { cornersAt, readCandidates, rowsOf } from './candidates.js';
import { isOnePerCell, ofRank, plainName, shapeOf } from './evidence.js';
import { RGB_UNIT, type Layout, type ModelFacts } from './layout.js';
import { doesNotFit, outputOf } from './table.js';

/** Boxes and scores of the same candidates; where there are four classes, too, names or order tell them apart. */
function pairIn({ outputs }: ModelFacts): { readonly boxes: Output; readonly scores: Output } | undefined {
  const [first, second, ...others] = ofRank(outputs, 3);
  if (first === undefined || second === undefined || others.length > 0 || first.dims[1] !== second.dims[1]) return undefined;
  const isBoxes = ({ name, dims }: Output): boolean => dims[2] === 4 && !/score|logit|class/.test(plainName(name));
  if (isBoxes(first)) return { boxes: first, scores: second };
  return isBoxes(second) ? { boxes: second, scores: first } : undefined;
}

export const yoloNas: Layout = {
  id: 'yolo-nas',
  title: 'YOLO-NAS without its NMS, and others with boxes [batch, candidates, 4] beside scores [batch, candidates, classes]',
  pixels: RGB_UNIT,
  isFinal: false,
  matches(facts) {
    const pair = pairIn(facts);
    if (pair === undefined || !isOnePerCell(facts, pair.boxes.dims[1]!)) return undefined;
    return { strength: 3, why: `its outputs ${shapeOf(pair.boxes)} and ${shapeOf(pair.scores)} have a candidate per cell` };
  },
  bind(facts, told) {
    const pair = pairIn(facts);
    if (pair === undefined) throw doesNotFit(facts, 'pair of outputs [batch, candidates, 4] and [batch, candidates, classes]');
    const { widthPx, heightPx } = facts;
    const box = { format: told.boxFormat ?? 'xyxy', units: told.boxUnits ?? 'pixels', widthPx, heightPx } as const;
    const classes = pair.scores.dims[2]!;
    return {
      classCount: classes,
      classOffset: told.classOffset ?? 0,
      how: `boxes ${box.format}, ${box.units}`,
      read(outputs, picture, minScore) {
        const boxes = rowsOf(outputOf(outputs, pair.boxes), picture);
        const scores = rowsOf(outputOf(outputs, pair.scores), picture);
        return readCandidates((index) => cornersAt(boxes, index, box), scores, { kind: told.scores ?? 'probabilities', classes }, minScore);
      },
    };
  },
};
