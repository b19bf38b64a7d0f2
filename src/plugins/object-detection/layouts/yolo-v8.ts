import type { Output } from '../tensor-values.js';
import { columnsOf, cornersAt, readCandidates, rowsOf } from './candidates.js';
import { isOnePerCell, onlyTable, shapeOf, unitsOfRows } from './evidence.js';
import { RGB_UNIT, type Layout, type LayoutMatch, type ModelFacts, type Reader, type Told } from './layout.js';
import { doesNotFit, outputOf, tableWith } from './table.js';

const BOX_FIELDS = 4;

/** `true`: a row of candidates per field, `[batch, 4 + classes, candidates]`; `false`: the other way round. */
const isFieldByField = ({ dims: [, second = 0, third = 0] }: Output, nameCount: number): boolean =>
  nameCount > 0 && (second === BOX_FIELDS + nameCount) !== (third === BOX_FIELDS + nameCount)
    ? second === BOX_FIELDS + nameCount
    : second <= third || third <= BOX_FIELDS;

function matches(facts: ModelFacts): LayoutMatch | undefined {
  const table = onlyTable(facts);
  if (table === undefined) return undefined;
  const byField = isFieldByField(table, facts.nameCount);
  const [fields = 0, count = 0] = byField ? table.dims.slice(1) : table.dims.slice(1).reverse();
  if (fields <= BOX_FIELDS) return undefined;
  // A table of rows in 0..1 is a transformer's.
  if (!byField && !isOnePerCell(facts, count) && unitsOfRows(table) === 'normalised') return undefined;
  if (facts.nameCount > 0) {
    if (fields !== BOX_FIELDS + facts.nameCount) return undefined;
    return { strength: 2, why: `its output ${shapeOf(table)} has 4 + ${facts.nameCount} fields, as many as there are class names` };
  }
  if (!byField) return { strength: 1, why: `its output ${shapeOf(table)} could be boxes of 4 + ${fields - BOX_FIELDS} fields` };
  return isOnePerCell(facts, count)
    ? { strength: 2, why: `its output ${shapeOf(table)} has a candidate per cell of ${facts.widthPx}x${facts.heightPx} px` }
    : { strength: 1, why: `its output ${shapeOf(table)} has more candidates than fields` };
}

function bind(facts: ModelFacts, told: Told): Reader {
  const table = tableWith(facts, ({ dims }) => Math.max(dims[1]!, dims[2]!) > BOX_FIELDS, '[batch, 4 + classes, candidates]');
  const byField = isFieldByField(table, facts.nameCount);
  const classes = (byField ? table.dims[1]! : table.dims[2]!) - BOX_FIELDS;
  if (classes < 1) throw doesNotFit(facts, 'output of the shape [batch, 4 + classes, candidates]');
  const box = {
    format: told.boxFormat ?? 'cxcywh',
    units: told.boxUnits ?? 'pixels',
    widthPx: facts.widthPx,
    heightPx: facts.heightPx,
  } as const;
  const view = byField ? columnsOf : rowsOf;
  return {
    classCount: classes,
    classOffset: told.classOffset ?? 0,
    how: byField ? 'fields in rows' : 'candidates in rows',
    read(outputs, picture, minScore) {
      const output = outputOf(outputs, table);
      const boxes = view(output, picture);
      const scores = view(output, picture, BOX_FIELDS);
      const reading = { kind: told.scores ?? 'probabilities', classes } as const;
      return readCandidates((index) => cornersAt(boxes, index, box), scores, reading, minScore);
    },
  };
}

export const yoloV8: Layout = {
  id: 'yolo-v8',
  title: 'YOLOv8, v9, 11, 12 and YOLO26 without its end-to-end head: [batch, 4 + classes, candidates], or the same transposed',
  pixels: RGB_UNIT,
  isFinal: false,
  matches,
  bind,
};
