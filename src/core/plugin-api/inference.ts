/** A tensor in plain JavaScript. `data` is little-endian, row-major. */
export interface Tensor {
  readonly type: 'float32' | 'uint8' | 'int64' | 'int32' | 'float16' | 'bool';
  readonly dims: readonly number[];
  readonly data: Float32Array | Uint8Array | BigInt64Array | Int32Array | Uint16Array;
}

export interface TensorInfo {
  readonly name: string;
  readonly type: string;
  /** -1 for a dynamic dimension. */
  readonly dims: readonly number[];
}

/** One loaded ONNX model. One thread, no spinning: measured cheapest at video rates. */
export interface Model {
  readonly path: string;
  readonly sha256: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Custom metadata of the ONNX file (`names`, `stride`, …). */
  readonly metadata: Readonly<Record<string, string>>;
  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

/**
 * Opens ONNX files for analyzers, by path only, never from a buffer. Refuses external data and files that are not ONNX.
 * @throws VD_MODEL_* coded errors that say what is wrong with the file
 */
export interface Models {
  open(path: string, options?: { readonly sha256?: string }): Promise<Model>;
  /** A small UTF-8 text that lies with the models, such as a list of class names; found by the same rules as a model. */
  readText(path: string): Promise<string>;
}
export const MODELS = Symbol.for('vedette.models');
