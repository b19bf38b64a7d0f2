import type { Output } from '../tensor-values.js';
import { cornersAt, readCandidates, rowsOf, type Grid } from './candidates.js';
import { isOnePerCell, onlyTable, plainName, shapeOf, STRIDES } from './evidence.js';
import type { Layout, LayoutMatch, ModelFacts, Reader, Told } from './layout.js';
import { doesNotFit, outputOf, tableWith } from './table.js';

const BOX_FIELDS = 5;
/** A decoded centre is at most this many cells away from its own cell, for most candidates at least. */
const NEAR_CELLS = 4;

interface Cell {
  readonly column: number;
  readonly row: number;
  readonly stride: number;
}

/** The cells that candidates belong to, in their order: level by level, row by row. */
export function cellsOf(widthPx: number, heightPx: number, strides: readonly number[] = STRIDES): Cell[] {
  return strides.flatMap((stride) => {
    const [columns, rows] = [Math.ceil(widthPx / stride), Math.ceil(heightPx / stride)];
    return Array.from({ length: columns * rows }, (_, i) => ({ column: i % columns, row: Math.floor(i / columns), stride }));
  });
}

const levelsFor = (count: number, widthPx: number, heightPx: number): Cell[] => {
  const three = cellsOf(widthPx, heightPx);
  return three.length === count ? three : cellsOf(widthPx, heightPx, [...STRIDES, 64]);
};

/**
 * Whether the centres are where their cells are, in pixels. Otherwise they are offsets within a cell, as YOLOX gives them: those
 * are about 0.5 everywhere.
 */
export function followsGrid({ values, dims: [, count = 0, fields = 0] }: Output, widthPx: number, heightPx: number): boolean {
  const cells = levelsFor(count, widthPx, heightPx);
  if (cells.length !== count) return true;
  const near = cells.filter(({ column, row, stride }, i) => {
    const [x, y] = [values[i * fields]!, values[i * fields + 1]!];
    return Math.abs(x - (column + 0.5) * stride) <= NEAR_CELLS * stride && Math.abs(y - (row + 0.5) * stride) <= NEAR_CELLS * stride;
  });
  return near.length * 2 > count;
}

function matches(facts: ModelFacts): LayoutMatch | undefined {
  const table = onlyTable(facts);
  const [, count = 0, fields = 0] = table?.dims ?? [];
  if (table === undefined || fields <= BOX_FIELDS || !isOnePerCell(facts, count)) return undefined;
  if (facts.nameCount > 0 && fields !== BOX_FIELDS + facts.nameCount) return undefined;
  const shape = `its output ${table.name} ${shapeOf(table)} has a candidate per cell and 5 + ${fields - BOX_FIELDS} fields`;
  if (!followsGrid(table, facts.widthPx, facts.heightPx))
    return { strength: 3, why: `${shape}, and centres are offsets within their cells` };
  return { strength: plainName(table.name) === 'output' ? 3 : 2, why: `${shape}, decoded in the graph` };
}

/** Offsets become pixels: `(cell + offset) * stride`, sizes are `exp(size) * stride`. Already decoded boxes stay. */
function bind(facts: ModelFacts, told: Told): Reader {
  const table = tableWith(facts, ({ dims }) => dims[2]! > BOX_FIELDS, '[batch, candidates, 5 + classes]');
  const { widthPx, heightPx } = facts;
  const classes = table.dims[2]! - BOX_FIELDS;
  const cells = levelsFor(table.dims[1]!, widthPx, heightPx);
  const isDecoded = followsGrid(table, widthPx, heightPx);
  if (!isDecoded && cells.length !== table.dims[1])
    throw doesNotFit(facts, `output of ${cells.length} candidates for ${widthPx}x${heightPx} px`);
  const box = { format: told.boxFormat ?? 'cxcywh', units: told.boxUnits ?? 'pixels', widthPx, heightPx } as const;
  const decoded = ({ values, start, perCandidate }: Grid, index: number) => {
    const { column, row, stride } = cells[index]!;
    const at = start + index * perCandidate;
    const [cx, cy] = [(column + values[at]!) * stride, (row + values[at + 1]!) * stride];
    const [width, height] = [Math.exp(values[at + 2]!) * stride, Math.exp(values[at + 3]!) * stride];
    return [cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2] as const;
  };
  return {
    classCount: classes,
    classOffset: told.classOffset ?? 0,
    how: isDecoded ? 'boxes decoded in the graph' : 'boxes decoded from offsets within cells',
    read(outputs, picture, minScore) {
      const output = outputOf(outputs, table);
      const boxes = rowsOf(output, picture);
      if (!isDecoded && boxes.count !== cells.length) throw doesNotFit({ ...facts, outputs }, `output of ${cells.length} candidates`);
      const reading = { kind: told.scores ?? 'probabilities', classes } as const;
      const boxAt = (index: number) => (isDecoded ? cornersAt(boxes, index, box) : decoded(boxes, index));
      return readCandidates(boxAt, rowsOf(output, picture, BOX_FIELDS), reading, minScore, rowsOf(output, picture, 4));
    },
  };
}

export const yolox: Layout = {
  id: 'yolox',
  title: 'YOLOX: [batch, cells, 5 + classes], boxes as offsets within their cells or decoded in the graph',
  pixels: { channelOrder: 'bgr', normalise: 'none' },
  isFinal: false,
  matches,
  bind,
};
