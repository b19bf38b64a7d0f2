import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { analysisError } from '../../errors/analysis.errors.js';
import { CodedError } from '../../plugin-api/index.js';
import type { AnalysisJob, AnalysisOutcome, Logger } from '../../plugin-api/index.js';
import type { FromHost, ToHost } from '../protocol.js';
import { residentBytes } from './resident-memory.js';
import type { SharedLoads } from './shared-loads.js';

const START_TIMEOUT_MS = 60_000;
const MEMORY_POLL_MS = 500;
/** Past this share of the limit a host is replaced between two jobs, before one has to be broken off. */
const RECYCLE_SHARE = 0.8;
const STOP_GRACE_MS = 2_000;
const FIRST_BACKOFF_MS = 100;
const LONGEST_BACKOFF_MS = 10_000;

export interface HostOptions {
  readonly entry: string;
  readonly args: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  readonly execArgv: readonly string[];
  readonly jobTimeoutMs: number;
  readonly memoryLimitBytes: number;
  readonly logger: Logger;
}

/** What hosts of one pool share. */
export interface HostSurroundings {
  readonly references: SharedLoads;
}

interface RunningJob {
  readonly id: number;
  readonly job: AnalysisJob;
  readonly resolve: (outcome: AnalysisOutcome) => void;
  readonly reject: (error: CodedError) => void;
  readonly release: () => void;
}

/**
 * One slot of the pool: a child process that is replaced when it dies. Emits `idle` whenever it can take a job, `down` when a
 * start failed.
 */
export class HostProcess extends EventEmitter<{ idle: []; down: [] }> {
  #child: ChildProcess | null = null;
  #state: 'stopped' | 'starting' | 'idle' | 'busy' | 'restarting' = 'stopped';
  #running: RunningJob | null = null;
  #killedFor: CodedError | null = null;
  #nextId = 1;
  #restartTimer: NodeJS.Timeout | undefined;
  #startTimer: NodeJS.Timeout | undefined;
  /** Deaths since a job last succeeded: the back-off grows with it. */
  #deaths = 0;
  /** Starts since the host last said it was ready. */
  failedStarts = 0;

  constructor(
    readonly name: string,
    private readonly options: HostOptions,
    private readonly surroundings: HostSurroundings,
  ) {
    super();
  }

