import { queueError } from '../errors/queue.errors.js';
import type { ClaimedRun, ClaimedSegment, Settlement } from '../persistence/ledger/run-ledger.js';
import { type AnalysisJob, type AnalysisOutcome, type AnalyzerTask, CodedError, type JsonObject } from '../plugin-api/index.js';
import type { RegisteredAnalyzer } from '../plugin-host/plugin-registry.js';
import type { SegmentFiles } from '../media/store/segment-files.js';
import type { ReferenceLibrary } from '../references/reference-library.js';
import type { ResultStage } from './result-stage.js';
import { readRunState } from './run-state.js';
import { toFailure, toSettlement } from './settlements.js';
import type { ChosenStrategy, StrategyDirectory } from './strategy-directory.js';

/** After its signal aborts, a strategy has this long to come to its end; then its answer is no longer waited for. */
const ABORT_GRACE_MS = 5_000;

export interface SegmentProcessorOptions {
  readonly jobTimeoutMs: number;
  readonly attempts: number;
  readonly backoffMs: number;
}

/** One job handed to a strategy, kept until its results are committed or dropped. */
export interface ExecutedJob {
  readonly job: AnalysisJob;
  readonly chosen: ChosenStrategy;
}

export interface ProcessedSegment {
  /** One per claimed run. */
  readonly settlements: readonly Settlement[];
  readonly executed: readonly ExecutedJob[];
}

interface PlannedRun {
  readonly run: ClaimedRun;
  readonly task: AnalyzerTask;
  readonly chosen: ChosenStrategy;
}

/** Takes a claimed segment through the strategies and says how each of its runs ended. Throws nothing but bugs. */
export class SegmentProcessor {
  private readonly analyzers: ReadonlyMap<string, RegisteredAnalyzer>;

  constructor(
    analyzers: readonly RegisteredAnalyzer[],
    private readonly strategies: StrategyDirectory,
    private readonly segments: Pick<SegmentFiles, 'isGone'>,
    private readonly options: SegmentProcessorOptions,
    private readonly references?: Pick<ReferenceLibrary, 'revision'>,
    private readonly stage?: Pick<ResultStage, 'apply'>,
  ) {
    this.analyzers = new Map(analyzers.map((analyzer) => [analyzer.definition.id, analyzer]));
  }

  /** @param signal the lane was lost, or this worker ends */
  async process(work: ClaimedSegment, queue: string, signal: AbortSignal): Promise<ProcessedSegment> {
    if (await this.segments.isGone(work.segment)) {
      return { settlements: work.runs.map((run) => ({ ...idOf(run), state: 'skipped', reason: 'missing' })), executed: [] };
    }
    const settlements: Settlement[] = [];
    const planned: PlannedRun[] = [];
    for (const run of work.runs) {
      const plan = await this.plan(run);
      if ('state' in plan) settlements.push(plan);
      else planned.push(plan);
    }
    const executed = groups(planned).map(({ chosen, runs }) => ({ job: jobOf(work, queue, runs), chosen, runs }));
    const ended = await Promise.all(executed.map(({ job, chosen, runs }) => this.execute(work, job, chosen, runs.map(({ run }) => run), signal)));
    return { settlements: [...settlements, ...ended.flat()], executed };
  }

  private async plan(run: ClaimedRun): Promise<PlannedRun | Settlement> {
    const analyzer = this.analyzers.get(run.analyzerId);
    if (analyzer === undefined) return { ...idOf(run), state: 'skipped', reason: 'disabled' };
    if (analyzer.configHash !== run.configHash) return { ...idOf(run), state: 'skipped', reason: 'config-changed' };
    const { checkpoint, ...rest } = run;
    const left = readRunState(checkpoint?.data).analyzer;
    const task: AnalyzerTask = {
      ...rest,
      tasks: analyzer.definition.tasks,
      config: analyzer.config,
      writtenConfig: analyzer.placement.config as JsonObject,
      ...(analyzer.placement.when === undefined ? {} : { when: analyzer.placement.when }),
      ...(checkpoint !== undefined && left !== undefined && analyzer.definition.state === 'stream' ? { checkpoint: { ...checkpoint, data: left } } : {}),
    };
    const kind = analyzer.definition.references;
    try {
      const referring: AnalyzerTask = kind === undefined || this.references === undefined ? task : { ...task, references: { kind, revision: await this.references.revision(kind) } };
      return { run, task: referring, chosen: await this.strategies.choose(analyzer, referring) };
    } catch (error) {
      return this.failure(run, error);
    }
  }

