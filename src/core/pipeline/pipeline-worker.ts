import { setTimeout as delay } from 'node:timers/promises';
import type { VedetteConfig } from '../config/schema.js';
import { queueError } from '../errors/queue.errors.js';
import type { SegmentFiles } from '../media/store/segment-files.js';
import type { FeedRetention } from '../persistence/feed-retention.js';
import type { InstanceHeartbeat } from '../persistence/instance-heartbeat.js';
import type { EpochEvents } from '../persistence/ledger/epoch-events.js';
import type { RunLedger } from '../persistence/ledger/run-ledger.js';
import type { PartitionKeeper } from '../persistence/partition-keeper.js';
import type { ShadowBook } from '../persistence/places/shadow-book.js';
import type { Spending } from '../persistence/places/spending.js';
import type { JsonObject, Logger } from '../plugin-api/index.js';
import type { PluginRegistry } from '../plugin-host/plugin-registry.js';
import type { AnalyzeSegmentJob } from '../queue/analyze-segment-job.js';
import type { QueueBell } from '../queue/queue-bell.js';
import { DeadJobError, type QueueWorkers } from '../queue/queue-workers.js';
import { PluginFaultLog } from '../observability/plugin-fault-log.js';
import type { ThrottledWarnings } from '../observability/throttled-warnings.js';
import type { RuleStore } from '../rules/rule-store.js';
import type { ReferenceLibrary } from '../brands/reference-library.js';
import { LaneLeases } from './lane-leases.js';
import { LaneRunner } from './lane-runner.js';
import { Reconciler } from './reconciler.js';
import { SegmentProcessor } from './segment-processor.js';
import { JobMoney } from './routing/job-money.js';
import { Router } from './routing/router.js';
import { RunTimes } from './routing/run-times.js';
import { reportOf, StrategyDirectory } from './routing/strategy-directory.js';
import { ShadowRunner } from './shadow/shadow-runner.js';
import { ResultStage } from './result-stage.js';
import type { WorkerOptions } from './worker-options.js';

/** On the way out, segments under way get this long to end; then they are called off and handed back. */
const DRAIN_MS = 5_000;
/** And this long to be handed back: together well within the time a role is given to stop. */
const HAND_BACK_MS = 5_000;

export interface PipelineWorkerParts {
  readonly config: VedetteConfig;
  readonly options: WorkerOptions;
  readonly registry: PluginRegistry;
  readonly ledger: RunLedger;
  readonly segments: SegmentFiles;
  readonly events: EpochEvents;
  readonly partitions: PartitionKeeper;
  readonly feed: FeedRetention;
  readonly references: ReferenceLibrary;
  readonly rules: RuleStore;
  readonly spending: Spending;
  readonly shadowBook: ShadowBook;
  readonly heartbeat: InstanceHeartbeat;
  readonly bell: QueueBell;
  readonly workers: QueueWorkers;
  readonly warnings: ThrottledWarnings;
  readonly logger: Logger;
}

interface Running {
  readonly strategies: StrategyDirectory;
  readonly runTimes: RunTimes;
  readonly shadows: ShadowRunner;
  readonly leases: LaneLeases;
  readonly runner: LaneRunner;
  readonly reconciler: Reconciler;
}

/** The worker role: from the queues' jobs to lanes, and an orderly end. */
export class PipelineWorker {
  private running: Running | undefined;

  constructor(private readonly parts: PipelineWorkerParts) {}

  /** @throws VD_QUEUE_UNKNOWN for a queue that no plugin names */
  async start(): Promise<void> {
    const {
      config,
      registry,
      ledger,
      segments,
      events,
      partitions,
      feed,
      references,
      rules,
      spending,
      shadowBook,
      heartbeat,
      bell,
      workers,
      warnings,
      logger,
    } = this.parts;
    const queues = this.queues();
    const owner = heartbeat.instanceId;
    const strategies = await StrategyDirectory.open(registry);
    const runTimes = new RunTimes();
    const money = new JobMoney(spending, (error) => warnings.warn('Giving back what was set aside', error));
    const placement = { router: new Router(strategies, runTimes), runTimes, money, warnings };
    const shadows = new ShadowRunner({
      analyzers: registry.analyzers,
      strategies,
      money,
      book: shadowBook,
      jobTimeoutMs: config.analysis.jobTimeout,
      onError: (error) => warnings.warn('Comparing strategies', error),
    });
    const processor = new SegmentProcessor(
      registry.analyzers,
      placement,
      segments,
      {
        jobTimeoutMs: config.analysis.jobTimeout,
        attempts: config.queues.attempts,
        backoffMs: config.queues.backoff,
        faults: new PluginFaultLog(logger),
      },
      references,
      new ResultStage(registry.analyzers, rules, logger),
    );
    const leases = new LaneLeases(ledger, owner, config.queues.lease, (error) => warnings.warn('Renewing leases', error));
    const runner = new LaneRunner({
      ...{ ledger, owner, processor, leases, bell, shadows, logger },
      roomFor: (queue) => workers.concurrencyOf(queue),
    });
    const reconciler = new Reconciler(
      { ledger, bell, events, partitions, feed, logger, warnings },
      {
        intervalMs: config.queues.reconcileInterval,
        maxLagMs: config.queues.maxLag,
        queues,
        analyzers: registry.analyzers.map(({ definition, configHash }) => ({ analyzerId: definition.id, configHash })),
      },
    );
    this.running = { strategies, runTimes, leases, runner, reconciler, shadows };
    leases.start();
    await workers.start(queues, (job) => this.work(runner, job));
    await reconciler.start();
  }

  /** How each strategy of this worker is, and what it takes; told with the heartbeat. */
  async report(): Promise<Record<string, JsonObject>> {
    const { running } = this;
    if (running === undefined) return {};
    const reports = running.strategies.all.map(async (place): Promise<[string, JsonObject]> => [
      place.id,
      { ...(await reportOf(place)), msPerMediaSecond: running.runTimes.of(place.id) },
    ]);
    return Object.fromEntries(await Promise.all(reports));
  }

  /** Takes nothing more, ends or hands back what is under way. Idempotent. */
  async stop(): Promise<void> {
    const { running } = this;
    if (running === undefined) return;
    this.running = undefined;
    const { strategies, leases, runner, reconciler, shadows } = running;
    runner.drain();
    await Promise.all([this.parts.workers.pause(), reconciler.stop()]);
    const calledOff = new AbortController();
    const callOff = delay(DRAIN_MS, undefined, { signal: calledOff.signal }).then(
      () => leases.abortAll(new Error('This worker is stopping')),
      () => undefined,
    );
    await this.parts.workers.close(DRAIN_MS + HAND_BACK_MS);
    calledOff.abort();
    await callOff;
    await leases.stop();
    await shadows.stop();
    await strategies.close();
  }

  private async work(runner: LaneRunner, { streamId, queue }: AnalyzeSegmentJob): Promise<void> {
    const failures = await runner.visit({ streamId, queue });
    if (failures.length === 0) return;
    const { code, message } = queueError('VD_PIPELINE_RUN_FAILED', failures.join('\n'));
    throw new DeadJobError(`${code}: ${message}`);
  }

  private queues(): readonly string[] {
    const known = this.parts.registry.queues;
    const wanted = this.parts.options.queues ?? known;
    const unknown = wanted.filter((queue) => !known.includes(queue));
    if (unknown.length === 0) return wanted;
    throw queueError('VD_QUEUE_UNKNOWN', `--queues names ${unknown.join(', ')}; there are ${known.join(', ')}`);
  }
}
