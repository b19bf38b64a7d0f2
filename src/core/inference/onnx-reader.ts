import { modelError } from '../errors/model.errors.js';

/** What can be learnt of an ONNX file without running it. */
export interface OnnxFacts {
  readonly irVersion: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/** Field numbers of onnx.proto, for the messages that can hold a tensor. */
const FIELDS = {
  model: { irVersion: 1, graph: 7, metadata: 14, training: 20, functions: 25 },
  tensor: { externalData: 13, dataLocation: 14 },
} as const;

/** Message kinds that are walked in search of tensors, by the fields that lead on. */
const CHILDREN: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  training: { 1: 'graph', 2: 'graph' },
  function: { 7: 'node', 11: 'attribute' },
};
const EXTERNAL = 1;
const MAX_DEPTH = 64;
const MAX_METADATA_BYTES = 1024 * 1024;

/**
 * Walks an ONNX file: reads its metadata and makes sure that every tensor is inside the file.
 * @throws VD_MODEL_NOT_ONNX, VD_MODEL_EXTERNAL_DATA
 */
export function readOnnx(bytes: Buffer, name: string): OnnxFacts {
  const facts = { irVersion: 0, hasGraph: false, metadata: Object.create(null) as Record<string, string> };
  try {
    for (const field of fields(bytes)) {
      if (field.number === FIELDS.model.irVersion && field.value !== undefined) facts.irVersion = Number(field.value);
      if (field.number === FIELDS.model.graph && field.bytes) facts.hasGraph = true;
      if (field.number === FIELDS.model.metadata && field.bytes) addMetadata(facts.metadata, field.bytes);
    }
    if (!facts.hasGraph || facts.irVersion < 1) throw new RangeError('no graph in it');
    refuseExternalData(bytes, 'model', name, 0);
  } catch (error) {
    if (error instanceof RangeError) throw modelError('VD_MODEL_NOT_ONNX', `${name}: ${error.message}`);
    throw error;
  }
  return { irVersion: facts.irVersion, metadata: { ...facts.metadata } };
}

function addMetadata(into: Record<string, string>, entry: Buffer): void {
  if (entry.length > MAX_METADATA_BYTES) return;
  const text: Record<number, string> = {};
  for (const field of fields(entry)) if (field.bytes) text[field.number] = field.bytes.toString('utf8');
  if (text[1] !== undefined) into[text[1]] = text[2] ?? '';
}

function refuseExternalData(message: Buffer, kind: string, name: string, depth: number): void {
  if (depth > MAX_DEPTH) throw new RangeError(`graphs nested deeper than ${MAX_DEPTH}`);
  for (const field of fields(message)) {
    if (kind === 'tensor') {
      const isExternal =
        field.number === FIELDS.tensor.externalData || (field.number === FIELDS.tensor.dataLocation && field.value === BigInt(EXTERNAL));
      if (isExternal) throw modelError('VD_MODEL_EXTERNAL_DATA', `${name} has a tensor that lies in another file`);
      continue;
    }
    const child = CHILDREN[kind]?.[field.number];
    if (child !== undefined && field.bytes) refuseExternalData(field.bytes, child, name, depth + 1);
  }
}

interface Field {
  readonly number: number;
  readonly value?: bigint;
  readonly bytes?: Buffer;
}

/** Protobuf's wire format: the fields of one message, nested ones as bytes, nothing copied. */
function* fields(message: Buffer): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = message[at++];
      if (byte === undefined) throw new RangeError('it is cut off');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a number in it has no end');
  };
  const take = (length: number): Buffer => {
    if (length > message.length - at) throw new RangeError('it is cut off, or not a protobuf file');
    const bytes = message.subarray(at, at + length);
    at += length;
    return bytes;
  };
  while (at < message.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    if (number === 0) throw new RangeError('it is not a protobuf file');
    switch (Number(tag & 7n)) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        take(8);
        yield { number };
        break;
      case 2:
        yield { number, bytes: take(Number(varint())) };
        break;
      case 5:
        take(4);
        yield { number };
        break;
      default:
        throw new RangeError('it is not a protobuf file');
    }
  }
}