  get isIdle(): boolean {
    return this.#state === 'idle';
  }
  get isUp(): boolean {
    return this.#state === 'idle' || this.#state === 'busy';
  }
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    if (this.#state !== 'stopped' && this.#state !== 'restarting') return;
    clearTimeout(this.#restartTimer);
    this.#state = 'starting';
    this.#killedFor = null;
    const child = fork(this.options.entry, [...this.options.args], {
      serialization: 'advanced',
      env: this.options.environment,
      execArgv: [...this.options.execArgv],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    child.on('message', (message) => this.#received(message as FromHost));
    child.once('error', (error) => this.options.logger.error('Analysis host did not start', { host: this.name, error }));
    child.once('exit', (code, signal) => this.#exited(child, signal ?? `code ${code}`));
    this.#startTimer = setTimeout(() => {
      this.#kill(analysisError('VD_ANALYSIS_UNAVAILABLE', `${this.name} was not ready within ${START_TIMEOUT_MS} ms`));
    }, START_TIMEOUT_MS);
  }

  /** Runs one job; the host must be idle. Ends the process when the job is called off or does not end in time. */
  execute(job: AnalysisJob, signal: AbortSignal): Promise<AnalysisOutcome> {
    if (!this.isIdle) throw new Error(`${this.name} is ${this.#state}`);
    this.#state = 'busy';
    const { jobTimeoutMs } = this.options;
    return new Promise((resolve, reject) => {
      const onAbort = (): void => this.#kill(analysisError('VD_ANALYSIS_ABORTED', `job ${job.jobId} was called off`));
      const timeout = setTimeout(() => {
        this.#kill(analysisError('VD_ANALYSIS_TIMEOUT', `${job.segment.path} was not done within ${jobTimeoutMs} ms on ${this.name}`));
      }, jobTimeoutMs);
      const memory = setInterval(() => this.#checkMemory(job), MEMORY_POLL_MS);
      signal.addEventListener('abort', onAbort, { once: true });
      const release = (): void => {
        clearTimeout(timeout);
        clearInterval(memory);
        signal.removeEventListener('abort', onAbort);
      };
      const id = this.#nextId++;
      this.#running = { id, job, resolve, reject, release };
      this.#send({ type: 'job', id, job });
    });
  }

  discard(job: AnalysisJob): void {
    if (this.isUp) this.#send({ type: 'discard', job });
  }

  /** Ends the process and stays down. */
  async stop(): Promise<void> {
    clearTimeout(this.#restartTimer);
    clearTimeout(this.#startTimer);
    const child = this.#child;
    // One that is still loading listens to nobody yet, and has nothing to finish.
    const graceMs = this.isUp ? STOP_GRACE_MS : 0;
    this.#state = 'stopped';
    if (child === null) return;
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.connected) this.#send({ type: 'stop' });
    const grace = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(grace);
  }

  #send(message: ToHost): void {
    // An error here means the child is going; its exit settles the job.
    this.#child?.send(message, () => undefined);
  }

  async #sendReferences(kind: string, revision: number): Promise<void> {
    const child = this.#child;
    const answer = await this.surroundings.references.load(kind, revision).then(
      (set): ToHost => ({ type: 'references', set }),
      (error: unknown): ToHost => ({ type: 'references.failed', kind, why: error instanceof Error ? error.message : String(error) }),
    );
    if (child === this.#child) this.#send(answer);
  }

  #received(message: FromHost): void {
    if (message.type === 'host.ready') {
      if (this.#state !== 'starting') return;
      clearTimeout(this.#startTimer);
      this.failedStarts = 0;
      this.#becomeIdle();
      return;
    }
    if (message.type === 'references.wanted') void this.#sendReferences(message.kind, message.revision);
    if (message.type !== 'job.done' && message.type !== 'job.failed') return;
    const running = this.#running;
    if (running === null || running.id !== message.id) return;
    this.#running = null;
    running.release();
    this.#deaths = 0;
    if (message.type === 'job.done') running.resolve(message.outcome);
    else running.reject(new CodedError(message.error.code, message.error.message, undefined, { retryable: message.error.retryable }));
    if (this.#state !== 'busy') return;
    if (message.rssBytes > this.options.memoryLimitBytes * RECYCLE_SHARE) this.#recycle(message.rssBytes);
    else this.#becomeIdle();
  }

  #becomeIdle(): void {
    this.#state = 'idle';
    this.emit('idle');
  }

  /** Between jobs nothing is lost by starting afresh: stateful analyzers go on from their checkpoints. */
  #recycle(rssBytes: number): void {
    this.options.logger.warn('Analysis host nears its memory limit and is replaced', {
      host: this.name,
      rssBytes,
      memoryLimitBytes: this.options.memoryLimitBytes,
    });
    this.#state = 'restarting';
    this.#killedFor = analysisError('VD_ANALYSIS_MEMORY', `${this.name} was replaced at ${rssBytes} bytes`);
    this.#child?.kill('SIGKILL');
  }

  #checkMemory(job: AnalysisJob): void {
    const pid = this.#child?.pid;
    const rssBytes = pid === undefined ? undefined : residentBytes(pid);
    if (rssBytes !== undefined && rssBytes > this.options.memoryLimitBytes) {
      this.#kill(analysisError('VD_ANALYSIS_MEMORY', `${this.name} used ${rssBytes} bytes on ${job.segment.path}`));
    }
  }

  #kill(why: CodedError): void {
    this.#killedFor ??= why;
    this.#child?.kill('SIGKILL');
  }

  #exited(child: ChildProcess, how: string): void {
    if (child !== this.#child) return;
    this.#child = null;
    clearTimeout(this.#startTimer);
    const running = this.#running;
    this.#running = null;
    const error =
      this.#killedFor ??
      analysisError('VD_ANALYSIS_HOST_CRASHED', `${this.name} ended with ${how}${running ? ` during ${running.job.segment.path}` : ''}`);
    running?.release();
    running?.reject(error);
    if (this.#state === 'stopped') return;
    if (this.#state === 'starting') this.failedStarts++;
    const recycled = this.#state === 'restarting';
    if (!recycled) this.options.logger.error('Analysis host died', { host: this.name, code: error.code, detail: error.message });
    const backoffMs = recycled ? 0 : Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** this.#deaths++);
    this.#state = 'restarting';
    this.#restartTimer = setTimeout(() => this.start(), backoffMs);
    this.emit('down');
  }
}
