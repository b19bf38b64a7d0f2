import { signal } from '@angular/core';
import type { ApiClient } from '../../api/api-client';
import { problemFrom } from '../../api/problem';
import type { BackfillDiffWire, ProblemWire } from '../../api/models';
import type { Keys } from './json-values';

export interface TrialDeps {
  readonly api: Pick<ApiClient, 'createBackfill' | 'backfill' | 'changeBackfill' | 'removeBackfill' | 'backfillDiff'>;
  now(): number;
  wait(ms: number): Promise<void>;
}

/** What options of an analyzer would have made of what was just recorded. */
export interface TrialResult {
  readonly analyzerId: string;
  readonly diff: BackfillDiffWire;
}

/** Longer than a segment waits to be written, so that there is one; short enough that an answer comes soon. */
const TRIED_MS = 20_000;
const ASK_EVERY_MS = 1_000;
const PATIENCE_MS = 60_000;

/**
 * Tries options on the last seconds of a stream: a backfill that is kept apart, of which only the difference is looked at. Nothing of it
 * stays.
 */
export class Trial {
  /** The analyzer that is tried just now. */
  readonly running = signal<string | null>(null);
  readonly result = signal<TrialResult | null>(null);
  readonly problem = signal<{ readonly analyzerId: string; readonly problem: ProblemWire } | null>(null);

  constructor(private readonly deps: TrialDeps) {}

  /** @param config options that differ from those in force */
  async start(analyzerId: string, streamId: string, config: Keys, title: string): Promise<void> {
    if (this.running() !== null) return;
    const { api, now, wait } = this.deps;
    this.running.set(analyzerId);
    this.result.set(null);
    this.problem.set(null);
    let id: string | null = null;
    try {
      const [from, to] = [new Date(now() - TRIED_MS).toISOString(), new Date(now()).toISOString()];
      ({ id } = await api.createBackfill({ streamIds: [streamId], analyzerId, from, to, config, title }));
      for (const end = now() + PATIENCE_MS; ;) {
        const job = await api.backfill(id);
        if (job.state === 'done') break;
        if (job.state === 'failed' || job.state === 'cancelled' || now() > end) throw new Error(job.detail ?? job.state);
        await wait(ASK_EVERY_MS);
      }
      this.result.set({ analyzerId, diff: await api.backfillDiff(id) });
    } catch (error) {
      this.problem.set({ analyzerId, problem: problemFrom(error) });
    } finally {
      this.running.set(null);
      if (id !== null) await this.forget(id);
    }
  }

  clear(): void {
    this.result.set(null);
    this.problem.set(null);
  }

  /** What it found goes; that it cannot go now is nobody's trouble: it is among the backfills, where it can be removed. */
  private async forget(id: string): Promise<void> {
    const { api } = this.deps;
    await api
      .changeBackfill(id, 'discard')
      .catch(() => api.changeBackfill(id, 'cancel'))
      .catch(() => undefined);
    await api.removeBackfill(id).catch(() => undefined);
  }
}
