import { unknownLayout } from '../errors.js';
import type { Output } from '../tensor-values.js';
import { cornersAt, readCandidates, rowsOf } from './candidates.js';
import { ofRank, outputNamed, plainName, shapeOf } from './evidence.js';
import { RGB_UNIT, type Layout, type LayoutMatch, type ModelFacts, type Pixels, type Reader, type ScoreKind, type Told } from './layout.js';
import { doesNotFit, outputOf } from './table.js';

interface Queries {
  readonly boxes: Output;
  readonly logits: Output;
}

/** Two outputs of equally many queries: `logits` under that name, boxes of four fields. */
function queriesIn({ outputs }: ModelFacts, logitsName: RegExp, boxesName: RegExp): Queries | undefined {
  const tables = ofRank(outputs, 3);
  const logits = outputNamed(tables, logitsName);
  const boxes = tables.find((table) => table !== logits && table.dims[2] === 4 && boxesName.test(plainName(table.name)));
  return logits && boxes && logits.dims[1] === boxes.dims[1] ? { boxes, logits } : undefined;
}

/** A mask of the padding is asked for by DETR and its like only; those end in a softmax with "nothing" as its last class. */
const takesMask = ({ inputNames }: ModelFacts): boolean => inputNames.some((name) => plainName(name) === 'pixel_mask');

function scoresOf(facts: ModelFacts, { logits }: Queries, told: Told): ScoreKind {
  if (told.scores !== undefined) return told.scores;
  if (takesMask(facts)) return 'softmax';
  const slots = logits.dims[2]!;
  if (facts.nameCount === slots) return 'sigmoid';
  if (facts.nameCount === slots - 1) return 'softmax';
  throw unknownLayout(
    `the model gives logits ${shapeOf(logits)}, and whether they end in sigmoid (RT-DETR, D-FINE, Deformable DETR) or softmax (DETR, ` +
      'YOLOS) cannot be seen',
    'Set scores: sigmoid or scores: softmax for object-detection, or give the class names (names or labels).',
  );
}

function reader(facts: ModelFacts, told: Told, { boxes, logits }: Queries, kind: ScoreKind, hasEmptySlot: boolean): Reader {
  const slots = logits.dims[2]!;
  const offset = told.classOffset ?? 0;
  const box = {
    format: told.boxFormat ?? 'cxcywh',
    units: told.boxUnits ?? 'normalised',
    widthPx: facts.widthPx,
    heightPx: facts.heightPx,
  } as const;
  const background = hasEmptySlot ? { background: offset > 0 ? 0 : slots - 1 } : {};
  return {
    classCount: slots - offset - (hasEmptySlot && offset === 0 ? 1 : 0),
    classOffset: offset,
    how: `${kind} of ${slots} logits${hasEmptySlot ? ', one of them for nothing' : ''}`,
    read(outputs, picture, minScore) {
      const corners = rowsOf(outputOf(outputs, boxes), picture);
      const found = readCandidates(
        (index) => cornersAt(corners, index, box),
        rowsOf(outputOf(outputs, logits), picture),
        { kind, classes: slots, ...background },
        minScore,
      );
      return offset === 0
        ? found
        : found.flatMap((each) => (each.classIndex < offset ? [] : [{ ...each, classIndex: each.classIndex - offset }]));
    },
  };
}

const IMAGENET: Pixels = { channelOrder: 'rgb', normalise: 'imagenet' };

/** DETR's own family was taught on ImageNet's mean and spread, RT-DETR and D-FINE on 0..1. */
export const detr: Layout = {
  id: 'detr',
  title: 'RT-DETR, D-FINE and DETR as transformers and optimum export them: logits and pred_boxes',
  pixels: RGB_UNIT,
  isFinal: true,
  matches(facts): LayoutMatch | undefined {
    if (takesMask(facts)) return undefined;
    const found = queriesIn(facts, /logits/, /boxes/);
    return found && { strength: 3, why: `its outputs are ${found.logits.name} ${shapeOf(found.logits)} and ${found.boxes.name}` };
  },
  bind(facts, told) {
    const queries = queriesIn(facts, /logits|scores|labels/, /box|det/);
    if (queries === undefined) throw doesNotFit(facts, 'pair of outputs [batch, queries, classes] and [batch, queries, 4]');
    const kind = scoresOf(facts, queries, told);
    return reader(facts, told, queries, kind, kind === 'softmax');
  },
};

export const detrMasked: Layout = {
  ...detr,
  id: 'detr-masked',
  title: 'DETR with a pixel_mask as its second input: logits and pred_boxes, softmax with "nothing" as the last class',
  pixels: IMAGENET,
  matches(facts) {
    const found = takesMask(facts) ? queriesIn(facts, /logits/, /boxes/) : undefined;
    return found && { strength: 3, why: `it takes a pixel_mask, and its outputs are ${found.logits.name} and ${found.boxes.name}` };
  },
};

export const rfDetr: Layout = {
  id: 'rf-detr',
  title: 'RF-DETR: dets [batch, queries, 4] and labels [batch, queries, classes + 1], logits',
  pixels: IMAGENET,
  isFinal: true,
  matches(facts) {
    const found = queriesIn(facts, /^labels$/, /^dets$/);
    return (
      found && {
        strength: 3,
        why: `its outputs are ${found.boxes.name} ${shapeOf(found.boxes)} and ${found.logits.name} ${shapeOf(found.logits)}`,
      }
    );
  },
  bind(facts, told) {
    const queries = queriesIn(facts, /labels|logits/, /dets|boxes/);
    if (queries === undefined) throw doesNotFit(facts, 'pair of outputs dets [batch, queries, 4] and labels [batch, queries, classes]');
    const kind = told.scores ?? 'sigmoid';
    // A model taught anew has a spare slot behind its classes; one of COCO has a slot per category number.
    return reader(facts, told, queries, kind, facts.nameCount === queries.logits.dims[2]! - 1);
  },
};
