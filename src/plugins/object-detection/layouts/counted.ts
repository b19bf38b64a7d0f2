import type { Output } from '../tensor-values.js';
import { outputNamed, shapeOf } from './evidence.js';
import { RGB_UNIT, type Layout, type LayoutMatch, type ModelFacts } from './layout.js';
import { readLists, type Lists } from './lists.js';
import { doesNotFit, outputOf } from './table.js';

interface Counted extends Lists {
  readonly counts: Output;
}

const isInteger = ({ type }: Output): boolean => type === 'int32' || type === 'int64';

function countedIn({ outputs }: ModelFacts): Counted | undefined {
  if (outputs.length !== 4) return undefined;
  const boxes = outputs.find(({ dims }) => dims.length === 3 && dims[2] === 4);
  const counts =
    outputNamed(outputs, /^(num|number|count)|_num_|_num$/) ??
    outputs.find((output) => isInteger(output) && output.values.length === output.dims[0]);
  const lists = outputs.filter((output) => output !== boxes && output !== counts);
  const classes = outputNamed(lists, /class|label/) ?? lists.find(isInteger);
  const scores = lists.find((output) => output !== classes);
  return boxes && counts && classes && scores && { boxes, counts, classes, scores };
}

function matches(facts: ModelFacts): LayoutMatch | undefined {
  const found = countedIn(facts);
  if (found === undefined || outputNamed(facts.outputs, /^detection_boxes$/)) return undefined;
  const names = [found.counts, found.boxes, found.scores, found.classes].map(({ name }) => name);
  return { strength: 3, why: `its outputs ${names.join(', ')} are a count, boxes ${shapeOf(found.boxes)}, scores and classes` };
}

export const counted: Layout = {
  id: 'nms-batch',
  title: "NMS in the graph, as TensorRT's EfficientNMS and super-gradients' batch format give it: count, boxes, scores, classes",
  pixels: RGB_UNIT,
  isFinal: true,
  matches,
  bind(facts, told) {
    const known = countedIn(facts);
    if (known === undefined) throw doesNotFit(facts, 'four outputs: count, boxes, scores, classes');
    const { widthPx, heightPx } = facts;
    const box = { format: told.boxFormat ?? 'xyxy', units: told.boxUnits ?? 'pixels', widthPx, heightPx } as const;
    const classOffset = told.classOffset ?? 0;
    return {
      classOffset,
      how: `boxes ${box.format}, ${box.units}`,
      read(outputs, picture, minScore) {
        const [boxes, scores, classes] = [known.boxes, known.scores, known.classes].map((output) => outputOf(outputs, output));
        const count = outputOf(outputs, known.counts).values[picture] ?? 0;
        return readLists({ boxes: boxes!, scores: scores!, classes: classes! }, picture, { box, classOffset, minScore, count });
      },
    };
  },
};
