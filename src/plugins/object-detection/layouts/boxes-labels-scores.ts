import { outputNamed, plainName, shapeOf, unitsOfRows } from './evidence.js';
import { RGB_UNIT, type BoxUnits, type Layout, type LayoutMatch, type ModelFacts, type Reader, type Told } from './layout.js';
import { readLists, type Lists } from './lists.js';
import { doesNotFit, outputOf } from './table.js';

// Three families give the same three outputs: boxes, labels, scores. What tells them apart is the batch, and the boxes' units.

function listsIn({ outputs }: ModelFacts): Lists | undefined {
  const boxes = outputs.find(({ name, dims }) => /box/.test(plainName(name)) && dims.at(-1) === 4);
  const classes = outputNamed(outputs, /^(labels|classes|class_ids)$/);
  const scores = outputNamed(outputs, /^scores$/);
  return outputs.length === 3 && boxes && classes && scores ? { boxes, classes, scores } : undefined;
}

const takesSize = ({ inputNames }: ModelFacts): boolean => inputNames.some((name) => plainName(name) === 'orig_target_sizes');

function reader(facts: ModelFacts, told: Told, defaults: { readonly units: BoxUnits; readonly classOffset: number }): Reader {
  const known = listsIn(facts);
  if (known === undefined) throw doesNotFit(facts, 'outputs boxes, labels and scores');
  const { widthPx, heightPx } = facts;
  const box = { format: told.boxFormat ?? 'xyxy', units: told.boxUnits ?? defaults.units, widthPx, heightPx } as const;
  const classOffset = told.classOffset ?? defaults.classOffset;
  return {
    classOffset,
    onePicture: known.boxes.dims.length === 2,
    how: `boxes ${box.format}, ${box.units}, classes from ${classOffset}`,
    read(outputs, picture, minScore) {
      const [boxes, scores, classes] = [known.boxes, known.scores, known.classes].map((output) => outputOf(outputs, output));
      return readLists({ boxes: boxes!, scores: scores!, classes: classes! }, picture, { box, classOffset, minScore });
    },
  };
}

/** Whether the boxes' units are those; where the grey picture gave no box, both are possible. */
function batchedIn(facts: ModelFacts, units: BoxUnits): LayoutMatch | undefined {
  const known = listsIn(facts);
  if (known?.boxes.dims.length !== 3) return undefined;
  const names = `its outputs are ${known.boxes.name} ${shapeOf(known.boxes)}, ${known.classes.name} and ${known.scores.name}`;
  const seen = unitsOfRows(known.boxes);
  if (seen === undefined) return { strength: 1, why: `${names}, without a box to tell units by` };
  return seen === units ? { strength: 2, why: `${names}, with boxes that are ${seen}` } : undefined;
}

export const rtDetr: Layout = {
  id: 'rt-detr',
  title: 'RT-DETR, D-FINE and DEIM as their own tools export them: labels, boxes in pixels and scores, [batch, queries]',
  pixels: RGB_UNIT,
  isFinal: true,
  matches(facts) {
    if (listsIn(facts) && takesSize(facts))
      return { strength: 3, why: 'it takes orig_target_sizes, and its outputs are labels, boxes and scores' };
    return batchedIn(facts, 'pixels');
  },
  bind: (facts, told) => reader(facts, told, { units: 'pixels', classOffset: 0 }),
};

export const torchvision: Layout = {
  id: 'torchvision',
  title: 'SSD, Faster R-CNN and others of torchvision: boxes [n, 4] in pixels, labels from 1 and scores, for one picture',
  pixels: RGB_UNIT,
  isFinal: true,
  matches(facts) {
    const known = listsIn(facts);
    if (known?.boxes.dims.length !== 2) return undefined;
    return {
      strength: 3,
      why: `its outputs are ${known.boxes.name} ${shapeOf(known.boxes)}, ${known.classes.name} and ${known.scores.name}, without a batch`,
    };
  },
  bind: (facts, told) => reader(facts, told, { units: 'pixels', classOffset: 1 }),
};

export const ssdLists: Layout = {
  id: 'ssd-lists',
  title: 'SSD of the ONNX model zoo: bboxes [batch, n, 4] in 0..1, labels from 1 and scores',
  pixels: { channelOrder: 'rgb', normalise: 'imagenet' },
  isFinal: true,
  matches(facts) {
    if (takesSize(facts)) return undefined;
    const match = batchedIn(facts, 'normalised');
    return match && plainName(listsIn(facts)!.boxes.name) === 'bboxes' ? { ...match, strength: 3 } : match;
  },
  bind: (facts, told) => reader(facts, told, { units: 'normalised', classOffset: 1 }),
};
