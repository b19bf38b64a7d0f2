import type { AnalyzerTask, TaskOutcome } from 'vedette/plugin';

/** Something the host lacks for this analyzer: a model, or a plugin that makes the same of its config. Elsewhere it may be there. */
const LACKING = /^VD_(MODEL|INFERENCE)_|^VD_ANALYSIS_CONFIG_MISMATCH$|^VD_PLUGIN_/;
/** After this it is tried again: somebody may have brought what was missing. */
const KEPT_MS = 60_000;
const MAX_KEPT = 1_000;

export type Unable = Extract<TaskOutcome, { status: 'failed' }>;

export const isUnable = (outcome: TaskOutcome): outcome is Unable => outcome.status === 'failed' && LACKING.test(outcome.code);

/** Which analyzers a host cannot run, with which config, as far as it was tried lately. */
export class Inabilities {
  readonly #untilMs = new Map<string, number>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  has(task: AnalyzerTask): boolean {
    return (this.#untilMs.get(keyOf(task)) ?? 0) > this.nowMs();
  }

  add(task: AnalyzerTask): void {
    this.#untilMs.delete(keyOf(task));
    this.#untilMs.set(keyOf(task), this.nowMs() + KEPT_MS);
    const oldest = this.#untilMs.keys().next();
    if (this.#untilMs.size > MAX_KEPT && !oldest.done) this.#untilMs.delete(oldest.value);
  }
}

const keyOf = ({ analyzerId, configHash }: AnalyzerTask): string => `${analyzerId} ${configHash}`;
