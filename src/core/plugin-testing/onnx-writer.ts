/**
 * Writes small ONNX files, for tests, benchmarks and demo models: no Python, no weights to fetch.
 * Field numbers are those of onnx.proto.
 * @example
 * const model = onnxModel({
 *   nodes: [onnxNode('Relu', ['x'], ['y'])],
 *   inputs: [{ name: 'x', dims: ['batch', 4] }], outputs: [{ name: 'y', dims: ['batch', 4] }],
 * });
 */
export interface OnnxModelParts {
  readonly nodes: readonly Buffer[];
  readonly tensors?: readonly Buffer[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata?: Readonly<Record<string, string>>;
  readonly opset?: number;
}

/** A graph's input or output; named dimensions are free. */
export interface OnnxValue {
  readonly name: string;
  readonly dims: readonly (number | string)[];
  readonly type?: OnnxElementType;
}

export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  /** Made by {@link onnxTensor}. */
  | { readonly tensor: Buffer };

/** Data of a constant. Half floats are given as their bits, booleans as bytes; both need their type said. */
export type OnnxData = Float32Array | BigInt64Array | Int32Array | Uint8Array | Int8Array | Uint16Array;
export type OnnxElementType = keyof typeof ELEMENT_TYPES;

const ELEMENT_TYPES = { float32: 1, uint8: 2, int8: 3, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
const IR_VERSION = 8;
const DEFAULT_OPSET = 17;

export function onnxModel(parts: OnnxModelParts): Buffer {
  const graph = message(
    ...parts.nodes.map((node) => bytes(1, node)),
    text(2, 'graph'),
    ...(parts.tensors ?? []).map((tensor) => bytes(5, tensor)),
    ...parts.inputs.map((value) => bytes(11, valueInfo(value))),
    ...parts.outputs.map((value) => bytes(12, valueInfo(value))),
  );
  const metadata = Object.entries(parts.metadata ?? {}).map(([key, value]) => bytes(14, message(text(1, key), text(2, value))));
  const opset = message(text(1, ''), integer(2, parts.opset ?? DEFAULT_OPSET));
  return message(integer(1, IR_VERSION), text(2, 'vedette'), bytes(7, graph), bytes(8, opset), ...metadata);
}

/** One operator. `{ float: 1 }` writes a float attribute; plain numbers and lists are integers. */
export function onnxNode(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): Buffer {
  return message(
    ...inputs.map((name) => text(1, name)),
    ...outputs.map((name) => text(2, name)),
    text(3, `${operator}:${outputs[0] ?? ''}`),
    text(4, operator),
    ...Object.entries(attributes).map(([name, value]) => bytes(5, attribute(name, value))),
  );
}

/** A constant. `dims: []` is a scalar. */
export function onnxTensor(name: string, dims: readonly number[], data: OnnxData, type: OnnxElementType = typeOf(data)): Buffer {
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return message(...dims.map((size) => integer(1, size)), integer(2, ELEMENT_TYPES[type]), text(8, name), bytes(9, raw));
}

function typeOf(data: OnnxData): OnnxElementType {
  if (data instanceof Float32Array) return 'float32';
  if (data instanceof BigInt64Array) return 'int64';
  if (data instanceof Int32Array) return 'int32';
  if (data instanceof Int8Array) return 'int8';
  return data instanceof Uint16Array ? 'float16' : 'uint8';
}

function attribute(name: string, value: OnnxAttribute): Buffer {
  const [FLOAT, INT, STRING, TENSOR, FLOATS, INTS] = [1, 2, 3, 4, 6, 7];
  if (typeof value === 'number') return message(text(1, name), integer(3, value), integer(20, INT));
  if (typeof value === 'string') return message(text(1, name), text(4, value), integer(20, STRING));
  if ('float' in value) return message(text(1, name), float(2, value.float), integer(20, FLOAT));
  if ('floats' in value) return message(text(1, name), ...value.floats.map((item) => float(7, item)), integer(20, FLOATS));
  if ('tensor' in value) return message(text(1, name), bytes(5, value.tensor), integer(20, TENSOR));
  return message(text(1, name), ...value.map((item) => integer(8, item)), integer(20, INTS));
}

function valueInfo({ name, dims, type = 'float32' }: OnnxValue): Buffer {
  const shape = message(...dims.map((size) => bytes(1, typeof size === 'number' ? integer(1, size) : text(2, size))));
  const tensorType = message(integer(1, ELEMENT_TYPES[type]), bytes(2, shape));
  return message(text(1, name), bytes(2, bytes(1, tensorType)));
}

const message = (...fields: readonly Buffer[]): Buffer => Buffer.concat(fields);
const integer = (field: number, value: number): Buffer => Buffer.concat([varint(field << 3), varint(value)]);
const bytes = (field: number, value: Buffer): Buffer => Buffer.concat([varint((field << 3) | 2), varint(value.length), value]);
const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value));

function float(field: number, value: number): Buffer {
  const four = Buffer.alloc(4);
  four.writeFloatLE(value);
  return Buffer.concat([varint((field << 3) | 5), four]);
}

function varint(value: number): Buffer {
  const out: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) out.push(Number(rest & 127n) | 128);
  out.push(Number(rest));
  return Buffer.from(out);
}
