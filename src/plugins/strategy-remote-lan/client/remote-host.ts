import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import {
  CircuitBreaker,
  CodedError,
  type AnalysisJob,
  type AnalysisOutcome,
  type AnalyzerTask,
  type JobProgress,
  type JsonObject,
  type Logger,
  type References,
} from 'vedette/plugin';
import type { HostFacts } from 'vedette/worker-host';
import { remoteError } from '../errors.js';
import { HostConnection } from './host-connection.js';
import type { HostLoad } from './host-choice.js';
import { HostFigures } from './host-figures.js';
import { Inabilities, isUnable } from './inabilities.js';

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 5_000;
/** Nothing that a second later would be otherwise: somebody has to mend it. */
const REFUSED_RETRY_MS = 60_000;
const REFUSALS = new Set(['VD_REMOTE_TOKEN_WRONG', 'VD_REMOTE_PIN_WRONG', 'VD_REMOTE_PROTOCOL']);
/** A connection that lasted so long was a good one. */
const SETTLED_MS = 10_000;
/** Failures of a job that are the host's, and not the job's. */
const HOST_FAULTS = new Set(['VD_REMOTE_HUNG', 'VD_REMOTE_LOST', 'VD_ANALYSIS_UNAVAILABLE', 'VD_MEDIA_FETCH_FAILED']);

export interface RemoteHostOptions {
  readonly url: string;
  readonly fingerprint?: string | undefined;
  /** It announced itself; nobody wrote it into the config. */
  readonly isAnnounced: boolean;
}

export interface RemoteHostSurroundings {
  readonly token: string;
  readonly workerName: string;
  readonly references: References;
  readonly logger: Logger;
}

/** One worker host: keeps the connection to it, knows how it is, and keeps away from it while it fails. */
export class RemoteHost {
  private readonly breaker = new CircuitBreaker();
  private readonly figures = new HostFigures();
  private readonly unable = new Inabilities();
  private readonly closing = new AbortController();
  private readonly delivering = new Map<string, Promise<void>>();
  private connection: HostConnection | undefined;
  /** Kept while it is away. */
  private facts: HostFacts | undefined;
  private lastTrouble: CodedError | undefined;
  private sinceMs = Date.now();
  private attempts = 0;
  private living: Promise<void> = Promise.resolve();
  /** Settles when the first attempt to connect has ended, either way. */
  readonly greeted: Promise<void>;
  private greet: () => void;

  constructor(
    private readonly options: RemoteHostOptions,
    private readonly around: RemoteHostSurroundings,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.greeted = promise;
    this.greet = resolve;
  }

  get url(): string {
    return this.options.url;
  }
  get isAnnounced(): boolean {
    return this.options.isAnnounced;
  }
  get isConnected(): boolean {
    return this.connection !== undefined;
  }
  /** It takes jobs, if only one to see whether it is well again. */
  get isAvailable(): boolean {
    return this.isConnected && this.breaker.allows;
  }
  /** Connected, and not kept away from. */
  get isUp(): boolean {
    return this.isConnected && this.breaker.state === 'closed';
  }
  get isKnown(): boolean {
    return this.facts !== undefined;
  }
  /** How long it has been as it is. */
  get unchangedMs(): number {
    return Date.now() - this.sinceMs;
  }

  start(): void {
    this.living = this.live();
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.connection?.close(remoteError('VD_REMOTE_ABORTED', 'this worker is stopping'));
    await this.living;
  }

  /** Whether it had the analyzer, in the same version, when it last answered, and lacked nothing that it needs. */
  isAbleTo(task: AnalyzerTask): boolean {
    const has = this.facts?.analyzers.some(({ id, version }) => id === task.analyzerId && version === task.analyzerVersion) ?? false;
    return has && !this.unable.has(task);
  }

  /** Whether it takes the task now. */
  offers(task: AnalyzerTask): boolean {
    return this.isAvailable && this.isAbleTo(task);
  }

  loadFor(queue: string): HostLoad {
    return this.figures.loadFor(queue, this.facts?.capacity ?? 0);
  }

  /**
   * Does the job there.
   * @throws VD_REMOTE_*, and what the host reports
   */
  async execute(job: AnalysisJob, signal: AbortSignal, progress?: JobProgress): Promise<AnalysisOutcome> {
    const connection = this.connection;
    if (connection === undefined) throw remoteError('VD_REMOTE_UNREACHABLE', `${this.url} is not connected`);
    this.breaker.began();
    const ended = this.figures.began(job, connection.facts.capacity);
    try {
      const outcome = await connection.execute(job, signal, (kind, revision) => this.deliver(connection, kind, revision), progress);
      ended(true);
      this.breaker.succeeded();
      this.lastTrouble = undefined;
      for (const task of job.tasks) {
        if (outcome.tasks.some((one) => one.runId === task.runId && isUnable(one))) this.unable.add(task);
      }
      return outcome;
    } catch (error) {
      ended(false);
      this.blame(error as CodedError, connection, signal);
      throw error;
    }
  }

