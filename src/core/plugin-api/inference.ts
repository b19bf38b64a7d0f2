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

/** What can run a model. Which of them a machine has is probed, never assumed; `cpu` is everywhere. */
export const EXECUTION_PROVIDERS = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'dml', 'coreml', 'qnn'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

/** What most of a model's weights are stored as; `mixed` where no kind makes up three quarters of them. */
export type ModelPrecision = 'float32' | 'float16' | 'int8' | 'mixed';

/** One loaded ONNX model. On the CPU it has one thread and does not spin: measured cheapest at video rates. */
export interface Model {
  readonly path: string;
  readonly sha256: string;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Custom metadata of the ONNX file (`names`, `stride`, …). */
  readonly metadata: Readonly<Record<string, string>>;
  /** What it runs on: the first of the configured providers that this machine has and that this file passed its probe on. */
  readonly provider: ExecutionProvider;
  readonly precision: ModelPrecision;
  /**
   * @param signal calls off a run that has not begun; one that has cannot be broken off
   * @throws VD_MODEL_RUN_FAILED, or the signal's reason
   */
  run(feeds: Readonly<Record<string, Tensor>>, signal?: AbortSignal): Promise<Record<string, Tensor>>;
  dispose(): Promise<void>;
}

/** Runs that are under way at once become one run, where the model's first dimension is free on every input and output. */
export interface BatchOptions {
  /** Items (first dimension) in one run at most. */
  readonly max: number;
  /** How long the first waits for others. 0 joins only those asked for in the same turn of the event loop. */
  readonly waitMs: number;
}

export interface ModelOptions {
  /** Refuse the file unless it has this SHA-256 (hexadecimal). */
  readonly sha256?: string;
  /** Size of the pictures it will get, for a model that leaves it free: the warm-up run takes it. */
  readonly warmUp?: { readonly widthPx: number; readonly heightPx: number };
  /** `false` for never. Absent: off on the CPU, which gains nothing by it, 8 without waiting elsewhere. */
  readonly batch?: BatchOptions | false;
}

/**
 * Opens ONNX files for analyzers, by path or by the id of a registered model, never from a buffer. Refuses external data and
 * files that are not ONNX. A file's first opening tries it in a process of its own, so that one that crashes or never ends is
 * refused before it meets an analysis host. When `open` returns, the model has run once.
 *
 * A string is what an operator wrote, and stays below the model folders. A `file:` URL is what a plugin's code wrote: a file that the
 * plugin's package brings, or a package that it depends on; the same checks apply, and no folder.
 * @throws VD_MODEL_* coded errors that say what is wrong with the file
 * @example const model = await models.open('yolo11n', { warmUp: { widthPx: 640, heightPx: 640 } });
 * @example const own = await models.open(new URL('./door.onnx', import.meta.url), { sha256 });
 */
export interface Models {
  open(model: string | URL, options?: ModelOptions): Promise<Model>;
  /** A small UTF-8 text that lies with the models, such as a list of class names; found by the same rules as a model. */
  readText(file: string | URL): Promise<string>;
}
export const MODELS = Symbol.for('vedette.models');

/** What model files say of themselves, read and not run. */
export interface ModelFiles {
  /** Of a file below the model folders, or a registered model by its id; undefined where this machine does not have it. */
  metadata(pathOrId: string): Promise<Readonly<Record<string, string>> | undefined>;
  /** A text file below the model folders, such as class names; undefined where this machine does not have it. */
  text(path: string): Promise<string | undefined>;
}
