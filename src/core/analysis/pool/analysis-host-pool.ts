import { Inject, Injectable, Optional } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { analysisError } from '../../errors/analysis.errors.js';
import type {
  AnalysisHostPool,
  AnalysisJob,
  AnalysisOutcome,
  JobProgress,
  Logger,
  PictureRequest,
  PictureSampler,
  PoolLoad,
  SampledPictures,
  StrategyHealth,
} from '../../plugin-api/index.js';
import { type HeldSegment, SegmentFiles } from '../../media/store/segment-files.js';
import { loggerOf } from '../../observability/component-logger.js';
import { ReferenceLibrary } from '../../brands/reference-library.js';
import type { HostAnswer, HostOrder } from '../host-protocol.js';
import { HostProcess, type HostOptions } from './host-process.js';
import { laneOf, TakenDown } from './jobs-under-way.js';
import { SharedLoads } from '../../brands/shared-loads.js';

/** Lanes whose host is remembered; beyond it the longest unused is forgotten and starts cold. */
const MAX_LANES = 10_000;
/** A host that failed to start this often in a row is counted out until it does start. */
const HOPELESS_STARTS = 3;
/** A host without a job for so long is ended, all but one: what runs again by then keeps its warm decoders. */
const REST_AFTER_MS = 5 * 60_000;
const REST_POLL_MS = 30_000;

/** Nest token of {@link HostPoolOptions}. */
export const HOST_POOL_OPTIONS = Symbol.for('vedette.host-pool-options');

export interface HostPoolOptions extends HostOptions {
  readonly hosts: number;
  /** Milliseconds without a job after which a host is ended, all but one. */
  readonly restAfterMs?: number;
}

interface Waiting {
  readonly order: HostOrder;
  readonly root: string;
  readonly lane: string;
  readonly signal: AbortSignal;
  readonly progress: JobProgress | undefined;
  readonly resolve: (answer: HostAnswer) => void;
  readonly reject: (error: Error) => void;
  /** A run that failed before, or a job that was under way with others when their host ended: no other is to end with it. */
  isAlone: boolean;
}

/**
 * The worker's analysis hosts. A lane (stream, queue) stays with its host, so that decoders and stateful analyzers are warm;
 * when its host is busy and another is free, it moves there for good. Where a host has several jobs at once and ends, those that
 * are not known to be to blame are done again, each alone: their callers hear nothing of it.
 * Pictures are taken by any free host, by no more than half of them at once: they are not what hosts are kept for.
 * One host is up from the start; the others are started when a job finds none free, and rest again when there has long been none.
 */
@Injectable()
export class ForkedHostPool implements AnalysisHostPool, PictureSampler {
  private readonly hosts: readonly HostProcess[];
  private readonly jobsPerHost: number;
  private waiting: Waiting[] = [];
  private readonly maxSampling: number;
  private sampling = 0;
  private readonly laneHosts = new LRUCache<string, HostProcess>({ max: MAX_LANES });
  private readonly restAfterMs: number;
  private resting: NodeJS.Timeout | undefined;
  private isClosed = false;

  /**
   * @param segments where jobs' segments come from
   * @param library where hosts get reference images from; absent: there are none
   */
  constructor(
    @Inject(HOST_POOL_OPTIONS) options: HostPoolOptions,
    private readonly segments: SegmentFiles,
    @Inject(loggerOf('analysis-hosts')) private readonly logger: Logger,
    @Optional() library?: ReferenceLibrary,
  ) {
    this.jobsPerHost = options.jobsPerHost;
    this.restAfterMs = options.restAfterMs ?? REST_AFTER_MS;
    this.maxSampling = Math.max(1, Math.floor(options.hosts / 2));
    const surroundings = { references: new SharedLoads(library), logger };
    this.hosts = Array.from({ length: options.hosts }, (_, i) => new HostProcess(`host-${i + 1}`, options, surroundings));
    for (const host of this.hosts) {
      host.on('free', () => this.dispatch());
      host.on('down', () => this.giveUpIfHopeless());
    }
  }

  /** Forks the first host, which is there for the first job; the others follow as there is work for them. */
  start(): void {
    this.hosts[0]?.start();
    this.resting = setInterval(() => this.rest(), Math.min(REST_POLL_MS, this.restAfterMs));
    this.resting.unref();
    this.logger.info('Analysis hosts start as there is work', { hosts: this.hosts.length });
  }

