import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { queueError } from '../errors/queue.errors.js';
import type { JsonObject } from '../plugin-api/index.js';
import { PluginRegistry } from '../plugin-host/plugin-registry.js';
import type { AnalyzeSegmentJob } from '../queue/analyze-segment-job.js';
import { DeadJobError, QueueWorkers } from '../queue/queue-workers.js';
import { ArchiveUpkeep } from './archive-upkeep.js';
import { BackfillTask } from './background/backfill-task.js';
import { BackgroundLanes } from './background/background-lanes.js';
import { BackgroundStreams } from './background/background-streams.js';
import { BackgroundWork } from './background/background-work.js';
import { LaneLeases } from './lane-leases.js';
import { LaneRunner } from './lane-runner.js';
import { Reconciler } from './reconciler.js';
import { RunTimes } from './routing/run-times.js';
import { reportOf, StrategyDirectory } from './routing/strategy-directory.js';
import { ShadowRunner } from './shadow/shadow-runner.js';
import { WORKER_OPTIONS, type WorkerOptions } from './worker-options.js';

/** On the way out, segments under way get this long to end; then they are called off and handed back. */
const DRAIN_MS = 5_000;
/** And this long to be handed back: together well within the time a role is given to stop. */
const HAND_BACK_MS = 5_000;

/** The worker role: from the queues' jobs to lanes, and an orderly end. */
@Injectable()
export class PipelineWorker {
  private isRunning = false;

  constructor(
    private readonly registry: PluginRegistry,
    private readonly strategies: StrategyDirectory,
    private readonly runTimes: RunTimes,
    private readonly shadows: ShadowRunner,
    private readonly leases: LaneLeases,
    private readonly runner: LaneRunner,
    private readonly reconciler: Reconciler,
    private readonly archive: ArchiveUpkeep,
    private readonly streams: BackgroundStreams,
    private readonly lanes: BackgroundLanes,
    private readonly backfills: BackfillTask,
    private readonly background: BackgroundWork,
    private readonly workers: QueueWorkers,
    @Inject(WORKER_OPTIONS) private readonly options: WorkerOptions,
  ) {}

  /** @throws VD_QUEUE_UNKNOWN for a queue that no plugin names */
  async start(): Promise<void> {
    const queues = this.queues();
    await this.strategies.open();
    this.isRunning = true;
    this.leases.start();
    await this.workers.start(queues, (job) => this.work(job));
    await this.reconciler.start(queues);
    this.archive.start();
    this.lanes.open(queues);
    this.background.start([this.lanes, this.backfills]);
  }

  /** How each strategy of this worker is, and what it takes; told with the heartbeat. */
  async report(): Promise<Record<string, JsonObject>> {
    if (!this.isRunning) return {};
    const reports = this.strategies.all.map(async (place): Promise<[string, JsonObject]> => [
      place.id,
      { ...(await reportOf(place)), msPerMediaSecond: this.runTimes.of(place.id) },
    ]);
    return Object.fromEntries(await Promise.all(reports));
  }

  /** Takes nothing more, ends or hands back what is under way. Idempotent. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    this.isRunning = false;
    this.runner.drain();
    await Promise.all([this.workers.pause(), this.reconciler.stop(), this.archive.stop()]);
    const backgroundEnd = this.background.stop();
    const calledOff = new AbortController();
    const callOff = delay(DRAIN_MS, undefined, { signal: calledOff.signal }).then(
      () => this.leases.abortAll(new Error('This worker is stopping')),
      () => undefined,
    );
    await this.workers.close(DRAIN_MS + HAND_BACK_MS);
    calledOff.abort();
    await callOff;
    await backgroundEnd;
    await this.leases.stop();
    await this.shadows.stop();
    await this.strategies.close();
  }

  private async work({ streamId, queue }: AnalyzeSegmentJob): Promise<void> {
    // It is done when there is time: the job was but a bell.
    if (await this.streams.has(streamId)) return this.background.wake();
    const failures = await this.runner.visit({ streamId, queue });
    if (failures.length === 0) return;
    const { code, message } = queueError('VD_PIPELINE_RUN_FAILED', failures.join('\n'));
    throw new DeadJobError(`${code}: ${message}`);
  }

  private queues(): readonly string[] {
    const known = this.registry.queues;
    const wanted = this.options.queues ?? known;
    const unknown = wanted.filter((queue) => !known.includes(queue));
    if (unknown.length === 0) return wanted;
    throw queueError('VD_QUEUE_UNKNOWN', `--queues names ${unknown.join(', ')}; there are ${known.join(', ')}`);
  }
}
