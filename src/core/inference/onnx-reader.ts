import { modelError } from '../errors/model.errors.js';
import type { ModelPrecision } from '../plugin-api/index.js';
import { checkTensor, ExternalData, Malformed, PrecisionTally, product } from './onnx-tensor.js';
import { FieldBudget, fields } from './protobuf-fields.js';

/** What can be learnt of an ONNX file without running it. */
export interface OnnxFacts {
  readonly irVersion: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly precision: ModelPrecision;
  /** Operators, those in branches and loops included. */
  readonly nodes: number;
}

/** Field numbers of onnx.proto. */
const MODEL = { irVersion: 1, graph: 7, metadata: 14 } as const;
/** Message kinds that are walked in search of tensors and shapes, by the fields that lead on. */
const CHILDREN: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  model: { 7: 'graph', 20: 'training', 25: 'function' },
  graph: { 1: 'node', 5: 'tensor', 11: 'value', 12: 'value', 15: 'sparse' },
  node: { 5: 'attribute' },
  attribute: { 5: 'tensor', 6: 'graph', 10: 'tensor', 11: 'graph', 22: 'sparse', 23: 'sparse' },
  sparse: { 1: 'tensor', 2: 'tensor' },
  training: { 1: 'graph', 2: 'graph' },
  function: { 7: 'node', 11: 'attribute' },
  value: { 2: 'type' },
  type: { 1: 'tensorType' },
  tensorType: { 2: 'shape' },
};
/** An If in a Loop in an If …: real models stay below three. */
const MAX_GRAPH_DEPTH = 8;
const MAX_NODES = 100_000;
const MAX_TENSORS = 200_000;
const MAX_RANK = 16;
/** Elements of one input or output at its fixed sizes: a picture of 8192x8192 in three channels. */
const MAX_VALUE_ELEMENTS = 3 * 8192 * 8192;
const MAX_METADATA_BYTES = 1024 * 1024;

/**
 * Walks an ONNX file: reads its metadata, makes sure that every tensor is inside the file and as large as it says, and that
 * the graph is one that somebody may have meant.
 * @throws VD_MODEL_NOT_ONNX, VD_MODEL_EXTERNAL_DATA, VD_MODEL_MALFORMED
 */
export function readOnnx(bytes: Buffer, name: string): OnnxFacts {
  try {
    const budget = new FieldBudget();
    const facts = header(bytes, budget);
    const walk = new GraphWalk(budget);
    walk.enter(bytes, 'model', 0);
    return { ...facts, precision: walk.precision.main, nodes: walk.nodes };
  } catch (error) {
    if (error instanceof RangeError) throw modelError('VD_MODEL_NOT_ONNX', `${name}: ${error.message}`);
    if (error instanceof Malformed) throw modelError('VD_MODEL_MALFORMED', `${name}: ${error.message}`);
    if (error instanceof ExternalData) throw modelError('VD_MODEL_EXTERNAL_DATA', `${name} has a tensor that lies in another file`);
    throw error;
  }
}

function header(bytes: Buffer, budget: FieldBudget): Pick<OnnxFacts, 'irVersion' | 'metadata'> {
  const metadata = Object.create(null) as Record<string, string>;
  let irVersion = 0;
  let hasGraph = false;
  for (const field of fields(bytes, budget)) {
    if (field.number === MODEL.irVersion && field.value !== undefined) irVersion = field.value;
    if (field.number === MODEL.graph && field.bytes) hasGraph = true;
    if (field.number === MODEL.metadata && field.bytes) addMetadata(metadata, field.bytes, budget);
  }
  if (!hasGraph || irVersion < 1) throw new RangeError('no graph in it');
  return { irVersion, metadata: { ...metadata } };
}

function addMetadata(into: Record<string, string>, entry: Buffer, budget: FieldBudget): void {
  if (entry.length > MAX_METADATA_BYTES) return;
  const text: Record<number, string> = {};
  for (const field of fields(entry, budget)) if (field.bytes) text[field.number] = field.bytes.toString('utf8');
  if (text[1] !== undefined) into[text[1]] = text[2] ?? '';
}

/** Goes through every message that can hold a tensor or a shape. */
class GraphWalk {
  readonly precision = new PrecisionTally();
  nodes = 0;
  #tensors = 0;

  constructor(private readonly budget: FieldBudget) {}

  enter(message: Buffer, kind: string, graphDepth: number): void {
    if (kind === 'tensor') return this.#tensor(message);
    if (kind === 'shape') return this.#shape(message);
    if (kind === 'node' && ++this.nodes > MAX_NODES) throw new Malformed(`more than ${MAX_NODES} operators`);
    const depth = graphDepth + (kind === 'graph' ? 1 : 0);
    if (depth > MAX_GRAPH_DEPTH) throw new Malformed(`graphs nested deeper than ${MAX_GRAPH_DEPTH}`);
    for (const { number, bytes } of fields(message, this.budget)) {
      const child = CHILDREN[kind]?.[number];
      if (child !== undefined && bytes) this.enter(bytes, child, depth);
    }
  }

  #tensor(tensor: Buffer): void {
    if (++this.#tensors > MAX_TENSORS) throw new Malformed(`more than ${MAX_TENSORS} tensors`);
    this.precision.add(checkTensor(tensor, this.budget));
  }

  /** Of an input or output: sizes that are fixed must be sizes of something. */
  #shape(shape: Buffer): void {
    const fixed: number[] = [];
    let rank = 0;
    for (const { number, bytes } of fields(shape, this.budget)) {
      if (number !== 1 || !bytes) continue;
      if (++rank > MAX_RANK) throw new Malformed(`an input or output of more than ${MAX_RANK} dimensions`);
      for (const { number: part, value } of fields(bytes, this.budget))
        if (part === 1 && value !== undefined && value !== -1) fixed.push(value);
    }
    const elements = product(fixed);
    if (elements > MAX_VALUE_ELEMENTS)
      throw new Malformed(`an input or output of ${elements} elements; the limit is ${MAX_VALUE_ELEMENTS}`);
  }
}