  /** Process ids of the hosts that are up, for a person and for tests. */
  get pids(): readonly number[] {
    return this.hosts.flatMap((host) => host.pid ?? []);
  }

  execute(job: AnalysisJob, signal: AbortSignal, progress?: JobProgress): Promise<AnalysisOutcome> {
    return this.order({ job }, signal, progress) as Promise<AnalysisOutcome>;
  }

  sample(job: AnalysisJob, pictures: PictureRequest, signal: AbortSignal): Promise<SampledPictures> {
    return this.order({ job, pictures }, signal) as Promise<SampledPictures>;
  }

  private async order(order: HostOrder, signal: AbortSignal, progress?: JobProgress): Promise<HostAnswer> {
    const { job } = order;
    if (this.isClosed) throw analysisError('VD_ANALYSIS_UNAVAILABLE', 'the worker is shutting down');
    if (signal.aborted) throw analysisError('VD_ANALYSIS_ABORTED', `job ${job.jobId} was called off before it began`);
    const held = await this.segments.obtain(job.segment, signal);
    try {
      return await this.queue(order, held, signal, progress);
    } finally {
      held.release();
    }
  }

  private queue(order: HostOrder, { root }: HeldSegment, signal: AbortSignal, progress?: JobProgress): Promise<HostAnswer> {
    if (this.isClosed) throw analysisError('VD_ANALYSIS_UNAVAILABLE', 'the worker is shutting down');
    return new Promise<HostAnswer>((resolve, reject) => {
      const isAlone = order.job.tasks.some(({ attempt }) => attempt > 1);
      const waiting: Waiting = { order, root, lane: laneOf(order), signal, progress, resolve, reject, isAlone };
      this.waiting.push(waiting);
      progress?.waits();
      if (signal.aborted) return this.withdraw(waiting);
      signal.addEventListener('abort', () => this.withdraw(waiting), { once: true });
      this.dispatch();
    });
  }

  discard(job: AnalysisJob): void {
    for (const host of this.hosts) host.discard(job);
  }

  load(): PoolLoad {
    const able = this.isClosed ? [] : this.hosts.filter(({ isUp, isResting }) => isUp || isResting);
    return {
      capacity: able.length * this.jobsPerHost,
      running: this.hosts.reduce((sum, host) => sum + host.jobCount, 0),
      waiting: this.waiting.length,
    };
  }

  health(): StrategyHealth {
    const resting = this.hosts.filter((host) => host.isResting).length;
    const up = this.hosts.filter((host) => host.isUp).length;
    // Jobs wait for hosts that are on their way up; those that never come are what counts as down.
    const isDown = this.isClosed || (up === 0 && this.wanted().length > 0 && this.wanted().every((host) => host.failedStarts > 0));
    const why = this.startFailure();
    const reason = why === undefined ? '' : `; ${why}`;
    const rest = resting === 0 ? '' : `, ${resting} at rest until needed`;
    const detail = `${up} of ${this.hosts.length} analysis hosts up${rest}, ${this.waiting.length} jobs waiting${reason}`;
    return { status: isDown ? 'down' : up + resting < this.hosts.length ? 'degraded' : 'up', detail };
  }

  /** Turns waiting jobs away, ends running ones with their hosts. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.resting);
    for (const { reject } of this.waiting.splice(0)) reject(analysisError('VD_ANALYSIS_UNAVAILABLE', 'the worker is shutting down'));
    await Promise.all(this.hosts.map((host) => host.stop()));
  }

  private dispatch(): void {
    if (this.isClosed) return;
    this.giveOut();
    this.wake();
  }

  private giveOut(): void {
    let free = this.hosts.filter((host) => host.isFree);
    for (const waiting of [...this.waiting]) {
      if (free.length === 0) return;
      if (isPictures(waiting) && this.sampling >= this.maxSampling) continue;
      const host = this.hostFor(waiting, free);
      if (host !== undefined) {
        this.waiting = this.waiting.filter((other) => other !== waiting);
        if (!isPictures(waiting)) this.settleOn(waiting.lane, host);
        void this.run(waiting, host);
      } else if (waiting.isAlone) {
        // One host takes no more until it has none: else there would always be another job.
        const emptiest = byLoad(free)[0];
        free = free.filter((other) => other !== emptiest);
      }
      free = free.filter((other) => other.isFree);
    }
  }

  /** Starts as many resting hosts as the jobs need that nobody can begin now. */
  private wake(): void {
    const starting = this.wanted().filter((host) => !host.isUp).length;
    const pictures = this.waiting.filter(isPictures).length;
    const due = this.waiting.length - pictures + Math.min(pictures, this.maxSampling - this.sampling);
    const missing = Math.ceil(due / this.jobsPerHost) - starting;
    for (const host of this.hosts.filter(({ isResting }) => isResting).slice(0, Math.max(0, missing))) host.start();
  }

