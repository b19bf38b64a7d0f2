import type { ExecutionProvider, TensorInfo } from '../plugin-api/index.js';

/** What a probe's process is started for, as JSON in its first argument. */
export interface ProbeJob {
  readonly file: string;
  readonly session: Record<string, unknown>;
  /** After which it ends itself, should nobody be left to end it. */
  readonly deadlineMs: number;
}

export interface Backend {
  readonly name: string;
  readonly bundled: boolean;
}

/** What the process says, in this order; whichever is missing tells where it died. */
export type FromProbe =
  | { readonly type: 'started'; readonly backends: readonly Backend[] }
  | { readonly type: 'opened'; readonly inputs: readonly TensorInfo[]; readonly outputs: readonly TensorInfo[]; readonly openMs: number }
  | { readonly type: 'ran'; readonly runMs: number; readonly outputBytes: number }
  | { readonly type: 'failed'; readonly step: 'open' | 'run'; readonly message: string };

/** Sizes for each input to run on, zeros in all of them. */
export type ToProbe = { readonly type: 'run'; readonly sizes: readonly (readonly number[])[] };

/** What became of trying one file on one provider. */
export interface ProbeVerdict {
  readonly sha256: string;
  readonly provider: ExecutionProvider;
  /** Version of onnxruntime that it was tried with. */
  readonly runtime: string;
  readonly triedAt: string;
  /** Null: it may be opened. */
  readonly refusal: { readonly code: string; readonly message: string } | null;
  /** Why it was opened but not run, where that is no fault of the file. */
  readonly note: string | null;
  readonly inputs: readonly TensorInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly openMs: number | null;
  readonly runMs: number | null;
  /** Largest resident memory seen, where the system tells it. */
  readonly peakBytes: number | null;
  /** What this build of onnxruntime says it can run on. */
  readonly backends: readonly Backend[];
}
