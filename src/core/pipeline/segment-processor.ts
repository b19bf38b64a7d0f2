import { Inject, Injectable } from '@nestjs/common';
import { SegmentFiles } from '../media/store/segment-files.js';
import type { ClaimedRun, ClaimedSegment, Settlement } from '../persistence/ledger/run-ledger.js';
import { slotTimesUs } from '../persistence/thumbnails/thumbnail-slots.js';
import { analyzerSubject } from '../persistence/places/spending.js';
import {
  type AnalysisJob,
  type AnalysisOutcome,
  type AnalyzerTask,
  CodedError,
  type JsonObject,
  type Logger,
  type TaskOutcome,
  THUMBNAIL_LIMITS,
} from '../plugin-api/index.js';
import { PluginRegistry, type RegisteredAnalyzer } from '../plugin-host/plugin-registry.js';
import { ReferenceLibrary } from '../brands/reference-library.js';
import { loggerOf } from '../observability/component-logger.js';
import { ThrottledWarnings } from '../observability/throttled-warnings.js';
import { countedAttempts, groupByPlace, jobOf, type PlannedRun, type RoutedGroup } from './planned-run.js';
import { ResultStage } from './result-stage.js';
import { type HeldMoney, JobMoney } from './routing/job-money.js';
import { type Obstacle, Router } from './routing/router.js';
import { RunTimes } from './routing/run-times.js';
import { discardQuietly, quoteOf, type StrategyPlace } from './routing/strategy-directory.js';
import { idOf, RunEndings } from './run-endings.js';
import { readRunState } from './run-state.js';
import { PluginFaultLog } from '../observability/plugin-fault-log.js';
import { MISSING } from './settlements.js';
import { callStrategy, spentBy, type StrategyFailure } from './strategy-call.js';
import { isBadAnswer, isOfTheMedia, isOfTheWork } from './work-faults.js';
import { PIPELINE_OPTIONS, type PipelineOptions } from './worker-options.js';

/** A strategy that has others behind it is given twice its deadline, and this at the least. */
const LEAST_TRY_MS = 2_000;

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

/**
 * Takes a claimed segment through the strategies and says how each of its runs ended. Throws nothing: a fault of this worker itself is
 * how its runs end.
 */
@Injectable()
export class SegmentProcessor {
  private readonly analyzers: ReadonlyMap<string, RegisteredAnalyzer>;
  private readonly endings: RunEndings;
  private readonly faults: PluginFaultLog;

  constructor(
    @Inject(PluginRegistry) registry: Pick<PluginRegistry, 'analyzers'>,
    @Inject(Router) private readonly router: Pick<Router, 'route'>,
    @Inject(RunTimes) private readonly runTimes: Pick<RunTimes, 'record'>,
    @Inject(JobMoney) private readonly money: Pick<JobMoney, 'hold'>,
    /** Hears what is wrong with a strategy, whether or not another one helps out. */
    @Inject(ThrottledWarnings) private readonly warnings: Pick<ThrottledWarnings, 'warn'>,
    @Inject(SegmentFiles) private readonly segments: Pick<SegmentFiles, 'isGone'>,
    @Inject(PIPELINE_OPTIONS)
    private readonly options: Pick<PipelineOptions, 'jobTimeoutMs' | 'attempts' | 'backoffMs' | 'makesThumbnails'>,
    @Inject(loggerOf('pipeline')) logger: Logger,
    @Inject(ReferenceLibrary) private readonly references?: Pick<ReferenceLibrary, 'revision'>,
    @Inject(ResultStage) private readonly stage?: Pick<ResultStage, 'apply'>,
  ) {
    this.analyzers = new Map(registry.analyzers.map((analyzer) => [analyzer.definition.id, analyzer]));
    this.endings = new RunEndings(options);
    this.faults = new PluginFaultLog(logger);
  }

  /**
   * @param signal the lane was lost, or this worker ends
   * @param as the analyzer of all its runs, where it is not as it is configured
   */
  async process(work: ClaimedSegment, queue: string, signal: AbortSignal, as?: RegisteredAnalyzer): Promise<ProcessedSegment> {
    const settlements: Settlement[] = [];
    const executed: ExecutedJob[] = [];
    try {
      await this.take({ ...work, as }, queue, signal, settlements, executed);
    } catch (error) {
      this.warnings.warn(`Analysing segment ${work.segment.sequence} of ${work.stream.streamName}`, error);
      const ended = new Set(settlements.map(({ runId }) => runId));
      settlements.push(...work.runs.filter(({ runId }) => !ended.has(runId)).map((run) => this.endings.failure(run, error)));
    }
    return { settlements, executed };
  }

