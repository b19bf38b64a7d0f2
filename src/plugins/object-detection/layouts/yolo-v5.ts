import { cornersAt, readCandidates, rowsOf } from './candidates.js';
import { isOnePerCell, isThreePerCell, ofRank, plainName, shapeOf } from './evidence.js';
import { RGB_UNIT, type Layout, type LayoutMatch, type ModelFacts, type Reader, type Told } from './layout.js';
import { outputOf, tableWith } from './table.js';
import { followsGrid } from './yolox.js';

const BOX_FIELDS = 5;

function matches(facts: ModelFacts): LayoutMatch | undefined {
  // Old exports give their feature maps, too: of rank 5.
  const [table, second] = ofRank(facts.outputs, 3);
  if (table === undefined || second !== undefined) return undefined;
  const [, count = 0, fields = 0] = table.dims;
  if (fields <= BOX_FIELDS || count < fields || (facts.nameCount > 0 && fields !== BOX_FIELDS + facts.nameCount)) return undefined;
  if (isThreePerCell(facts, count))
    return { strength: 3, why: `its output ${shapeOf(table)} has three candidates per cell and 5 + ${fields - BOX_FIELDS} fields` };
  if (isOnePerCell(facts, count)) {
    if (!followsGrid(table, facts.widthPx, facts.heightPx)) return undefined;
    const isYoloV6 = plainName(table.name) === 'outputs';
    const why = `its output ${table.name} ${shapeOf(table)} has one decoded candidate per cell and 5 + ${fields - BOX_FIELDS} fields`;
    return { strength: isYoloV6 ? 3 : 2, why: isYoloV6 ? `${why}, under YOLOv6's name` : why };
  }
  return facts.nameCount > 0 ? { strength: 2, why: `its output ${shapeOf(table)} has 5 + ${facts.nameCount} fields` } : undefined;
}

function bind(facts: ModelFacts, told: Told): Reader {
  const table = tableWith(facts, ({ dims }) => dims[2]! > BOX_FIELDS, '[batch, candidates, 5 + classes]');
  const classes = table.dims[2]! - BOX_FIELDS;
  const box = {
    format: told.boxFormat ?? 'cxcywh',
    units: told.boxUnits ?? 'pixels',
    widthPx: facts.widthPx,
    heightPx: facts.heightPx,
  } as const;
  return {
    classCount: classes,
    classOffset: told.classOffset ?? 0,
    how: 'score is objectness times class',
    read(outputs, picture, minScore) {
      const output = outputOf(outputs, table);
      const boxes = rowsOf(output, picture);
      const reading = { kind: told.scores ?? 'probabilities', classes } as const;
      return readCandidates(
        (index) => cornersAt(boxes, index, box),
        rowsOf(output, picture, BOX_FIELDS),
        reading,
        minScore,
        rowsOf(output, picture, 4),
      );
    },
  };
}

export const yoloV5: Layout = {
  id: 'yolo-v5',
  title: 'YOLOv5, v6 and v7: [batch, candidates, 5 + classes], the fifth field says whether there is anything',
  pixels: RGB_UNIT,
  isFinal: false,
  matches,
  bind,
};
