import { WIRE, type Field } from './protobuf-fields.js';

/**
 * What a field of an ONNX message holds. `int32` and enumerations are read by others as their lower 32 bits, so that a larger number
 * would be two numbers; lists come packed or one by one.
 */
type Scalar = 'int32' | 'int64' | 'float' | 'bytes' | 'int64s' | 'int32s' | 'floats' | 'doubles';

export interface FieldRule {
  readonly holds: Scalar | 'message';
  /** Kind of the message it holds. */
  readonly kind?: MessageKind;
  /** Written twice, readers would merge the two: each is checked alone, so that a merged one would not have been. */
  readonly isSingle?: boolean;
}

type Rules = Readonly<Record<number, FieldRule>>;
export type MessageKind = keyof typeof SCHEMA;

const int32: FieldRule = { holds: 'int32' };
const int64: FieldRule = { holds: 'int64' };
const float: FieldRule = { holds: 'float' };
const bytes: FieldRule = { holds: 'bytes' };
const int64s: FieldRule = { holds: 'int64s' };
const int32s: FieldRule = { holds: 'int32s' };
const floats: FieldRule = { holds: 'floats' };
const doubles: FieldRule = { holds: 'doubles' };
const many = (kind: string): FieldRule => ({ holds: 'message', kind: kind as MessageKind });
const one = (kind: string): FieldRule => ({ holds: 'message', kind: kind as MessageKind, isSingle: true });

/**
 * The messages of onnx.proto and their fields. A field that is not here, or is written as another type, means nothing to this program
 * and reaches onnxruntime neither. `input` is a value whose sizes somebody has to provide memory for; `value` is one inside a graph.
 */
const SCHEMA = {
  model: {
    ...{ 1: int64, 2: bytes, 3: bytes, 4: bytes, 5: int64, 6: bytes, 7: one('graph'), 8: many('opset'), 14: many('entry') },
    ...{ 20: many('training'), 25: many('function') },
  },
  opset: { 1: bytes, 2: int64 },
  entry: { 1: bytes, 2: bytes },
  graph: {
    ...{ 1: many('node'), 2: bytes, 5: many('tensor'), 10: bytes, 11: many('input'), 12: many('input'), 13: many('value') },
    ...{ 14: many('annotation'), 15: many('sparse'), 16: many('entry') },
  },
  node: { 1: bytes, 2: bytes, 3: bytes, 4: bytes, 5: many('attribute'), 6: bytes, 7: bytes, 8: bytes, 9: many('entry') },
  attribute: {
    ...{ 1: bytes, 2: float, 3: int64, 4: bytes, 5: one('tensor'), 6: one('graph'), 7: floats, 8: int64s, 9: bytes },
    ...{ 10: many('tensor'), 11: many('graph'), 13: bytes, 14: one('type'), 15: many('type'), 20: int32, 21: bytes },
    ...{ 22: one('sparse'), 23: many('sparse') },
  },
  tensor: {
    ...{ 1: int64s, 2: int32, 3: one('segment'), 4: floats, 5: int32s, 6: bytes, 7: int64s, 8: bytes, 9: bytes, 10: doubles },
    ...{ 11: int64s, 12: bytes, 13: many('entry'), 14: int32, 16: many('entry') },
  },
  segment: { 1: int64, 2: int64 },
  sparse: { 1: one('tensor'), 2: one('tensor'), 3: int64s },
  annotation: { 1: bytes, 2: many('entry') },
  training: { 1: one('graph'), 2: one('graph'), 3: many('entry'), 4: many('entry') },
  function: {
    ...{ 1: bytes, 4: bytes, 5: bytes, 6: bytes, 7: many('node'), 8: bytes, 9: many('opset'), 10: bytes, 11: many('attribute') },
    ...{ 12: many('value'), 13: bytes, 14: many('entry') },
  },
  input: { 1: bytes, 2: one('inputType'), 3: bytes, 4: many('entry') },
  inputType: { 1: one('inputTensor'), 4: one('element'), 5: one('map'), 6: bytes, 8: one('inputTensor'), 9: one('element') },
  inputTensor: { 1: int32, 2: one('shape') },
  value: { 1: bytes, 2: one('type'), 3: bytes, 4: many('entry') },
  type: { 1: one('tensorType'), 4: one('element'), 5: one('map'), 6: bytes, 8: one('tensorType'), 9: one('element') },
  tensorType: { 1: int32, 2: one('innerShape') },
  element: { 1: one('type') },
  map: { 1: int32, 2: one('type') },
  shape: { 1: many('dimension') },
  innerShape: { 1: many('dimension') },
  dimension: { 1: int64, 2: bytes, 3: bytes },
} satisfies Record<string, Rules>;

const LISTS: Readonly<Partial<Record<FieldRule['holds'], number>>> = {
  int64s: WIRE.varint,
  int32s: WIRE.varint,
  floats: WIRE.fixed32,
  doubles: WIRE.fixed64,
};
const SINGLES: Readonly<Partial<Record<FieldRule['holds'], number>>> = {
  int32: WIRE.varint,
  int64: WIRE.varint,
  float: WIRE.fixed32,
  bytes: WIRE.bytes,
  message: WIRE.bytes,
};

/** What this field of this message means; undefined where it means nothing. */
export function ruleFor(kind: MessageKind, { number, wire }: Field): FieldRule | undefined {
  const rule = (SCHEMA[kind] as Rules)[number];
  if (rule === undefined) return undefined;
  const list = LISTS[rule.holds];
  const fits = list === undefined ? wire === SINGLES[rule.holds] : wire === list || wire === WIRE.bytes;
  return fits ? rule : undefined;
}
