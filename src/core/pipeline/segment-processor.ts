import { queueError } from '../errors/queue.errors.js';
import type { SegmentFiles } from '../media/store/segment-files.js';
import type { ClaimedRun, ClaimedSegment, Settlement } from '../persistence/ledger/run-ledger.js';
import { analyzerSubject } from '../persistence/places/spending.js';
import {
  type AnalysisJob,
  type AnalysisOutcome,
  type AnalyzerTask,
  CodedError,
  type JsonObject,
  type TaskOutcome,
} from '../plugin-api/index.js';
import type { RegisteredAnalyzer } from '../plugin-host/plugin-registry.js';
import type { ReferenceLibrary } from '../brands/reference-library.js';
import { countedAttempts, groupByPlace, jobOf, type PlannedRun, type RoutedGroup } from './planned-run.js';
import type { ResultStage } from './result-stage.js';
import type { HeldMoney, JobMoney } from './routing/job-money.js';
import type { Obstacle, Route, Router } from './routing/router.js';
import type { RunTimes } from './routing/run-times.js';
import type { StrategyPlace } from './routing/strategy-directory.js';
import { readRunState } from './run-state.js';
import { MISSING, toFailure, toSettlement } from './settlements.js';
import type { PluginFaultLog } from '../observability/plugin-fault-log.js';
import { callStrategy } from './strategy-call.js';

/** What takes down its own process would take down the next one's too, and what is gone is gone everywhere: such a job does not go on elsewhere. */
const FAULTS_OF_THE_WORK: ReadonlySet<string> = new Set([
  'VD_ANALYSIS_HOST_CRASHED',
  'VD_ANALYSIS_MEMORY',
  'VD_ANALYSIS_TIMEOUT',
  'VD_MEDIA_SEGMENT_GONE',
]);
/** Ends of a strategy that did not come to one itself. */
const SILENT: ReadonlySet<string> = new Set(['VD_PIPELINE_TIMEOUT', 'VD_PIPELINE_STRATEGY_FAILED']);
/** A strategy that has others behind it is given twice its deadline, and this at the least. */
const LEAST_TRY_MS = 2_000;
/** When a run that no strategy can take now looks again. */
const LOOK_AGAIN_MS = 1_000;

export interface SegmentProcessorOptions {
  readonly jobTimeoutMs: number;
  readonly attempts: number;
  readonly backoffMs: number;
  readonly faults?: PluginFaultLog;
}

/** Who decides where runs go, and keeps the books of it. */
export interface Placement {
  readonly router: Pick<Router, 'route'>;
  readonly runTimes: Pick<RunTimes, 'record'>;
  readonly money: Pick<JobMoney, 'hold'>;
}

/** One job handed to a strategy, kept until its results are committed or dropped. */
export interface ExecutedJob {
  readonly job: AnalysisJob;
  readonly place: StrategyPlace;
  readonly outcome: AnalysisOutcome;
}

export interface ProcessedSegment {
  /** One per claimed run. */
  readonly settlements: readonly Settlement[];
  readonly executed: readonly ExecutedJob[];
}

/** What became of one job: ends of runs, and runs that are to be tried elsewhere. */
interface Attempted {
  readonly settlements: readonly Settlement[];
  readonly again: readonly PlannedRun[];
  readonly executed?: ExecutedJob;
}

/** Takes a claimed segment through the strategies and says how each of its runs ended. Throws nothing but bugs. */
export class SegmentProcessor {
  private readonly analyzers: ReadonlyMap<string, RegisteredAnalyzer>;

