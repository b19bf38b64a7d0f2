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

/** What can run a model. Core probes which of them a machine has; every machine has `cpu`. */
export const EXECUTION_PROVIDERS = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'dml', 'coreml', 'qnn'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

/** The number type of most of a model's weights; `mixed` if no type makes up three quarters of them. */
export type ModelPrecision = 'float32' | 'float16' | 'int8' | 'mixed';

/** One loaded ONNX model. On the CPU it runs with one thread that does not spin, which costs least at video rates. */
export interface Model {
  readonly path: string;
  readonly sha256: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Custom metadata of the ONNX file (`names`, `stride`, …). */
  readonly metadata: Readonly<Record<string, string>>;
  /** The provider that the model runs on: the first configured one that this machine has and on which the model passed its probe. */
  readonly provider: ExecutionProvider;
  readonly precision: ModelPrecision;
  /**
   * @param signal cancels a run that has not begun; a run that has begun cannot be cancelled
   * @throws VD_MODEL_RUN_FAILED, or the signal's reason
   */
  run(feeds: Readonly<Record<string, Tensor>>, signal?: AbortSignal): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

/** Joins concurrent runs into one, if the model's first dimension is free on every input and output. */
export interface BatchOptions {
  /** Items (first dimension) in one run at most. */
  readonly max: number;
  /** How long the first run waits for others. 0 joins only runs that start in the same turn of the event loop. */
  readonly waitMs: number;
}

export interface ModelOptions {
  /** Refuse the file unless it has this SHA-256 (hexadecimal). */
  readonly sha256?: string;
  /** Size of the pictures in the warm-up run, for a model that takes any size. `false`: no such run, for a model that fails on zeros. */
  readonly warmUp?: { readonly widthPx: number; readonly heightPx: number } | false;
  /** `false`: never. Absent: off on the CPU, which gains nothing from it; 8 items without waiting on other providers. */
  readonly batch?: BatchOptions | false;
}

/**
 * Opens ONNX files for analyzers, by path or by the id of a registered model, never from a buffer. Refuses external data and
 * files that are not ONNX. Core opens and runs each new file once in a separate process first, and refuses a file that crashes that
 * process or never finishes. When `open` returns, the model has run once, unless `warmUp` is `false`.
 *
 * A string comes from an operator, and its file must be below the model folders. A `file:` URL comes from a plugin's code and names a
 * file of the plugin's package, or of a package that it depends on: every check applies but that of the folders.
 * @throws VD_MODEL_* coded errors that say what is wrong with the file
 * @example const model = await models.open('yolo11n', { warmUp: { widthPx: 640, heightPx: 640 } });
 * @example const own = await models.open(new URL('./door.onnx', import.meta.url), { sha256 });
 */
export interface Models {
  open(model: string | URL, options?: ModelOptions): Promise<Model>;
  /** Reads a small UTF-8 text, such as a list of class names; what names it follows the same rules as what names a model. */
  readText(file: string | URL): Promise<string>;
}
export const MODELS = Symbol.for('vedette.models');

/** Metadata of model files, read without running them. */
export interface ModelFiles {
  /** Of a file below the model folders, or a registered model by its id; undefined where this machine does not have it. */
  metadata(pathOrId: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** A text file below the model folders, such as class names; undefined where this machine does not have it. */
  text(path: string): Promise<string | undefined>;
}