  private async execute(work: ClaimedSegment, job: AnalysisJob, chosen: ChosenStrategy, runs: readonly ClaimedRun[], signal: AbortSignal): Promise<Settlement[]> {
    const startedMs = performance.now();
    const timeout = AbortSignal.timeout(this.options.jobTimeoutMs);
    try {
      const outcome = await untilAborted(chosen.strategy.execute(job, AbortSignal.any([signal, timeout])), signal, timeout, this.options.jobTimeoutMs);
      return await Promise.all(runs.map((run) => this.settle(work, run, job, chosen, outcome, signal)));
    } catch (error) {
      const wallMs = performance.now() - startedMs;
      return runs.map((run) => (signal.aborted ? { ...idOf(run), state: 'returned' } : { ...this.failure(run, error), strategy: chosen.id, wallMs }));
    }
  }

  private async settle(work: ClaimedSegment, run: ClaimedRun, job: AnalysisJob, chosen: ChosenStrategy, outcome: AnalysisOutcome, signal: AbortSignal): Promise<Settlement> {
    const base = { ...idOf(run), strategy: chosen.id, executedBy: outcome.executedBy, wallMs: outcome.wallMs };
    const [task, ...more] = outcome.tasks.filter(({ runId }) => runId === run.runId);
    if (task === undefined || more.length > 0) {
      const error = queueError('VD_PIPELINE_OUTCOME_INCOMPLETE', `Strategy ${chosen.id} gave ${more.length === 0 ? 'no outcome' : 'several outcomes'} for ${run.analyzerId} in job ${job.jobId}`);
      return { ...base, ...this.failure(run, error) };
    }
    if (task.status === 'failed' && signal.aborted) return { ...idOf(run), state: 'returned' };
    if (this.stage === undefined || task.status === 'skipped' || task.status === 'failed') return { ...base, ...toSettlement(task, this.retryInMs(run)) };
    try {
      return { ...base, ...toSettlement(await this.stage.apply(run, work, task), this.retryInMs(run)) };
    } catch (error) {
      return { ...base, ...this.failure(run, error) };
    }
  }

  private failure(run: ClaimedRun, error: unknown): Settlement {
    const coded = error instanceof CodedError ? error : queueError('VD_PIPELINE_STRATEGY_FAILED', error instanceof Error ? error.message : String(error), { cause: error });
    return { ...idOf(run), ...toFailure(coded, this.retryInMs(run)) };
  }

  /** Doubles with every attempt; absent after the last one. */
  private retryInMs(run: ClaimedRun): number | undefined {
    return run.attempt < this.options.attempts ? this.options.backoffMs * 2 ** (run.attempt - 1) : undefined;
  }
}

function idOf(run: ClaimedRun): { runId: string; attempt: number } {
  return { runId: run.runId, attempt: run.attempt };
}

/**
 * Runs that go to one strategy share a job, hence one decode. A run that failed before goes alone: where one analyzer takes
 * its host down, the others must not go down with it again.
 */
function groups(planned: readonly PlannedRun[]): { chosen: ChosenStrategy; runs: PlannedRun[] }[] {
  const byKey = new Map<string, { chosen: ChosenStrategy; runs: PlannedRun[] }>();
  for (const plan of planned) {
    const key = plan.run.attempt === 1 ? plan.chosen.id : `${plan.chosen.id} ${plan.run.runId}`;
    const group = byKey.get(key);
    if (group === undefined) byKey.set(key, { chosen: plan.chosen, runs: [plan] });
    else group.runs.push(plan);
  }
  return [...byKey.values()];
}

function jobOf(work: ClaimedSegment, queue: string, runs: readonly PlannedRun[]): AnalysisJob {
  return {
    jobId: `s${work.segmentId}-${queue}-${runs.map(({ run }) => `${run.runId}.${run.attempt}`).join('-')}`,
    queue,
    stream: work.stream,
    segment: work.segment,
    tasks: runs.map(({ task }) => task),
  };
}

async function untilAborted(execution: Promise<AnalysisOutcome>, signal: AbortSignal, timeout: AbortSignal, jobTimeoutMs: number): Promise<AnalysisOutcome> {
  const overdue = Promise.withResolvers<never>();
  let grace: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    grace ??= setTimeout(() => {
      overdue.reject(queueError('VD_PIPELINE_TIMEOUT', `The strategy did not come to its end after ${jobTimeoutMs} ms`));
    }, ABORT_GRACE_MS);
  };
  const signals = [signal, timeout];
  for (const one of signals) {
    if (one.aborted) onAbort();
    else one.addEventListener('abort', onAbort, { once: true });
  }
  try {
    return await Promise.race([execution, overdue.promise]);
  } catch (error) {
    if (timeout.aborted && !signal.aborted && !(error instanceof CodedError)) {
      throw queueError('VD_PIPELINE_TIMEOUT', `The segment took longer than ${jobTimeoutMs} ms`, { cause: error });
    }
    throw error;
  } finally {
    clearTimeout(grace);
    for (const one of signals) one.removeEventListener('abort', onAbort);
  }
}
