import { EventEmitter } from 'node:events';
import { forkModule, type ChildEnvironment, type ChildProcess } from '../../children/child-process.js';
import type { Confinement } from '../../children/confinement.js';
import { analysisError } from '../../errors/analysis.errors.js';
import { exhaustedLimit } from '../../errors/exhausted-limit.js';
import { CodedError, errorText } from '../../plugin-api/index.js';
import type { AnalysisJob, Logger } from '../../plugin-api/index.js';
import type { FromHost, HostAnswer, HostOrder, ToHost } from '../host-protocol.js';
import { JobsUnderWay, laneOf, TakenDown, type JobUnderWay } from './jobs-under-way.js';
import { residentBytes } from '../../runtime/resident-memory.js';
import type { SharedLoads } from '../../brands/shared-loads.js';

const START_TIMEOUT_MS = 60_000;
const MEMORY_POLL_MS = 500;
/** Past this share of the limit a host is replaced between two jobs, before one has to be broken off. */
const RECYCLE_SHARE = 0.8;
/** What the kernel refuses a host, far above where the pool ends it: threads and models reserve more than they use. */
const HARD_LIMIT_FACTOR = 8;
const LEAST_HARD_LIMIT_BYTES = 8 * 1024 ** 3;
const STOP_GRACE_MS = 2_000;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;

export interface HostOptions {
  readonly entry: string;
  readonly args: readonly string[];
  readonly environment: ChildEnvironment;
  readonly execArgv: readonly string[];
  /** Absent: a host may do what the worker may. */
  readonly confinement?: Confinement;
  /** What a host gets in place of a config file and an environment of its own. */
  readonly handOver?: unknown;
  /** Segments under way at once in one host. */
  readonly jobsPerHost: number;
  readonly jobTimeoutMs: number;
  readonly memoryLimitBytes: number;
}

/** What hosts of one pool share. */
export interface HostSurroundings {
  readonly references: SharedLoads;
  readonly logger: Logger;
}

/** Why a host was ended, and for which of its jobs, as far as one is known to be to blame. */
interface Killing {
  readonly error: CodedError;
  readonly blamed: JobUnderWay | undefined;
}

/**
 * One slot of the pool: a child process that is replaced when it dies. Emits `free` whenever it can take a job, `down` when a
 * start failed.
 */
export class HostProcess extends EventEmitter<{ free: []; down: [] }> {
  private child: ChildProcess | null = null;
  private state: 'stopped' | 'starting' | 'up' | 'restarting' = 'stopped';
  private readonly jobs = new JobsUnderWay();
  /** The job under way is to be alone here. */
  private isExclusive = false;
  /** It takes no more jobs, and is replaced when those it has are done. */
  private isRetiring = false;
  private killedFor: Killing | null = null;
  private nextId = 1;
  private lastUsedAtMs = 0;
  private restartTimer: NodeJS.Timeout | undefined;
  private startTimer: NodeJS.Timeout | undefined;
  /** Deaths since a job last succeeded: the back-off grows with it. */
  private deaths = 0;
  /** Starts since the host last said it was ready. */
  failedStarts = 0;
  /** Why the last start failed, where the host could say so. */
  startFailure: string | undefined;

  constructor(
    readonly name: string,
    private readonly options: HostOptions,
    private readonly surroundings: HostSurroundings,
  ) {
    super();
  }

  /** Whether it can take another job. */
  get isFree(): boolean {
    return this.state === 'up' && !this.isRetiring && !this.isExclusive && this.jobs.count < this.options.jobsPerHost;
  }
  get isUp(): boolean {
    return this.state === 'up';
  }
  /** It was never started, or was stopped. */
  get isResting(): boolean {
    return this.state === 'stopped';
  }
  get jobCount(): number {
    return this.jobs.count;
  }
  get pid(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    if (this.state !== 'stopped' && this.state !== 'restarting') return;
    clearTimeout(this.restartTimer);
    this.state = 'starting';
    this.killedFor = null;
    this.isRetiring = false;
    const { entry, args, environment: env, execArgv, confinement, handOver, memoryLimitBytes } = this.options;
    const child = forkModule(entry, args, {
      serialization: 'advanced',
      ...{ env, execArgv, confinement, handOver },
      stdio: ['ignore', 'inherit', 'inherit'],
      limits: { memoryBytes: Math.max(LEAST_HARD_LIMIT_BYTES, HARD_LIMIT_FACTOR * memoryLimitBytes) },
    });
    this.child = child;
    child.on('message', (message) => this.received(message as FromHost));
    child.once('error', (error) => this.notStarted(child, error));
    child.once('exit', (code, signal) => this.exited(child, signal ?? `code ${code}`));
    this.startTimer = setTimeout(() => {
      this.kill(analysisError('VD_ANALYSIS_UNAVAILABLE', `${this.name} was not ready within ${START_TIMEOUT_MS} ms`));
    }, START_TIMEOUT_MS);
  }

