import { LRUCache } from 'lru-cache';
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
  private readonly tasks: LRUCache<string, true>;

  constructor(nowMs: () => number = () => performance.now()) {
    this.tasks = new LRUCache({ max: MAX_KEPT, ttl: KEPT_MS, ttlResolution: 0, perf: { now: nowMs } });
  }

  has(task: AnalyzerTask): boolean {
    return this.tasks.has(keyOf(task));
  }

  add(task: AnalyzerTask): void {
    this.tasks.set(keyOf(task), true);
  }
}

const keyOf = ({ analyzerId, configHash }: AnalyzerTask): string => `${analyzerId} ${configHash}`;