  /** Ends hosts that have long had nothing to do. The first stays: a stream that begins finds it there. */
  private rest(): void {
    for (const host of this.hosts.slice(1)) if (host.idleMs() > this.restAfterMs) void host.stop();
  }

  /** Hosts that are up, or should be. */
  private wanted(): readonly HostProcess[] {
    return this.hosts.filter((host) => !host.isResting);
  }

  private async run(waiting: Waiting, host: HostProcess): Promise<void> {
    const { order, root, signal, progress, isAlone } = waiting;
    const share = isPictures(waiting) ? 1 : 0;
    this.sampling += share;
    try {
      const answer = host.execute(order, root, signal, isAlone);
      progress?.begins();
      waiting.resolve(await answer);
    } catch (error) {
      if (error instanceof TakenDown && !this.isClosed) this.again(waiting, error);
      else waiting.reject(error instanceof TakenDown ? error.cause : (error as Error));
    } finally {
      this.sampling -= share;
      // Others that were held back for its sake may go.
      if (share > 0) this.dispatch();
    }
  }

  private again(waiting: Waiting, { isSuspect, message }: TakenDown): void {
    this.logger.warn('A job was under way in an analysis host that ended; it is done again', {
      jobId: waiting.order.job.jobId,
      alone: isSuspect,
      detail: message,
    });
    waiting.isAlone ||= isSuspect;
    this.waiting.unshift(waiting);
    waiting.progress?.waits();
    this.dispatch();
  }

  /** The lane's own host if it is free, else the free one with the fewest jobs and lanes. */
  private hostFor({ lane, isAlone }: Waiting, free: readonly HostProcess[]): HostProcess | undefined {
    const fit = free.filter((host) => !host.hasLane(lane) && (!isAlone || host.jobCount === 0));
    const own = this.laneHosts.peek(lane);
    if (own !== undefined && fit.includes(own)) return own;
    const lanes = new Map<HostProcess, number>();
    for (const host of this.laneHosts.values()) lanes.set(host, (lanes.get(host) ?? 0) + 1);
    return byLoad(fit, lanes)[0];
  }

  private settleOn(lane: string, host: HostProcess): void {
    this.laneHosts.set(lane, host);
  }

  private withdraw(waiting: Waiting): void {
    if (!this.waiting.includes(waiting)) return;
    this.waiting = this.waiting.filter((other) => other !== waiting);
    waiting.reject(analysisError('VD_ANALYSIS_ABORTED', `job ${waiting.order.job.jobId} was called off before it began`));
  }

  private giveUpIfHopeless(): void {
    if (!this.wanted().every((host) => host.failedStarts >= HOPELESS_STARTS)) return;
    const why = this.startFailure();
    for (const { reject, order } of this.waiting.splice(0)) {
      const detail = `no analysis host starts; job ${order.job.jobId} was not begun${why === undefined ? '' : `: ${why}`}`;
      reject(analysisError('VD_ANALYSIS_UNAVAILABLE', detail));
    }
  }

  private startFailure(): string | undefined {
    return this.hosts.find((host) => host.startFailure !== undefined)?.startFailure;
  }
}

const isPictures = ({ order }: Waiting): boolean => order.pictures !== undefined;

const byLoad = (hosts: readonly HostProcess[], lanes: ReadonlyMap<HostProcess, number> = new Map()): HostProcess[] =>
  hosts.toSorted((a, b) => a.jobCount - b.jobCount || (lanes.get(a) ?? 0) - (lanes.get(b) ?? 0));
