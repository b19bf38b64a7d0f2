import type { Output } from '../tensor-values.js';
import type { ModelFacts } from './layout.js';

/** Distances in pixels between the cells of a detector's three levels. */
export const STRIDES = [8, 16, 32] as const;
const FOUR_LEVELS = [...STRIDES, 64] as const;
/** Queries of a transformer, or detections that a model keeps at most; dense detectors have more candidates than that. */
export const MAX_QUERIES = 1000;

const cells = ({ widthPx, heightPx }: ModelFacts, strides: readonly number[]): number =>
  strides.reduce((sum, stride) => sum + Math.ceil(widthPx / stride) * Math.ceil(heightPx / stride), 0);

/** Candidates of a detector with one per cell: 8400 at 640x640. */
export const isOnePerCell = (facts: ModelFacts, count: number): boolean =>
  count === cells(facts, STRIDES) || count === cells(facts, FOUR_LEVELS);

/** Candidates of a detector with three anchors per cell: 25200 at 640x640. */
export const isThreePerCell = (facts: ModelFacts, count: number): boolean =>
  count === 3 * cells(facts, STRIDES) || count === 3 * cells(facts, FOUR_LEVELS);

/** Names as exporters and converters write them: the last part of a path, without ":0", in lower case. */
export const plainName = (name: string): string => name.toLowerCase().replace(/:\d+$/, '').split('/').at(-1)!;

export const outputNamed = (outputs: readonly Output[], pattern: RegExp): Output | undefined =>
  outputs.find(({ name }) => pattern.test(plainName(name)));

export const ofRank = (outputs: readonly Output[], rank: number): Output[] => outputs.filter(({ dims }) => dims.length === rank);

/** The table of a model that has a single one; further outputs of another rank (feature maps) do not count. */
export function onlyTable({ outputs }: ModelFacts): Output | undefined {
  const [table, ...others] = ofRank(outputs, 3);
  return others.length === 0 ? table : undefined;
}

/** The largest coordinate tells units: in 0..1 boxes reach a little beyond 1 at most. Undefined where all are zero. */
export function unitsOf(values: ArrayLike<number>, boxAt: (index: number) => number, count: number): 'pixels' | 'normalised' | undefined {
  let largest = 0;
  for (let index = 0; index < count; index++) {
    for (let field = 0; field < 4; field++) largest = Math.max(largest, Math.abs(values[boxAt(index) + field] ?? 0));
  }
  return largest === 0 ? undefined : largest > 2 ? 'pixels' : 'normalised';
}

/** Units of the boxes in the first four fields of rows. */
export function unitsOfRows({ values, dims }: Output): 'pixels' | 'normalised' | undefined {
  const fields = dims.at(-1) ?? 4;
  return unitsOf(values, (index) => index * fields, Math.floor(values.length / fields));
}

/** Whether one field of all rows holds nothing but whole numbers, as classes are. */
export function isWhole({ values, dims }: Output, field: number): boolean {
  const fields = dims.at(-1) ?? 1;
  for (let at = field; at < values.length; at += fields) if (!Number.isInteger(values[at]!)) return false;
  return true;
}

export const shapeOf = ({ dims }: Output): string => `[${dims.join(', ')}]`;
