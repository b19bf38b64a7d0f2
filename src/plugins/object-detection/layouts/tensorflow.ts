import type { Output } from '../tensor-values.js';
import { plainName } from './evidence.js';
import type { Layout, ModelFacts } from './layout.js';
import { readLists, type Lists } from './lists.js';
import { doesNotFit, outputOf } from './table.js';

const named = (outputs: readonly Output[], name: string): Output | undefined => outputs.find((output) => plainName(output.name) === name);

function detectionsIn({ outputs }: ModelFacts): Lists | undefined {
  const [boxes, scores, classes] = ['detection_boxes', 'detection_scores', 'detection_classes'].map((name) => named(outputs, name));
  return boxes?.dims.length === 3 && scores && classes ? { boxes, scores, classes } : undefined;
}

export const tensorflow: Layout = {
  id: 'tensorflow',
  title: "SSD and others of TensorFlow's object detection: detection_boxes (top, left, bottom, right in 0..1), _scores, _classes from 1",
  pixels: { channelOrder: 'rgb', normalise: 'none' },
  isFinal: true,
  matches: (facts) =>
    detectionsIn(facts) && { strength: 3, why: 'its outputs are detection_boxes, detection_scores and detection_classes' },
  bind(facts, told) {
    const known = detectionsIn(facts);
    if (known === undefined) throw doesNotFit(facts, 'outputs detection_boxes, detection_scores and detection_classes');
    const { widthPx, heightPx } = facts;
    const box = { format: told.boxFormat ?? 'yxyx', units: told.boxUnits ?? 'normalised', widthPx, heightPx } as const;
    const classOffset = told.classOffset ?? 1;
    const counts = named(facts.outputs, 'num_detections');
    return {
      classOffset,
      how: `boxes ${box.format}, ${box.units}, classes from ${classOffset}`,
      read(outputs, picture, minScore) {
        const [boxes, scores, classes] = [known.boxes, known.scores, known.classes].map((output) => outputOf(outputs, output));
        const count = counts && outputOf(outputs, counts).values[picture];
        const reading = { box, classOffset, minScore, count };
        return readLists({ boxes: boxes!, scores: scores!, classes: classes! }, picture, reading);
      },
    };
  },
};
