import { unfitModel } from './errors.js';
import { isOnePerCell, isThreePerCell, ofRank, outputNamed, shapeOf } from './layouts/evidence.js';
import type { ModelFacts, RawDetection, Reader } from './layouts/layout.js';
import type { Output } from './tensor-values.js';

/** Rounding, also of models that count in eight bits. */
const SLACK = 0.02;
/** On a plain grey picture a detector is this sure of nothing, or of little: never of nearly all its candidates. */
const SURE = 0.25;
const NEARLY_ALL = 0.9;
/** Fewer candidates say nothing of a model by themselves. */
const MANY = 50;
const BOX_FIELDS = 4;
/** Numbers that the usual segmentation head gives per candidate, and the scale of the masks that they mix. */
const [MASK_FIELDS, MASK_SCALE] = [32, 4] as const;
export const USE_A_DETECTOR = 'Use a detection model: export it for the task "detect", with its metadata.';
const TITLES: Readonly<Record<string, string>> = {
  classify: 'a classifier',
  segment: 'a segmentation model',
  pose: 'a pose model',
  obb: 'a model of rotated boxes (OBB)',
};

/** @throws VD_DETECTION_UNFIT_MODEL where the metadata says that the model does something else */
export function assertTask(metadata: Readonly<Record<string, string>>): void {
  const task = /^\s*[[(]/.test(metadata['kpt_shape'] ?? '') ? 'pose' : metadata['task'];
  if (task === undefined || task === 'detect') return;
  throw unfitModel(`the model's task is ${task}, not detect: it is ${TITLES[task] ?? 'no detector'}`, USE_A_DETECTOR);
}

/**
 * Refuses a model that was taken for a detector and gives what no detector gives of a grey picture: scores beyond 1, boxes far outside
 * the picture, every candidate a hit. Read on, it would report nonsense as if it had been seen.
 * @throws VD_DETECTION_UNFIT_MODEL with what it looks like instead
 */
export function assertCredible(facts: ModelFacts, reader: Reader): void {
  const found = reader.read(facts.outputs, 0, Number.MIN_VALUE);
  const fault = incredible(found, facts);
  if (fault === undefined) return;
  const task = otherTaskOf(facts);
  throw unfitModel(
    task === undefined ? fault.what : `the model looks like ${task}: ${fault.what}`,
    task === undefined ? fault.fix : USE_A_DETECTOR,
  );
}

/** What a model does whose outputs are not a detector's, as far as names, shapes and values tell; undefined where they do not. */
export function otherTaskOf(facts: ModelFacts): string | undefined {
  const dense = denseTable(facts);
  if (dense !== undefined) return taskOfTable(dense, facts);
  const [only, ...others] = facts.outputs;
  if (only === undefined || others.length > 0) return undefined;
  const [, ...sizes] = only.dims;
  if (only.dims.length === 4 && sizes.slice(1).some((size) => size > 1)) return 'a model that gives a map (segmentation, depth)';
  if (sizes.filter((size) => size > 1).length > 1) return undefined;
  const first = Array.from({ length: sizes.reduce((product, size) => product * size, 1) }, (_, i) => only.values[i] ?? 0);
  const sum = first.reduce((total, value) => total + value, 0);
  return Math.abs(sum - 1) < SLACK && first.every((value) => value >= 0) ? TITLES['classify'] : 'a classifier or an embedding model';
}

function incredible(found: readonly RawDetection[], facts: ModelFacts): { readonly what: string; readonly fix: string } | undefined {
  const { widthPx, heightPx } = facts;
  const best = found.reduce((highest, { score }) => Math.max(highest, score), 0);
  if (best > 1 + SLACK) {
    return {
      what: `it gives scores up to ${best.toFixed(2)} of a grey picture, and a score is at most 1`,
      fix: 'Where its scores are logits, set scores: sigmoid (or softmax) for object-detection; else use a detection model.',
    };
  }
  const candidates = Math.max(found.length, denseTable(facts)?.count ?? 0);
  const sure = found.filter(({ score }) => score >= SURE).length;
  if (candidates >= MANY && sure >= NEARLY_ALL * candidates)
    return { what: `it gives ${sure} of its ${candidates} candidates a score of ${SURE} or more for a grey picture`, fix: USE_A_DETECTOR };
  const astray = found.filter(
    ({ x0, x1, y0, y1 }) => Math.abs(x0 + x1 - widthPx) > 2 * widthPx || Math.abs(y0 + y1 - heightPx) > 2 * heightPx,
  ).length;
  if (astray > found.length / 2)
    return {
      what: `${astray} of its ${found.length} boxes lie outside the picture`,
      fix: `${USE_A_DETECTOR} Or set boxFormat and boxUnits as it was exported.`,
    };
  const reach = found.reduce((most, { x1, y1 }) => Math.max(most, x1, y1), 0);
  if (found.length >= MANY && reach <= 2)
    return {
      what: `all its boxes lie within ${reach.toFixed(1)} pixels of the corner`,
      fix: 'Set boxUnits: normalised for object-detection.',
    };
  return undefined;
}

/** A table with a candidate per cell of the picture, and where its fields are. */
interface DenseTable {
  readonly output: Output;
  readonly fields: number;
  readonly count: number;
  readonly at: (candidate: number, field: number) => number;
}

function denseTable(facts: ModelFacts): DenseTable | undefined {
  for (const output of ofRank(facts.outputs, 3)) {
    const [, second = 0, third = 0] = output.dims;
    const isDense = (count: number): boolean => isOnePerCell(facts, count) || isThreePerCell(facts, count);
    if (isDense(third)) return { output, fields: second, count: third, at: (i, field) => output.values[field * third + i]! };
    if (isDense(second)) return { output, fields: third, count: second, at: (i, field) => output.values[i * third + field]! };
  }
  return undefined;
}

function taskOfTable(table: DenseTable, facts: ModelFacts): string | undefined {
  const masks = ofRank(facts.outputs, 4).find(
    ({ dims: [, , height = 0, width = 0] }) => height * MASK_SCALE === facts.heightPx && width * MASK_SCALE === facts.widthPx,
  );
  if (masks !== undefined && table.fields > BOX_FIELDS + masks.dims[1]!) return `${TITLES['segment']} (${masks.name} ${shapeOf(masks)})`;
  const ranges = Array.from({ length: table.fields }, (_, field) => rangeOf(table, field));
  const isScore = ({ min, max }: Range): boolean => min >= -SLACK && max <= 1 + SLACK;
  const wild = ranges.findIndex((range, field) => field >= BOX_FIELDS && !isScore(range));
  const last = table.fields - 1;
  const where = `${table.output.name} ${shapeOf(table.output)}`;
  const isAngle = ranges[last]!.min >= SURE || wild === last;
  if (isAngle && last > BOX_FIELDS && (wild === -1 || wild === last)) return `${TITLES['obb']}: the last field of ${where} is an angle`;
  if (wild <= BOX_FIELDS) return undefined;
  const rest = table.fields - wild;
  if (ranges.slice(wild).some(({ max }) => max > 2) && rest >= 2 && (rest % 2 === 0 || rest % 3 === 0))
    return `${TITLES['pose']}: fields ${wild} to ${last} of ${where} are coordinates`;
  const isMixed = table.fields - MASK_FIELDS > BOX_FIELDS && wild >= table.fields - MASK_FIELDS;
  return isMixed || outputNamed(facts.outputs, /mask|proto/) !== undefined ? TITLES['segment'] : undefined;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

function rangeOf({ count, at }: DenseTable, field: number): Range {
  let [min, max] = [Infinity, -Infinity];
  for (let candidate = 0; candidate < count; candidate++) {
    const value = at(candidate, field);
    [min, max] = [Math.min(min, value), Math.max(max, value)];
  }
  return { min, max };
}
