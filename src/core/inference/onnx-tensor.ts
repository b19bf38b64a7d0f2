import type { ModelPrecision } from '../plugin-api/index.js';
import { fields, WireCursor, type FieldBudget } from './protobuf-fields.js';

/** Bits per element by `TensorProto.DataType`; strings (8) have no fixed size. */
const ELEMENT_BITS: Readonly<Record<number, number>> = {
  ...{ 1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128, 16: 16 },
  ...{ 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2 },
};
const STRING = 8;
const PRECISIONS: Readonly<Record<number, Exclude<ModelPrecision, 'mixed'>>> = {
  ...{ 1: 'float32', 11: 'float32', 10: 'float16', 16: 'float16' },
  ...{ 2: 'int8', 3: 'int8', 17: 'int8', 18: 'int8', 19: 'int8', 20: 'int8', 21: 'int8', 22: 'int8' },
};
/** The share of all weights that names the model's precision. */
const MAIN_SHARE = 0.75;
const MAX_RANK = 32;
/** More elements than a file of the largest size taken can hold. */
export const MAX_ELEMENTS = 2 ** 32;
const FIELDS = { dims: 1, type: 2, floats: 4, raw: 9, doubles: 10, external: 13, location: 14 } as const;
const TYPED_DATA: ReadonlySet<number> = new Set([4, 5, 6, 7, 10, 11]);
const EXTERNAL = 1;

export class ExternalData extends Error {}
/** Well-formed protobuf that no sane exporter writes. */
export class Malformed extends Error {}

/**
 * Reads a tensor's shape and type, and holds the size of its data against them.
 * @throws ExternalData, Malformed
 */
export function checkTensor(tensor: Buffer, budget: FieldBudget): { readonly type: number; readonly elements: number } {
  const dims: number[] = [];
  let type = 0;
  let rawBytes: number | undefined;
  let floatBytes: number | undefined;
  let hasData = false;
  for (const { number, value, bytes } of fields(tensor, budget)) {
    if (number === FIELDS.external || (number === FIELDS.location && value === EXTERNAL)) throw new ExternalData();
    if (number === FIELDS.dims) dims.push(...(bytes === undefined ? [value ?? -1] : packed(bytes)));
    if (number === FIELDS.type && value !== undefined) type = value;
    if (number === FIELDS.raw && bytes) rawBytes = bytes.length;
    if (number === FIELDS.floats && bytes) floatBytes = (floatBytes ?? 0) + bytes.length;
    if (number === FIELDS.raw || TYPED_DATA.has(number)) hasData = true;
    if (dims.length > MAX_RANK) throw new Malformed(`a tensor has more than ${MAX_RANK} dimensions`);
  }
  const elements = product(dims);
  const bits = ELEMENT_BITS[type];
  const shape = `a tensor of ${elements} elements of type ${type}`;
  if (bits === undefined && type !== STRING) throw new Malformed(`a tensor has the unknown type ${type}`);
  if (elements > 0 && !hasData) throw new Malformed(`${shape} has no data`);
  if (rawBytes !== undefined && bits !== undefined && rawBytes !== Math.ceil((elements * bits) / 8)) {
    throw new Malformed(`${shape} has ${rawBytes} bytes of data`);
  }
  if (rawBytes === undefined && type === 1 && floatBytes !== undefined && floatBytes % 4 === 0 && floatBytes !== elements * 4) {
    throw new Malformed(`${shape} has ${floatBytes / 4} values`);
  }
  return { type, elements };
}

/** Counts weights by what they are stored as. */
export class PrecisionTally {
  private readonly elements = new Map<ModelPrecision, number>();

  add({ type, elements }: { readonly type: number; readonly elements: number }): void {
    const precision = PRECISIONS[type];
    // Indices, shapes and the biases of quantised layers are integers of 32 and 64 bits: no sign of either kind.
    if (precision !== undefined) this.elements.set(precision, (this.elements.get(precision) ?? 0) + elements);
  }

  get main(): ModelPrecision {
    const total = [...this.elements.values()].reduce((sum, count) => sum + count, 0);
    if (total === 0) return 'float32';
    return [...this.elements].find(([, count]) => count / total >= MAIN_SHARE)?.[0] ?? 'mixed';
  }
}

/** Elements of a shape. @throws Malformed for a negative size, or more than any file holds */
export function product(dims: readonly number[]): number {
  let elements = 1;
  for (const size of dims) {
    if (!(size >= 0)) throw new Malformed(`a shape has the size ${size}`);
    elements *= size;
    if (elements > MAX_ELEMENTS) throw new Malformed(`a shape of more than ${MAX_ELEMENTS} elements`);
  }
  return elements;
}

function packed(bytes: Buffer): number[] {
  const values: number[] = [];
  for (const cursor = new WireCursor(bytes); !cursor.isAtEnd;) {
    if (values.length > MAX_RANK) throw new Malformed('a shape without end');
    values.push(cursor.varint());
  }
  return values;
}
