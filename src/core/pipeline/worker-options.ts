/** Nest token of {@link WorkerOptions}. */
export const WORKER_OPTIONS = Symbol.for('vedette.worker-options');

export interface WorkerOptions {
  /** The queues this worker takes; all of them when absent. */
  readonly queues?: readonly string[];
}