  private async take(
    work: ClaimedSegment & { readonly as?: RegisteredAnalyzer | undefined },
    queue: string,
    signal: AbortSignal,
    settlements: Settlement[],
    executed: ExecutedJob[],
  ): Promise<void> {
    if (await this.segments.isGone(work.segment)) {
      settlements.push(...work.runs.map((run) => ({ ...idOf(run), ...MISSING })));
      return;
    }
    const startedMs = performance.now();
    let open: PlannedRun[] = [];
    for (const run of work.runs) {
      const plan = await this.plan(run, work.as);
      if ('state' in plan) settlements.push(plan);
      else open.push(plan);
    }
    // Each round rules out at least one strategy for each run that is still open.
    while (open.length > 0) {
      const waitedMs = work.waitedMs + performance.now() - startedMs;
      const routed = await Promise.all(
        open.map(async (planned) => ({
          planned,
          route: await this.router.route({
            analyzer: planned.analyzer,
            job: jobOf(work, queue, [planned]),
            waitedMs,
            ruledOut: planned.ruledOut,
          }),
        })),
      );
      settlements.push(...routed.flatMap(({ planned, route }) => (route.kind === 'go' ? [] : [this.endings.unrouted(planned, route)])));
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
  }

  private async plan(run: ClaimedRun, as?: RegisteredAnalyzer): Promise<PlannedRun | Settlement> {
    const analyzer = as ?? this.analyzers.get(run.analyzerId);
    if (analyzer === undefined) return { ...idOf(run), state: 'skipped', reason: 'disabled' };
    if (analyzer.configHash !== run.configHash) return { ...idOf(run), state: 'skipped', reason: 'config-changed' };
    const { checkpoint, deferrals: _, ...rest } = run;
    const left = readRunState(checkpoint?.data).analyzer;
    const task: AnalyzerTask = {
      ...rest,
      attempt: countedAttempts(run),
      solves: analyzer.definition.solves,
      config: analyzer.config,
      writtenConfig: analyzer.placement.config as JsonObject,
      when: analyzer.placement.when,
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
      return this.endings.failure(run, error);
    }
  }

  private async attempt(work: ClaimedSegment, group: RoutedGroup, signal: AbortSignal): Promise<Attempted> {
    const { route, runs, job } = group;
    const { place } = route;
    let money: HeldMoney | { readonly refused: string };
    try {
      const cost = runs.length === 1 ? route.quote.costPerJob : (await quoteOf(place, job)).costPerJob;
      money = await this.money.hold(
        place,
        runs.map(({ analyzer }) => analyzer),
        cost,
      );
    } catch (error) {
      return this.allFailed(group, error);
    }
    if ('refused' in money) return this.withoutMoney(group, money.refused);

    const startedMs = performance.now();
    place.breaker.began();
    let outcome: AnalysisOutcome;
    try {
      outcome = await callStrategy(place, this.withThumbnails(work, job), signal, this.timeoutMs(group));
    } catch (error) {
      const failure = error as StrategyFailure;
      await money.settle(spentBy(failure));
      if (!signal.aborted) return this.failed(group, failure, performance.now() - startedMs);
      place.breaker.ended();
      return { settlements: runs.map(({ run }) => ({ ...idOf(run), state: 'returned' })), again: [] };
    }
    const elapsedMs = performance.now() - startedMs;
    await money.settle(outcome.cost ?? 0);
    const again = this.failedTasks(group, outcome);
    const isAtFault = outcome.tasks.some((task) => task.status === 'failed' && isBadAnswer(task.code));
    if (isAtFault || (place.standsIn && again.length === runs.length)) place.breaker.failed();
    else place.breaker.succeeded();
    const runMs = Math.max(outcome.wallMs, elapsedMs - route.quote.startDelayMs);
    for (const { analyzer } of runs)
      this.runTimes.record(place.id, analyzer.definition.id, runMs, (work.segment.ptsEndUs - work.segment.ptsStartUs) / 1_000);
    const settlements = await Promise.all(
      runs.filter((planned) => !again.includes(planned)).map((planned) => this.settle(work, planned, group, outcome, signal)),
    );
    return { settlements, again, executed: { job, place, outcome } };
  }

  private failed(group: RoutedGroup, { cause: error, hasBegun }: StrategyFailure, wallMs: number): Attempted {
    const { route, runs, job } = group;
    const { place } = route;
    if (error.code === 'VD_PIPELINE_STRATEGY_FAILED') this.faults.tell(place.id, error.cause);
    // Media that cannot be had is no fault of a strategy; another machine may be better placed to get it. Nor is a long queue.
    if (isOfTheWork(error.code) || isOfTheMedia(error.code) || error.code === 'VD_PIPELINE_NOT_BEGUN') place.breaker.ended();
    else place.breaker.failed();
    if (isOfTheWork(error.code)) return this.allFailed(group, error, wallMs);
    discardQuietly(place, job);
    if (isBadAnswer(error.code)) this.warnings.warn(`Strategy ${place.id}`, error);
    for (const planned of runs) {
      if (hasBegun) ruleOut(planned, place, error, error.cost / runs.length, error.code === 'VD_PIPELINE_TIMEOUT');
      // It was not tried: it waits for the place, unless another takes it.
      else planned.ruledOut.set(place.id, { kind: 'away', text: `${place.id}: ${error.message}` });
    }
    return { settlements: [], again: runs };
  }

  private allFailed({ route: { place }, runs }: RoutedGroup, error: unknown, wallMs?: number): Attempted {
    const isOfTask = wallMs !== undefined;
    const settlements = runs.map(({ run, placeReason }): Settlement => ({
      ...this.endings.failure(run, error, isOfTask),
      strategy: place.id,
      strategyReason: placeReason,
      wallMs,
    }));
    return { settlements, again: [] };
  }

  /**
   * Elsewhere a task may well be done: a provider is not the analyzer, another machine may lack what it needs, and a strategy may
   * answer nonsense.
   */
  private failedTasks({ route: { place }, runs }: RoutedGroup, { tasks, cost = 0 }: AnalysisOutcome): PlannedRun[] {
    const runsAnalyzersHere = place.reach === 'worker' && !place.standsIn;
    return runs.filter((planned) => {
      const task = tasks.find(({ runId }) => runId === planned.run.runId);
      if (task?.status !== 'failed' || isOfTheWork(task.code) || (runsAnalyzersHere && !isBadAnswer(task.code))) return false;
      const error = new CodedError(task.code, task.message, undefined, { retryable: task.retryable });
      if (isBadAnswer(task.code)) this.warnings.warn(`Strategy ${place.id}`, error);
      ruleOut(planned, place, error, cost / runs.length, true);
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
    { route, runs }: RoutedGroup,
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
    const task = outcome.tasks.find(({ runId }) => runId === run.runId)!;
    if (task.status === 'failed' && signal.aborted) return { ...idOf(run), state: 'returned' };
    try {
      return { ...base, ...this.endings.ended(run, await this.staged(run, work, task)) };
    } catch (error) {
      return { ...base, ...this.endings.failure(run, error, true) };
    }
  }

  private withThumbnails(work: ClaimedSegment, job: AnalysisJob): AnalysisJob {
    if (!this.options.makesThumbnails) return job;
    const thumbnailsAtUs = slotTimesUs(work, THUMBNAIL_LIMITS.perJob);
    return thumbnailsAtUs.length === 0 ? job : { ...job, thumbnailsAtUs };
  }

  private staged(run: ClaimedRun, work: ClaimedSegment, task: TaskOutcome): Promise<TaskOutcome> | TaskOutcome {
    return this.stage === undefined || task.status === 'skipped' || task.status === 'failed' ? task : this.stage.apply(run, work, task);
  }
}

function ruleOut(planned: PlannedRun, place: StrategyPlace, error: CodedError, cost: number, isOfTask: boolean): void {
  planned.lastError = error;
  planned.isStateSuspect = isOfTask;
  planned.spent += cost;
  planned.ruledOut.set(place.id, { kind: 'failed', text: `${place.id} failed with ${error.code}` });
}
