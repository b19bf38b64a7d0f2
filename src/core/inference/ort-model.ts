import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { modelError } from '../errors/model.errors.js';
import type { BatchOptions, ExecutionProvider, Model, ModelPrecision, Tensor, TensorInfo } from '../plugin-api/index.js';
import { RunBatcher } from './run-batcher.js';
import { errorText } from '../plugin-api/error.js';

export type OrtSession = InferenceSession;

const TYPES = new Set(['float32', 'uint8', 'int64', 'int32', 'float16', 'bool']);

/** What is known of a model besides its session. */
export interface ModelFacts {
  readonly path: string;
  readonly sha256: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly provider: ExecutionProvider;
  readonly precision: ModelPrecision;
}

/** One onnxruntime session, shared by all that opened its file. */
export class SharedSession {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Whether runs can be put together: the same free first dimension on every input and every output. */
  readonly isBatchable: boolean;
  /** Whether it has run. */
  isWarm = false;
  private readonly batchers = new Map<string, RunBatcher>();

  constructor(
    readonly facts: ModelFacts,
    private readonly session: OrtSession,
  ) {
    this.inputs = session.inputMetadata.map(tensorInfo);
    this.outputs = session.outputMetadata.map(tensorInfo);
    const first = [...session.inputMetadata, ...session.outputMetadata].map((value) => (value.isTensor ? value.shape[0] : undefined));
    this.isBatchable = typeof first[0] === 'string' && first[0] !== '' && first.every((size) => size === first[0]);
  }

  /** Those who ask for the same kind of batches share them. */
  batcher(options: BatchOptions): RunBatcher {
    const key = `${options.max} ${options.waitMs}`;
    const batcher = this.batchers.get(key) ?? new RunBatcher((feeds) => this.run(feeds), options);
    this.batchers.set(key, batcher);
    return batcher;
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const { Tensor: OrtTensorClass } = await import('onnxruntime-node');
    try {
      const entries = Object.entries(feeds).map(([name, { type, data, dims }]) => {
        const tensor = new OrtTensorClass(type, data as OrtTensor.DataType, dims);
        // The library turns the bits of half floats into a Float16Array, which its own native side takes for empty.
        if (type === 'float16') Object.defineProperty(tensor, 'cpuData', { value: data });
        return [name, tensor] as const;
      });
      const results = await this.session.run(Object.fromEntries(entries));
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromOrt(tensor)]));
    } catch (cause) {
      const given = Object.entries(feeds).map(([name, { type, dims }]) => `${name} ${type}[${dims.join(',')}]`);
      const wanted = this.inputs.map(({ name, type, dims }) => `${name} ${type}[${dims.join(',')}]`);
      throw modelError(
        'VD_MODEL_RUN_FAILED',
        `${this.facts.path}: ${errorText(cause)}. Given ${given.join(', ')}; the model takes ${wanted.join(', ')}`,
        { cause },
      );
    }
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

/** {@link Model} on a session that others may share. */
export class OrtModel implements Model {
  readonly path: string;
  readonly sha256: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly provider: ExecutionProvider;
  readonly precision: ModelPrecision;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  private readonly batcher: RunBatcher | undefined;
  private release: (() => Promise<void>) | undefined;

  constructor(
    private readonly session: SharedSession,
    batch: BatchOptions | undefined,
    release: () => Promise<void>,
  ) {
    ({ path: this.path, sha256: this.sha256, metadata: this.metadata, provider: this.provider, precision: this.precision } = session.facts);
    this.inputs = session.inputs;
    this.outputs = session.outputs;
    this.batcher = batch !== undefined && batch.max > 1 && session.isBatchable ? session.batcher(batch) : undefined;
    this.release = release;
  }

  async run(feeds: Readonly<Record<string, Tensor>>, signal?: AbortSignal): Promise<Record<string, Tensor>> {
    signal?.throwIfAborted();
    return this.batcher === undefined ? this.session.run(feeds) : this.batcher.add(feeds, signal);
  }

  async dispose(): Promise<void> {
    const release = this.release;
    this.release = undefined;
    await release?.();
  }
}

function tensorInfo(facts: InferenceSession.ValueMetadata): TensorInfo {
  if (!facts.isTensor) return { name: facts.name, type: 'other', dims: [] };
  return { name: facts.name, type: facts.type, dims: facts.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1)) };
}

function fromOrt(tensor: OrtTensor): Tensor {
  if (!TYPES.has(tensor.type)) throw new TypeError(`the model gives a ${tensor.type} tensor, which Vedette does not read`);
  return { type: tensor.type as Tensor['type'], dims: tensor.dims, data: plainData(tensor) };
}

/** Half floats as their bits: newer versions of Node.js give them an array type of their own, which the contract does not know. */
function plainData({ type, data }: OrtTensor): Tensor['data'] {
  if (type !== 'float16' || data instanceof Uint16Array) return data as Tensor['data'];
  const { buffer, byteOffset, byteLength } = data as unknown as Uint16Array;
  return new Uint16Array(buffer, byteOffset, byteLength / 2);
}
