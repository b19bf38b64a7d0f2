import { cornersAt, readCandidates, rowsOf } from './candidates.js';
import { isOnePerCell, MAX_QUERIES, onlyTable, shapeOf, unitsOfRows } from './evidence.js';
import { RGB_UNIT, type Layout, type LayoutMatch, type ModelFacts, type Reader, type Told } from './layout.js';
import { outputOf, tableWith } from './table.js';

const BOX_FIELDS = 4;

function matches(facts: ModelFacts): LayoutMatch | undefined {
  const table = onlyTable(facts);
  const [, queries = 0, fields = 0] = table?.dims ?? [];
  if (table === undefined || fields <= BOX_FIELDS || queries > MAX_QUERIES || isOnePerCell(facts, queries)) return undefined;
  if (facts.nameCount > 0 && fields !== BOX_FIELDS + facts.nameCount) return undefined;
  if (/rt-?detr/i.test(facts.metadata['description'] ?? '')) return { strength: 3, why: 'its metadata says RT-DETR' };
  if (unitsOfRows(table) !== 'normalised') return undefined;
  return {
    strength: facts.nameCount > 0 ? 2 : 1,
    why: `its output ${shapeOf(table)} has boxes in 0..1 and 4 + ${fields - BOX_FIELDS} fields`,
  };
}

function bind(facts: ModelFacts, told: Told): Reader {
  const table = tableWith(facts, ({ dims }) => dims[2]! > BOX_FIELDS, '[batch, queries, 4 + classes]');
  const classes = table.dims[2]! - BOX_FIELDS;
  const box = {
    format: told.boxFormat ?? 'cxcywh',
    units: told.boxUnits ?? 'normalised',
    widthPx: facts.widthPx,
    heightPx: facts.heightPx,
  } as const;
  return {
    classCount: classes,
    classOffset: told.classOffset ?? 0,
    how: `boxes ${box.format}, ${box.units}`,
    read(outputs, picture, minScore) {
      const output = outputOf(outputs, table);
      const boxes = rowsOf(output, picture);
      const reading = { kind: told.scores ?? 'probabilities', classes } as const;
      return readCandidates((index) => cornersAt(boxes, index, box), rowsOf(output, picture, BOX_FIELDS), reading, minScore);
    },
  };
}

export const detrTable: Layout = {
  id: 'rt-detr-table',
  title: 'RT-DETR as Ultralytics exports it: [batch, queries, 4 + classes], boxes in 0..1',
  pixels: RGB_UNIT,
  isFinal: true,
  matches,
  bind,
};