  constructor(
    analyzers: readonly RegisteredAnalyzer[],
    private readonly placement: Placement,
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
      return { settlements: work.runs.map((run) => ({ ...idOf(run), ...MISSING })), executed: [] };
    }
    const startedMs = performance.now();
    const settlements: Settlement[] = [];
    const executed: ExecutedJob[] = [];
    let open: PlannedRun[] = [];
    for (const run of work.runs) {
      const plan = await this.plan(run);
      if ('state' in plan) settlements.push(plan);
      else open.push(plan);
    }
    // Each round rules out at least one strategy for each run that is still open.
    while (open.length > 0) {
      const waitedMs = work.waitedMs + performance.now() - startedMs;
      const routed = await Promise.all(
        open.map(async (planned) => ({
          planned,
          route: await this.placement.router.route({
            analyzer: planned.analyzer,
            job: jobOf(work, queue, [planned]),
            waitedMs,
            ruledOut: planned.ruledOut,
          }),
        })),
      );
      settlements.push(...routed.flatMap(({ planned, route }) => (route.kind === 'go' ? [] : [this.unrouted(planned, route)])));
      const groups = groupByPlace(
        work,
        queue,
        routed.flatMap(({ planned, route }) => (route.kind === 'go' ? [{ planned, route }] : [])),
      );
      const attempts = await Promise.all(groups.map((group) => this.attempt(work, group, signal)));
      settlements.push(...attempts.flatMap((attempted) => attempted.settlements));
      executed.push(...attempts.flatMap((attempted) => attempted.executed ?? []));
      open = attempts.flatMap(({ again }) => again);
    }
    return { settlements, executed };
  }

  private async plan(run: ClaimedRun): Promise<PlannedRun | Settlement> {
    const analyzer = this.analyzers.get(run.analyzerId);
    if (analyzer === undefined) return { ...idOf(run), state: 'skipped', reason: 'disabled' };
    if (analyzer.configHash !== run.configHash) return { ...idOf(run), state: 'skipped', reason: 'config-changed' };
    const { checkpoint, deferrals: _, ...rest } = run;
    const left = readRunState(checkpoint?.data).analyzer;
    const task: AnalyzerTask = {
      ...rest,
      attempt: countedAttempts(run),
      tasks: analyzer.definition.tasks,
      config: analyzer.config,
      writtenConfig: analyzer.placement.config as JsonObject,
      ...(analyzer.placement.when === undefined ? {} : { when: analyzer.placement.when }),
      ...(checkpoint !== undefined && left !== undefined && analyzer.definition.state === 'stream'
        ? { checkpoint: { ...checkpoint, data: left } }
        : {}),
    };
    const kind = analyzer.definition.references;
    try {
      const referring: AnalyzerTask =
        kind === undefined || this.references === undefined
          ? task
          : { ...task, references: { kind, revision: await this.references.revision(kind) } };
      return { run, analyzer, task: referring, ruledOut: new Map(), spent: 0 };
    } catch (error) {
      return this.failure(run, error);
    }
  }

  private unrouted({ run, lastError, spent }: PlannedRun, route: Exclude<Route, { kind: 'go' }>): Settlement {
    const cost = spent === 0 ? {} : { cost: spent };
    switch (route.kind) {
      case 'wait':
        return { ...idOf(run), ...cost, state: 'returned', strategyReason: route.reason, retryInMs: LOOK_AGAIN_MS };
      case 'skip':
        return { ...idOf(run), ...cost, state: 'skipped', reason: route.reason };
      case 'fail':
        return this.failure(run, route.error);
      case 'exhausted':
        return { ...cost, ...this.failure(run, lastError) };
    }
  }

  private async attempt(work: ClaimedSegment, group: RoutedGroup, signal: AbortSignal): Promise<Attempted> {
    const { route, runs, job } = group;
    const { place } = route;
    let money: HeldMoney | { readonly refused: string };
    try {
      const cost = runs.length === 1 ? route.quote.costPerJob : ((await place.strategy.quote?.(job))?.costPerJob ?? 0);
      money = await this.placement.money.hold(
        place,
        runs.map(({ analyzer }) => analyzer),
        cost,
      );
    } catch (error) {
      return {
        settlements: runs.map(({ run, placeReason }) => ({ ...this.failure(run, error), strategy: place.id, strategyReason: placeReason })),
        again: [],
      };
    }
    if ('refused' in money) return this.withoutMoney(group, money.refused);

    const startedMs = performance.now();
    place.breaker.began();
    try {
      const outcome = await callStrategy(place.strategy, job, signal, this.timeoutMs(group));
      const elapsedMs = performance.now() - startedMs;
      await money.settle(outcome.cost ?? 0);
      const again = this.failedTasks(group, outcome);
      if (place.standsIn && again.length === runs.length) place.breaker.failed();
      else place.breaker.succeeded();
      const runMs = Math.max(outcome.wallMs, elapsedMs - route.quote.startDelayMs);
      for (const { analyzer } of runs)
        this.placement.runTimes.record(place.id, analyzer.definition.id, runMs, (work.segment.ptsEndUs - work.segment.ptsStartUs) / 1_000);
      const settlements = await Promise.all(
        runs.filter((planned) => !again.includes(planned)).map((planned) => this.settle(work, planned, group, outcome, signal)),
      );
      return { settlements, again, executed: { job, place, outcome } };
    } catch (error) {
      if (signal.aborted) {
        place.breaker.ended();
        await money.settle(spentBy(error as CodedError));
        return { settlements: runs.map(({ run }) => ({ ...idOf(run), state: 'returned' })), again: [] };
      }
      return this.failed(group, error as CodedError, money, performance.now() - startedMs);
    }
  }

  private async failed(
    { route: { place }, runs, job }: RoutedGroup,
    error: CodedError,
    money: HeldMoney,
    wallMs: number,
  ): Promise<Attempted> {
    const isOfTheWork = FAULTS_OF_THE_WORK.has(error.code);
    if (error.code === 'VD_PIPELINE_STRATEGY_FAILED') this.options.faults?.tell(place.id, error.cause);
    // Media that cannot be had is no fault of a strategy; another machine may be better placed to get it.
    if (isOfTheWork || error.code.startsWith('VD_MEDIA_')) place.breaker.ended();
    else place.breaker.failed();
    await money.settle(spentBy(error));
    if (isOfTheWork)
      return {
        settlements: runs.map(({ run, placeReason }) => ({
          ...this.failure(run, error),
          strategy: place.id,
          strategyReason: placeReason,
          wallMs,
        })),
        again: [],
      };
    place.strategy.discard?.(job);
    for (const planned of runs) ruleOut(planned, place, error, error.cost / runs.length);
    return { settlements: [], again: runs };
  }

  /** Elsewhere a task may well be done: a provider is not the analyzer, and another machine may lack what it needs. */
  private failedTasks({ route: { place }, runs }: RoutedGroup, { tasks, cost = 0 }: AnalysisOutcome): PlannedRun[] {
    if (place.reach === 'worker' && !place.standsIn) return [];
    return runs.filter((planned) => {
      const own = tasks.filter(({ runId }) => runId === planned.run.runId);
      const [task] = own;
      if (own.length !== 1 || task?.status !== 'failed' || FAULTS_OF_THE_WORK.has(task.code)) return false;
      ruleOut(planned, place, new CodedError(task.code, task.message, undefined, { retryable: task.retryable }), cost / runs.length);
      return true;
    });
  }

  /** Runs whose own purse is empty, or all where it is the strategy's, look elsewhere. */
  private withoutMoney({ route: { place }, runs }: RoutedGroup, refused: string): Attempted {
    const obstacle = (whose: string): Obstacle => ({
      kind: 'budget',
      text: `${place.id} would cost more than the budget of ${whose} has left`,
    });
    const own = runs.filter(({ analyzer }) => analyzerSubject(analyzer.definition.id) === refused);
    for (const planned of own.length > 0 ? own : runs)
      planned.ruledOut.set(place.id, obstacle(own.length > 0 ? planned.analyzer.definition.id : place.id));
    return { settlements: [], again: runs };
  }

  private timeoutMs({ route, runs }: RoutedGroup): number {
    const { jobTimeoutMs } = this.options;
    const deadlineMs = Math.max(...runs.map(({ analyzer }) => analyzer.placement.execution.deadline ?? Number.POSITIVE_INFINITY));
    return route.hasOthers ? Math.min(jobTimeoutMs, Math.max(LEAST_TRY_MS, 2 * deadlineMs)) : jobTimeoutMs;
  }

  private async settle(
    work: ClaimedSegment,
    { run, placeReason, spent }: PlannedRun,
    { route, runs, job }: RoutedGroup,
    outcome: AnalysisOutcome,
    signal: AbortSignal,
  ): Promise<Settlement> {
    const base = {
      ...idOf(run),
      strategy: route.place.id,
      strategyReason: placeReason,
      executedBy: outcome.executedBy,
      wallMs: outcome.wallMs,
      decodeCpuMs: outcome.decodeCpuMs / runs.length,
      ...(outcome.cost === undefined && spent === 0 ? {} : { cost: (outcome.cost ?? 0) / runs.length + spent }),
    };
    const [task, ...more] = outcome.tasks.filter(({ runId }) => runId === run.runId);
    if (task === undefined || more.length > 0) {
      const error = queueError(
        'VD_PIPELINE_OUTCOME_INCOMPLETE',
        `Strategy ${route.place.id} gave ${more.length === 0 ? 'no outcome' : 'several outcomes'} for ${run.analyzerId} in job ${job.jobId}`,
      );
      return { ...base, ...this.failure(run, error) };
    }
    if (task.status === 'failed' && signal.aborted) return { ...idOf(run), state: 'returned' };
    try {
      return { ...base, ...toSettlement(await this.staged(run, work, task), this.retryInMs(run)) };
    } catch (error) {
      return { ...base, ...this.failure(run, error) };
    }
  }

  private staged(run: ClaimedRun, work: ClaimedSegment, task: TaskOutcome): Promise<TaskOutcome> | TaskOutcome {
    return this.stage === undefined || task.status === 'skipped' || task.status === 'failed' ? task : this.stage.apply(run, work, task);
  }

  private failure(run: ClaimedRun, error: unknown): Settlement {
    const coded =
      error instanceof CodedError
        ? error
        : queueError('VD_PIPELINE_STRATEGY_FAILED', error instanceof Error ? error.message : String(error), { cause: error });
    return { ...idOf(run), ...toFailure(coded, this.retryInMs(run)) };
  }

  /** Doubles with every attempt; absent after the last one. */
  private retryInMs(run: ClaimedRun): number | undefined {
    const attempts = countedAttempts(run);
    return attempts < this.options.attempts ? this.options.backoffMs * 2 ** (attempts - 1) : undefined;
  }
}

/** One that went silent cannot say what it spent: a budget errs on the side of the operator's purse. */
const spentBy = ({ code, cost }: CodedError): number => (SILENT.has(code) ? Number.POSITIVE_INFINITY : cost);

function ruleOut(planned: PlannedRun, place: StrategyPlace, error: CodedError, cost: number): void {
  planned.lastError = error;
  planned.spent += cost;
  planned.ruledOut.set(place.id, { kind: 'failed', text: `${place.id} failed with ${error.code}` });
}

function idOf(run: ClaimedRun): { runId: string; attempt: number } {
  return { runId: run.runId, attempt: run.attempt };
}
