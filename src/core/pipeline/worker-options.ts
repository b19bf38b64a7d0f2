/** Nest token of {@link WorkerOptions}. */
export const WORKER_OPTIONS = Symbol.for('vedette.worker-options');

export interface WorkerOptions {
  /** The queues this worker takes; all of them when absent. */
  readonly queues?: readonly string[];
}

/** Nest token of {@link PipelineOptions}. */
export const PIPELINE_OPTIONS = Symbol.for('vedette.pipeline-options');

/** What the parts of the pipeline go by, from the config. */
export interface PipelineOptions {
  readonly jobTimeoutMs: number;
  /** Attempts a run is given before it fails for good. */
  readonly attempts: number;
  /** Before the second attempt; it doubles with each one. */
  readonly backoffMs: number;
  /** A lane whose lease was not renewed for so long is another worker's to take. */
  readonly leaseMs: number;
  readonly reconcileIntervalMs: number;
  /** Runs of live streams that wait longer are skipped. */
  readonly maxLagMs: number;
  /** Analysis hosts of this worker. */
  readonly hosts: number;
  /** Whether small pictures are made of what is decoded. */
  readonly makesThumbnails: boolean;
}
