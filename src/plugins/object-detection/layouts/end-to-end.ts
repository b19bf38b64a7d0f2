import { cornersAt, readList, rowsOf } from './candidates.js';
import { isWhole, MAX_QUERIES, onlyTable, shapeOf } from './evidence.js';
import { RGB_UNIT, type Layout, type LayoutMatch, type ModelFacts, type Reader, type Told } from './layout.js';
import { outputOf, tableWith } from './table.js';

const FIELDS = 6;
const [SCORE, CLASS] = [4, 5];

function matches(facts: ModelFacts): LayoutMatch | undefined {
  const table = onlyTable(facts);
  if (table?.dims[2] !== FIELDS || table.dims[1]! > MAX_QUERIES || !isWhole(table, CLASS)) return undefined;
  const { metadata } = facts;
  const saysSo = /^true$/i.test(metadata['end2end'] ?? '') || /['"]nms['"]:\s*true/i.test(metadata['args'] ?? '');
  if (saysSo) return { strength: 3, why: `its metadata says end to end, and its output is ${shapeOf(table)}` };
  return {
    strength: facts.nameCount === FIELDS - 4 ? 1 : 2,
    why: `its output ${shapeOf(table)} has six fields, the last one of whole numbers`,
  };
}

function bind(facts: ModelFacts, told: Told): Reader {
  const table = tableWith(facts, ({ dims }) => dims[2] === FIELDS, '[batch, detections, 6]');
  const box = {
    format: told.boxFormat ?? 'xyxy',
    units: told.boxUnits ?? 'pixels',
    widthPx: facts.widthPx,
    heightPx: facts.heightPx,
  } as const;
  const classOffset = told.classOffset ?? 0;
  return {
    classOffset,
    how: 'box, score, class',
    read(outputs, picture, minScore) {
      const rows = rowsOf(outputOf(outputs, table), picture);
      const field = (index: number, at: number): number => rows.values[rows.start + index * FIELDS + at]!;
      const list = { count: rows.count, scoreAt: (i: number) => field(i, SCORE), classAt: (i: number) => field(i, CLASS) };
      return readList((index) => cornersAt(rows, index, box), list, classOffset, minScore);
    },
  };
}

export const endToEnd: Layout = {
  id: 'end-to-end',
  title: 'YOLOv10, YOLO26 and exports with nms=True: [batch, detections, 6], corners, score and class',
  pixels: RGB_UNIT,
  isFinal: true,
  matches,
  bind,
};
