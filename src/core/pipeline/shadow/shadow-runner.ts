import { Inject, Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { ThrottledWarnings } from '../../observability/throttled-warnings.js';
import { ShadowBook, type ShadowEntry } from '../../persistence/places/shadow-book.js';
import { type AnalysisJob, type AnalysisOutcome, type AnalyzerTask } from '../../plugin-api/index.js';
import { PluginRegistry, type RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import { JobMoney } from '../routing/job-money.js';
import { discardQuietly, healthOf, quoteOf, StrategyDirectory, type StrategyPlace } from '../routing/strategy-directory.js';
import type { ExecutedJob } from '../segment-processor.js';
import { callStrategy, spentBy, type StrategyFailure } from '../strategy-call.js';
import { PIPELINE_OPTIONS, type PipelineOptions } from '../worker-options.js';
import { compareResults } from '../../agreement/compare-results.js';

/** Comparisons under way at once in one worker; what comes meanwhile is left out. */
const AT_ONCE = 2;

/**
 * Runs a second strategy on a share of segments, after the first one's results are stored, compares and writes down how they
 * agree. It never holds a lane up, never emits, and pays from the same budgets.
 */
@Injectable()
export class ShadowRunner {
  private readonly analyzers: ReadonlyMap<string, RegisteredAnalyzer>;
  private readonly underWay = new Set<Promise<void>>();
  private readonly stopping = new AbortController();

  constructor(
    registry: PluginRegistry,
    private readonly strategies: StrategyDirectory,
    private readonly money: JobMoney,
    private readonly book: ShadowBook,
    private readonly warnings: ThrottledWarnings,
    @Inject(PIPELINE_OPTIONS) private readonly options: PipelineOptions,
  ) {
    this.analyzers = new Map(registry.analyzers.map((analyzer) => [analyzer.definition.id, analyzer]));
  }

  /** @param settled runs whose results were stored */
  consider(executed: readonly ExecutedJob[], settled: ReadonlySet<string>): void {
    for (const { job, place, outcome } of executed) {
      for (const task of job.tasks) {
        if (!settled.has(task.runId) || this.underWay.size >= AT_ONCE || this.stopping.signal.aborted) continue;
        const shadow = this.shadowOf(task, job, place);
        if (shadow === undefined) continue;
        const running = this.run(job, task, place, shadow, outcome)
          .catch((error: unknown) => this.warnings.warn('Comparing strategies', error))
          .finally(() => this.underWay.delete(running));
        this.underWay.add(running);
      }
    }
  }

  /** Calls off what is under way. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('This worker is stopping'));
    await Promise.all(this.underWay);
  }

  private shadowOf(task: AnalyzerTask, job: AnalysisJob, main: StrategyPlace): StrategyPlace | undefined {
    const wanted = this.analyzers.get(task.analyzerId)?.placement.execution.shadow;
    if (wanted === undefined || wanted.strategy === main.id || !isOfTheShare(job, task, wanted.share)) return undefined;
    const place = this.strategies.get(wanted.strategy);
    const isForbidden = place?.reach === 'cloud' && job.stream.isPrivate === true;
    return isForbidden ? undefined : place;
  }

  private async run(
    job: AnalysisJob,
    task: AnalyzerTask,
    main: StrategyPlace,
    shadow: StrategyPlace,
    outcome: AnalysisOutcome,
  ): Promise<void> {
    const mainTask = outcome.tasks.find(({ runId }) => runId === task.runId);
    if (mainTask === undefined || !('results' in mainTask)) return;
    const entry = {
      runId: task.runId,
      streamId: job.stream.streamId,
      analyzerId: task.analyzerId,
      configHash: task.configHash,
      strategy: main.id,
      shadowStrategy: shadow.id,
      mainWallMs: outcome.wallMs,
      mainCost: (outcome.cost ?? 0) / job.tasks.length,
    };
    const alone: AnalysisJob = { ...job, jobId: `shadow-${job.jobId}-${task.runId}`, tasks: [task] };
    const answer = await this.ask(alone, shadow);
    const compared = 'tasks' in answer ? compare(mainTask.results, answer, task) : answer;
    await this.book.write({ ...entry, ...compared });
  }

  private async ask(
    job: AnalysisJob,
    place: StrategyPlace,
  ): Promise<AnalysisOutcome | Pick<ShadowEntry, 'state' | 'reason' | 'shadowCost'>> {
    const { detail, status } = await healthOf(place);
    if (status === 'down') return { state: 'skipped', reason: `${place.id} is down${detail === undefined ? '' : `: ${detail}`}` };
    if (!job.tasks.every((task) => place.strategy.supports(task))) return { state: 'skipped', reason: `${place.id} does not take it` };
    if (!place.breaker.allows) return { state: 'skipped', reason: `${place.id} rests after failures in a row` };
    const analyzers = job.tasks.flatMap(({ analyzerId }) => this.analyzers.get(analyzerId) ?? []);
    const money = await this.money.hold(place, analyzers, (await quoteOf(place, job)).costPerJob);
    if ('refused' in money) return { state: 'skipped', reason: `the budget of ${money.refused} has not enough left` };
    const startedMs = performance.now();
    place.breaker.began();
    try {
      const outcome = await callStrategy(place, job, this.stopping.signal, this.options.jobTimeoutMs);
      place.breaker.succeeded();
      await money.settle(outcome.cost ?? 0);
      return { ...outcome, wallMs: performance.now() - startedMs };
    } catch (error) {
      const failure = error as StrategyFailure;
      const { cause, hasBegun } = failure;
      if (this.stopping.signal.aborted) place.breaker.ended();
      else place.breaker.failed();
      await money.settle(spentBy(failure));
      return { state: hasBegun ? 'failed' : 'skipped', reason: `${cause.code}: ${cause.message}`, shadowCost: cause.cost };
    } finally {
      // What it kept of the stream is not what the next segment builds on.
      discardQuietly(place, job);
    }
  }
}

function compare(
  mainResults: Parameters<typeof compareResults>[0],
  outcome: AnalysisOutcome,
  { runId }: AnalyzerTask,
): Pick<ShadowEntry, 'state' | 'reason'> & Partial<ShadowEntry> {
  const figures = { shadowWallMs: outcome.wallMs, shadowCost: outcome.cost ?? 0 };
  const task = outcome.tasks.find((one) => one.runId === runId);
  if (task === undefined) return { state: 'failed', reason: 'it gave no outcome', ...figures };
  if (task.status === 'failed') return { state: 'failed', reason: `${task.code}: ${task.message}`, ...figures };
  if (task.status === 'skipped') return { state: 'skipped', reason: task.reason, ...figures };
  return { state: 'compared', ...compareResults(mainResults, task.results), ...figures };
}

/** The same segments for every worker and every restart, spread evenly. */
function isOfTheShare({ segment }: AnalysisJob, { analyzerId }: AnalyzerTask, share: number): boolean {
  const digest = createHash('sha256').update(`${segment.epochId} ${segment.sequence} ${analyzerId}`).digest();
  return digest.readUInt32BE(0) / 2 ** 32 < share;
}