  /** How long it has been up without a job, in milliseconds; 0 when it is not. */
  idleMs(): number {
    return this.isUp && this.jobs.count === 0 ? performance.now() - this.lastUsedAtMs : 0;
  }

  /** Whether a job of the lane is under way here. */
  hasLane(lane: string): boolean {
    return this.jobs.hasLane(lane);
  }

  /**
   * Carries out one order, whose file stands below `root`; the host must be free, and without a job where this one is to be alone.
   * Ends the process when the order is called off or does not end in time.
   * @throws TakenDown when the process ends with other jobs under way and this one is not known to be to blame
   */
  execute(order: HostOrder, root: string, signal: AbortSignal, isAlone: boolean): Promise<HostAnswer> {
    if (!this.isFree || (isAlone && this.jobs.count > 0)) throw new Error(`${this.name} is ${this.state} with ${this.jobs.count} jobs`);
    this.isExclusive = isAlone;
    const { job, pictures: request } = order;
    const { jobTimeoutMs } = this.options;
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => this.kill(calledOff(job), one);
      const timeout = setTimeout(() => {
        this.kill(analysisError('VD_ANALYSIS_TIMEOUT', `${job.segment.path} was not done within ${jobTimeoutMs} ms on ${this.name}`), one);
      }, jobTimeoutMs);
      const memory = setInterval(() => this.checkMemory(job), MEMORY_POLL_MS);
      signal.addEventListener('abort', onAbort, { once: true });
      const release = (): void => {
        clearTimeout(timeout);
        clearInterval(memory);
        signal.removeEventListener('abort', onAbort);
      };
      const one: JobUnderWay = { id, job, lane: laneOf(order), signal, resolve, reject, release };
      this.jobs.add(one);
      this.send(request === undefined ? { type: 'job', id, job, root } : { type: 'pictures', id, job, root, request });
    });
  }

  discard(job: AnalysisJob): void {
    if (this.isUp) this.send({ type: 'discard', job });
  }

  /** Ends the process and stays down. */
  async stop(): Promise<void> {
    clearTimeout(this.restartTimer);
    clearTimeout(this.startTimer);
    const child = this.child;
    // One that is still loading listens to nobody yet, and has nothing to finish.
    const graceMs = this.isUp ? STOP_GRACE_MS : 0;
    this.state = 'stopped';
    if (child === null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.connected) this.send({ type: 'stop' });
    const grace = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(grace);
  }

  private send(message: ToHost): void {
    // An error here means the child is going; its exit settles the job.
    this.child?.send(message, () => undefined);
  }

  private async sendReferences(kind: string, revision: number): Promise<void> {
    const child = this.child;
    const answer = await this.surroundings.references.load(kind, revision).then(
      (set): ToHost => ({ type: 'references', set }),
      (error: unknown): ToHost => ({ type: 'references.failed', kind, why: errorText(error) }),
    );
    if (child === this.child) this.send(answer);
  }

  private received(message: FromHost): void {
    if (message.type === 'host.ready') {
      if (this.state !== 'starting') return;
      clearTimeout(this.startTimer);
      this.failedStarts = 0;
      this.startFailure = undefined;
      this.state = 'up';
      this.lastUsedAtMs = performance.now();
      this.emit('free');
      return;
    }
    if (message.type === 'failed') {
      // It ends by itself now. A plugin may fail here that the worker could load, which makes no instance of its analyzers.
      this.startFailure = `${message.error.code}: ${message.error.message}`;
      this.killedFor ??= {
        error: analysisError('VD_ANALYSIS_UNAVAILABLE', `${this.name} cannot start: ${this.startFailure}`),
        blamed: undefined,
      };
      return;
    }
    if (message.type === 'references.wanted') void this.sendReferences(message.kind, message.revision);
    if (message.type !== 'job.done' && message.type !== 'pictures.done' && message.type !== 'job.failed') return;
    const running = this.jobs.end(message.id);
    if (running === undefined) return;
    this.isExclusive = false;
    this.lastUsedAtMs = performance.now();
    this.deaths = 0;
    if (message.type === 'job.done') running.resolve(message.outcome);
    else if (message.type === 'pictures.done') running.resolve(message.sampled);
    else running.reject(new CodedError(message.error.code, message.error.message, undefined, { retryable: message.error.retryable }));
    if (this.state !== 'up') return;
    this.isRetiring ||= message.rssBytes > this.options.memoryLimitBytes * RECYCLE_SHARE;
    if (!this.isRetiring) this.emit('free');
    else if (this.jobs.count === 0) this.recycle(message.rssBytes);
  }

  /** Between jobs nothing is lost by starting afresh: stateful analyzers go on from their checkpoints. */
  private recycle(rssBytes: number): void {
    this.surroundings.logger.warn('Analysis host nears its memory limit and is replaced', {
      host: this.name,
      rssBytes,
      memoryLimitBytes: this.options.memoryLimitBytes,
    });
    this.state = 'restarting';
    this.killedFor = { error: analysisError('VD_ANALYSIS_MEMORY', `${this.name} was replaced at ${rssBytes} bytes`), blamed: undefined };
    this.child?.kill('SIGKILL');
  }

  private checkMemory(job: AnalysisJob): void {
    const pid = this.child?.pid;
    const rssBytes = pid === undefined ? undefined : residentBytes(pid);
    if (rssBytes !== undefined && rssBytes > this.options.memoryLimitBytes) {
      const others = this.jobs.count > 1 ? ` and ${this.jobs.count - 1} others` : '';
      this.kill(analysisError('VD_ANALYSIS_MEMORY', `${this.name} used ${rssBytes} bytes on ${job.segment.path}${others}`), this.jobs.sole);
    }
  }

  private kill(error: CodedError, blamed?: JobUnderWay): void {
    this.killedFor ??= { error, blamed };
    this.child?.kill('SIGKILL');
  }

  /** A child that could not be forked emits no exit: the start is tried again when the limit may have room. */
  private notStarted(child: ChildProcess, error: Error): void {
    this.surroundings.logger.error('Analysis host did not start', { host: this.name, error, usedUp: exhaustedLimit(error) });
    if (child.pid === undefined) this.exited(child, error.message);
  }

  private exited(child: ChildProcess, how: string): void {
    if (child !== this.child) return;
    this.child = null;
    clearTimeout(this.startTimer);
    const lost = this.jobs.endAll();
    this.isExclusive = false;
    if (this.state === 'stopped') {
      // What broke it before it was stopped is still the reason for the job that is to blame.
      for (const one of lost) one.reject(one === this.killedFor?.blamed ? this.killedFor.error : calledOff(one.job));
      return;
    }
    const paths = lost.map(({ job }) => job.segment.path).join(', ');
    const killing = this.killedFor ?? {
      error: analysisError('VD_ANALYSIS_HOST_CRASHED', `${this.name} ended with ${how}${paths === '' ? '' : ` during ${paths}`}`),
      blamed: lost.length === 1 ? lost[0] : undefined,
    };
    const { error } = killing;
    for (const one of lost) one.reject(rejectionOf(one, killing));
    if (this.state === 'starting') this.failedStarts++;
    const recycled = this.state === 'restarting';
    if (!recycled) this.surroundings.logger.error('Analysis host died', { host: this.name, code: error.code, detail: error.message });
    const backoffMs = recycled ? 0 : Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.deaths++);
    this.state = 'restarting';
    this.restartTimer = setTimeout(() => this.start(), backoffMs);
    this.emit('down');
  }
}

const calledOff = (job: AnalysisJob): CodedError => analysisError('VD_ANALYSIS_ABORTED', `job ${job.jobId} was called off`);

/** The error with which one of a host's jobs ends. Who was called off is known; who ran past its time may have waited for another. */
function rejectionOf(one: JobUnderWay, { error, blamed }: Killing): Error {
  if (one === blamed) return error;
  if (one.signal.aborted) return calledOff(one.job);
  return new TakenDown(error.code !== 'VD_ANALYSIS_ABORTED', error);
}