  discard(job: AnalysisJob): void {
    this.connection?.discard(job);
  }

  /** For a person: what is wrong with it; undefined: nothing. */
  get trouble(): string | undefined {
    if (this.isUp) return undefined;
    const why = this.lastTrouble === undefined ? 'connecting' : `${this.lastTrouble.code}: ${this.lastTrouble.message}`;
    return `${this.facts?.name ?? this.url}: ${why}`;
  }

  report(): JsonObject {
    const { status } = this.figures;
    const load = this.loadFor('');
    return {
      url: this.url,
      name: this.facts?.name ?? null,
      state: this.state,
      reason: this.isUp ? null : (this.trouble ?? null),
      announced: this.isAnnounced,
      since: new Date(this.sinceMs).toISOString(),
      version: this.facts?.vedette ?? null,
      platform: this.facts === undefined ? null : `${this.facts.os} ${this.facts.arch}`,
      fingerprint: this.connection?.fingerprint ?? null,
      analyzers: (this.facts?.analyzers ?? []).map(({ id, version }) => `${id} ${version}`),
      capacity: load.capacity,
      running: status?.running ?? 0,
      waiting: status?.waiting ?? 0,
      own: this.figures.own,
      rssBytes: status?.rssBytes ?? null,
      loadAverage: status?.loadAverage ?? null,
      msPerJob: this.figures.queues,
    };
  }

  private get state(): 'up' | 'resting' | 'refused' | 'out' | 'connecting' {
    if (this.isConnected) return this.isUp ? 'up' : 'resting';
    if (this.lastTrouble === undefined) return 'connecting';
    return REFUSALS.has(this.lastTrouble.code) ? 'refused' : 'out';
  }

  private async live(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      await this.connect().catch((error: CodedError) => this.note(error));
      this.greet();
      if (signal.aborted) return;
      const isRefused = this.lastTrouble !== undefined && REFUSALS.has(this.lastTrouble.code);
      const usualMs = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.attempts++);
      // Many workers lose a host at the same moment, and are not to come back at the same one.
      const waitMs = isRefused ? REFUSED_RETRY_MS : usualMs * (0.75 + Math.random() / 2);
      await delay(waitMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One connection, from its beginning to its end. */
  private async connect(): Promise<void> {
    const { token, workerName, logger } = this.around;
    const { url, fingerprint } = this.options;
    const connection = await HostConnection.open({ url, token, fingerprint, workerName }, this.closing.signal);
    const closed = once(connection, 'closed');
    if (this.closing.signal.aborted) return connection.close(remoteError('VD_REMOTE_ABORTED', 'this worker is stopping'));
    connection.on('status', (status) => this.figures.told(status));
    this.connection = connection;
    this.facts = connection.facts;
    this.sinceMs = Date.now();
    if (this.breaker.state === 'closed') this.lastTrouble = undefined;
    const { name, capacity, vedette } = connection.facts;
    logger.info('A worker host is connected', { url, name, version: vedette, capacity, fingerprint: connection.fingerprint });
    this.greet();
    const [why] = (await closed) as [CodedError];
    this.connection = undefined;
    if (this.unchangedMs > SETTLED_MS) this.attempts = 0;
    if (this.closing.signal.aborted) return;
    if (why.code === 'VD_REMOTE_LIED') this.breaker.trip();
    else this.breaker.failed();
    this.note(why);
  }

  private note(why: CodedError): void {
    if (this.closing.signal.aborted) return;
    const isNews = this.lastTrouble?.code !== why.code;
    this.lastTrouble = why;
    if (!isNews) return;
    this.sinceMs = Date.now();
    this.around.logger.warn('A worker host is out', { url: this.url, code: why.code, detail: why.message, fix: why.fix });
  }

  private blame(error: CodedError, connection: HostConnection, signal: AbortSignal): void {
    const isOverdue = (signal.reason as Error | undefined)?.name === 'TimeoutError';
    if (error.code === 'VD_REMOTE_LIED') {
      this.breaker.trip();
      connection.close(error);
      this.note(error);
      return;
    }
    const isItsFault = HOST_FAULTS.has(error.code) || (signal.aborted && isOverdue);
    // Called off, or the segment is to blame. And a connection that ends takes all its jobs with it, which counts once.
    if (!isItsFault || connection.isFailing) return this.breaker.ended();
    this.breaker.failed();
    this.note(error);
  }

  /** Once for all jobs that want it. */
  private deliver(connection: HostConnection, kind: string, revision: number): Promise<void> {
    const key = `${kind} ${revision}`;
    const delivering =
      this.delivering.get(key) ??
      this.around.references
        .load(kind, revision)
        .then((set) => connection.upload(set))
        .finally(() => this.delivering.delete(key));
    this.delivering.set(key, delivering);
    return delivering;
  }
}
