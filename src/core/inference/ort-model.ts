import type { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { modelError } from '../errors/model.errors.js';
import type { Model, Tensor, TensorInfo } from '../plugin-api/index.js';

export type OrtSession = InferenceSession;

const TYPES = new Set(['float32', 'uint8', 'int64', 'int32', 'float16', 'bool']);

/** {@link Model} on one onnxruntime session. */
export class OrtModel implements Model {
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  #release: (() => Promise<void>) | undefined;

  constructor(
    readonly path: string,
    readonly sha256: string,
    readonly metadata: Readonly<Record<string, string>>,
    private readonly session: OrtSession,
    release: () => Promise<void>,
  ) {
    this.inputs = session.inputMetadata.map(tensorInfo);
    this.outputs = session.outputMetadata.map(tensorInfo);
    this.#release = release;
  }

  async run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const { Tensor: OrtTensorClass } = await import('onnxruntime-node');
    try {
      const entries = Object.entries(feeds).map(([name, { type, data, dims }]) => {
        return [name, new OrtTensorClass(type, data as OrtTensor.DataType, dims)] as const;
      });
      const results = await this.session.run(Object.fromEntries(entries));
      return Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, fromOrt(tensor)]));
    } catch (cause) {
      const given = Object.entries(feeds).map(([name, { type, dims }]) => `${name} ${type}[${dims.join(',')}]`);
      const wanted = this.inputs.map(({ name, type, dims }) => `${name} ${type}[${dims.join(',')}]`);
      throw modelError(
        'VD_MODEL_RUN_FAILED',
        `${this.path}: ${(cause as Error).message}. Given ${given.join(', ')}; the model takes ${wanted.join(', ')}`,
        { cause },
      );
    }
  }

  async dispose(): Promise<void> {
    const release = this.#release;
    this.#release = undefined;
    await release?.();
  }
}

function tensorInfo(facts: InferenceSession.ValueMetadata): TensorInfo {
  if (!facts.isTensor) return { name: facts.name, type: 'other', dims: [] };
  return { name: facts.name, type: facts.type, dims: facts.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1)) };
}

function fromOrt(tensor: OrtTensor): Tensor {
  if (!TYPES.has(tensor.type)) throw new TypeError(`the model gives a ${tensor.type} tensor, which Vedette does not read`);
  return { type: tensor.type as Tensor['type'], dims: tensor.dims, data: tensor.data as Tensor['data'] };
}
