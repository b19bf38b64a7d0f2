import { cornersAt, readList } from './candidates.js';
import { plainName, shapeOf } from './evidence.js';
import { RGB_UNIT, type Layout, type ModelFacts, type Told, type Reader } from './layout.js';
import { doesNotFit, outputOf } from './table.js';

// One row per detection of the whole batch: picture, corners, and then score and class in one order or the other.

const FIELDS = 7;

const rowsIn = ({ outputs }: ModelFacts) =>
  outputs.length === 1 && outputs[0]?.dims.length === 2 && outputs[0].dims[1] === FIELDS ? outputs[0] : undefined;

function reader(facts: ModelFacts, told: Told, scoreField: number, classField: number): Reader {
  const known = rowsIn(facts);
  if (known === undefined) throw doesNotFit(facts, 'single output of the shape [detections, 7]');
  const { widthPx, heightPx } = facts;
  const box = { format: told.boxFormat ?? 'xyxy', units: told.boxUnits ?? 'pixels', widthPx, heightPx } as const;
  const classOffset = told.classOffset ?? 0;
  return {
    classOffset,
    how: `picture, box, ${scoreField < classField ? 'score, class' : 'class, score'}`,
    read(outputs, picture, minScore) {
      const { values, dims } = outputOf(outputs, known);
      const mine = Array.from({ length: dims[0]! }, (_, row) => row * FIELDS).filter((start) => Math.round(values[start]!) === picture);
      const boxes = { values, start: 1, count: mine.length, perCandidate: 1, perField: 1 };
      const list = {
        count: mine.length,
        scoreAt: (index: number) => values[mine[index]! + scoreField]!,
        classAt: (index: number) => values[mine[index]! + classField]!,
      };
      return readList((index) => cornersAt(boxes, mine[index]!, box), list, classOffset, minScore);
    },
  };
}

export const nmsFlat: Layout = {
  id: 'nms-flat',
  title: "NMS in the graph in super-gradients' flat format (YOLO-NAS): [detections, 7], picture, corners, score, class",
  pixels: RGB_UNIT,
  isFinal: true,
  matches(facts) {
    const rows = rowsIn(facts);
    if (rows === undefined) return undefined;
    const isNamed = /flat/.test(plainName(rows.name));
    return { strength: isNamed ? 3 : 1, why: `its output ${rows.name} is ${shapeOf(rows)}` };
  },
  bind: (facts, told) => reader(facts, told, 5, 6),
};

export const nmsFlatV7: Layout = {
  id: 'nms-flat-v7',
  title: 'NMS in the graph as YOLOv7 writes it with --end2end: [detections, 7], picture, corners, class, score',
  pixels: RGB_UNIT,
  isFinal: true,
  matches(facts) {
    const rows = rowsIn(facts);
    if (rows === undefined || /flat/.test(plainName(rows.name))) return undefined;
    return { strength: plainName(rows.name) === 'output' ? 2 : 1, why: `its output ${rows.name} is ${shapeOf(rows)}` };
  },
  bind: (facts, told) => reader(facts, told, 6, 5),
};
