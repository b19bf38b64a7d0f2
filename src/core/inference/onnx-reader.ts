import { modelError } from '../errors/model.errors.js';
import type { ModelPrecision } from '../plugin-api/index.js';
import { checkTensor, ExternalData, Malformed, PrecisionTally, product } from './onnx-tensor.js';
import { ruleFor, type MessageKind } from './onnx-schema.js';
import { bytesHeader, FieldBudget, fields, type Field } from './protobuf-fields.js';

/** What can be learnt of an ONNX file without running it. */
export interface OnnxFacts {
  readonly irVersion: number;
  readonly metadata: Readonly<Record<string, string>>;
  readonly precision: ModelPrecision;
  /** Operators, those in branches and loops included. */
  readonly nodes: number;
}

export interface OnnxFile {
  readonly facts: OnnxFacts;
  /** The model written anew from what was read and understood; the pieces lie in the file's own memory. */
  readonly rewritten: readonly Buffer[];
}

/** Field numbers of onnx.proto. */
const MODEL = { irVersion: 1, graph: 7, metadata: 14 } as const;
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
 * the graph is one that somebody may have meant. What is handed on is written anew: nothing that this program has not read reaches
 * onnxruntime, whatever its own reader would have made of the file.
 * @throws VD_MODEL_NOT_ONNX, VD_MODEL_EXTERNAL_DATA, VD_MODEL_MALFORMED
 */
export function readOnnx(bytes: Buffer, name: string): OnnxFile {
  try {
    const budget = new FieldBudget();
    const facts = header(bytes, budget);
    const walk = new GraphWalk(budget);
    const rewritten = walk.enter(bytes, 'model', 0);
    return { facts: { ...facts, precision: walk.precision.main, nodes: walk.nodes }, rewritten };
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

/** Goes through every message, and writes each anew without what means nothing. */
class GraphWalk {
  readonly precision = new PrecisionTally();
  nodes = 0;
  private tensors = 0;

  constructor(private readonly budget: FieldBudget) {}

  /** @returns the message, in pieces; the message itself where nothing had to go */
  enter(message: Buffer, kind: MessageKind, graphDepth: number): Buffer[] {
    this.check(message, kind);
    const depth = graphDepth + (kind === 'graph' ? 1 : 0);
    if (depth > MAX_GRAPH_DEPTH) throw new Malformed(`graphs nested deeper than ${MAX_GRAPH_DEPTH}`);
    const kept = new KeptPieces(message);
    const met = new Set<number>();
    for (const field of fields(message, this.budget)) {
      const rule = ruleFor(kind, field);
      if (rule === undefined) {
        kept.drop(field);
        continue;
      }
      if (rule.holds === 'int32' && !isInt32(field)) throw new Malformed(`a number of 32 bits is ${field.value}`);
      if (rule.kind === undefined || !field.bytes) continue;
      if (rule.isSingle === true && met.size === met.add(field.number).size)
        throw new Malformed('a part is there twice that may be there once');
      const pieces = this.enter(field.bytes, rule.kind, depth);
      if (pieces.length !== 1 || pieces[0] !== field.bytes) kept.replace(field, pieces);
    }
    return kept.finish();
  }

  private check(message: Buffer, kind: MessageKind): void {
    if (kind === 'tensor') this.tensor(message);
    if (kind === 'shape') this.shape(message);
    if (kind === 'node' && ++this.nodes > MAX_NODES) throw new Malformed(`more than ${MAX_NODES} operators`);
  }

  private tensor(tensor: Buffer): void {
    if (++this.tensors > MAX_TENSORS) throw new Malformed(`more than ${MAX_TENSORS} tensors`);
    this.precision.add(checkTensor(tensor, this.budget));
  }

  /** Of an input or output: sizes that are fixed must be sizes of something. */
  private shape(shape: Buffer): void {
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

const isInt32 = ({ value }: Field): boolean => value === undefined || (value >= -(2 ** 31) && value < 2 ** 31);

/** A message without some of its fields, or with others in their place: runs of the original where nothing changed. */
class KeptPieces {
  private readonly pieces: Buffer[] = [];
  /** Everything before this is in the pieces, or dropped. */
  private doneTo = 0;

  constructor(private readonly message: Buffer) {}

  drop({ from, to }: Field): void {
    this.keepUntil(from);
    this.doneTo = to;
  }

  replace(field: Field, pieces: readonly Buffer[]): void {
    this.drop(field);
    const sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0);
    this.pieces.push(bytesHeader(field.number, sizeBytes), ...pieces);
  }

  finish(): Buffer[] {
    if (this.doneTo === 0) return [this.message];
    this.keepUntil(this.message.length);
    return this.pieces;
  }

  private keepUntil(end: number): void {
    if (end > this.doneTo) this.pieces.push(this.message.subarray(this.doneTo, end));
  }
}
