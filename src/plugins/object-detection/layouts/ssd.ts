import { cornersAt, readList } from './candidates.js';
import { shapeOf } from './evidence.js';
import type { Layout, ModelFacts } from './layout.js';
import { doesNotFit, outputOf } from './table.js';

const FIELDS = 7;
const [PICTURE, LABEL, SCORE, BOX] = [0, 1, 2, 3];

const rowsIn = ({ outputs }: ModelFacts) =>
  outputs.find(({ dims }) => dims.length === 4 && dims[0] === 1 && dims[1] === 1 && dims[3] === FIELDS);

export const ssd: Layout = {
  id: 'ssd',
  title: 'SSD with DetectionOutput (Caffe, OpenVINO): [1, 1, detections, 7], picture, class, score, corners in 0..1',
  pixels: { channelOrder: 'bgr', normalise: 'none' },
  isFinal: true,
  matches(facts) {
    const rows = rowsIn(facts);
    return rows && { strength: 3, why: `its output ${rows.name} is ${shapeOf(rows)}` };
  },
  bind(facts, told) {
    const known = rowsIn(facts);
    if (known === undefined) throw doesNotFit(facts, 'output of the shape [1, 1, detections, 7]');
    const { widthPx, heightPx } = facts;
    const box = { format: told.boxFormat ?? 'xyxy', units: told.boxUnits ?? 'normalised', widthPx, heightPx } as const;
    const classOffset = told.classOffset ?? 1;
    return {
      classOffset,
      how: `boxes ${box.units}, classes from ${classOffset}`,
      read(outputs, picture, minScore) {
        const { values, dims } = outputOf(outputs, known);
        const mine: number[] = [];
        // A picture of -1 ends the list.
        for (let row = 0; row < dims[2]! && values[row * FIELDS + PICTURE]! >= 0; row++) {
          if (values[row * FIELDS + PICTURE] === picture) mine.push(row * FIELDS);
        }
        const boxes = { values, start: BOX, count: mine.length, perCandidate: 1, perField: 1 };
        const list = {
          count: mine.length,
          scoreAt: (index: number) => values[mine[index]! + SCORE]!,
          classAt: (index: number) => values[mine[index]! + LABEL]!,
        };
        return readList((index) => cornersAt(boxes, mine[index]!, box), list, classOffset, minScore);
      },
    };
  },
};
