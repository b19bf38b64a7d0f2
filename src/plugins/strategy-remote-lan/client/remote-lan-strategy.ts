import { LRUCache } from 'lru-cache';
import {
  CodedError,
  type AnalysisJob,
  type AnalysisOutcome,
  type AnalyzerTask,
  type ExecutionStrategy,
  type JobProgress,
  type JsonObject,
  type Quote,
  type SegmentUrls,
  type StrategyHealth,
  type TaskOutcome,
  THUMBNAIL_LIMITS,
} from 'vedette/plugin';
import { remoteError } from '../errors.js';
import { chooseHost, startDelayMs } from './host-choice.js';
import type { HostDirectory } from './host-directory.js';
import { isUnable, type Unable } from './inabilities.js';
import type { RemoteHost } from './remote-host.js';

/** Lanes and jobs whose host is remembered; beyond it the longest unused is forgotten. */
const MAX_LANES = 10_000;
const MAX_JOBS = 1_000;
/** What a job waits while no host is up: longer than any deadline is patient. */
const NO_HOST_DELAY_MS = 60_000;
/**
 * What went wrong there may go well elsewhere. Not what the segment itself may be to blame for: it would bring down one machine after
 * another.
 */
const ELSEWHERE = new Set([
  'VD_REMOTE_UNREACHABLE',
  'VD_REMOTE_LOST',
  'VD_REMOTE_HUNG',
  'VD_REMOTE_LIED',
  'VD_REMOTE_BUSY',
  'VD_ANALYSIS_UNAVAILABLE',
  'VD_MEDIA_FETCH_FAILED',
]);

/** Runs analyzers on machines of the operator's own network, each of which fetches the segment by a signed address. */
export class RemoteLanStrategy implements ExecutionStrategy {
  private readonly laneHosts = new LRUCache<string, RemoteHost>({ max: MAX_LANES });
  /** Who has had a job, until it is discarded or forgotten. */
  private readonly jobHosts = new LRUCache<string, RemoteHost[]>({ max: MAX_JOBS });

  constructor(
    private readonly directory: HostDirectory,
    private readonly urls: SegmentUrls,
  ) {}

  /** By the last report of each host: one that is away for a moment still supports it, and `health` and `quote` say how it is. */
  supports(task: AnalyzerTask): boolean {
    const { hosts } = this.directory;
    return hosts.some((host) => host.isAbleTo(task)) || !hosts.some((host) => host.isKnown);
  }

  quote(job: AnalysisJob): Quote {
    const host = this.choose(job, job.tasks, []);
    if (host === undefined) return { startDelayMs: NO_HOST_DELAY_MS, costPerJob: 0 };
    const load = host.loadFor(job.queue);
    return { startDelayMs: startDelayMs(load), runMs: load.msPerJob, costPerJob: 0 };
  }

  async execute(job: AnalysisJob, signal: AbortSignal, progress?: JobProgress): Promise<AnalysisOutcome> {
    const tried: RemoteHost[] = [];
    const unable = new Map<string, Unable>();
    const done: AnalysisOutcome[] = [];
    let left = job.tasks;
    let last: CodedError | undefined;
    // Until a host says that it has begun.
    progress?.waits();
    while (left.length > 0) {
      if (signal.aborted) throw remoteError('VD_REMOTE_ABORTED', `job ${job.jobId} was called off`);
      // Anew for each attempt: addresses are short-lived. Before the choice, between which and the job's count nothing may come.
      const segment = await this.signed(job);
      const host = this.choose(job, left, tried);
      if (host === undefined) break;
      const share = left.filter((task) => host.offers(task));
      tried.push(host);
      try {
        const outcome = await this.executeOn(host, { ...job, segment, tasks: share }, signal, progress);
        for (const task of outcome.tasks) if (isUnable(task)) unable.set(task.runId, { ...task, message: `${host.url}: ${task.message}` });
        done.push({ ...outcome, tasks: outcome.tasks.filter((task) => !isUnable(task)) });
        const settled = new Set(done.flatMap(({ tasks }) => tasks.map(({ runId }) => runId)));
        left = left.filter(({ runId }) => !settled.has(runId));
      } catch (error) {
        if (!(error instanceof CodedError) || !ELSEWHERE.has(error.code)) throw error;
        last = error;
      }
    }
    if (done.length === 0) throw last ?? this.nobody(job);
    return merged(
      done,
      left.map((task) => failure(task, unable.get(task.runId), last ?? this.nobody(job))),
    );
  }

  discard(job: AnalysisJob): void {
    for (const host of this.jobHosts.get(job.jobId) ?? []) host.discard(job);
    this.jobHosts.delete(job.jobId);
    this.laneHosts.delete(laneOf(job));
  }

  health(): StrategyHealth {
    const { hosts } = this.directory;
    const up = hosts.filter((host) => host.isUp).length;
    const detail = [`${up} of ${hosts.length} worker hosts up`, ...hosts.flatMap((host) => host.trouble ?? [])].join('; ');
    // One that may be well again is to be given a job, or it would never be known.
    const isDown = !hosts.some((host) => host.isAvailable);
    return { status: isDown ? 'down' : up < hosts.length ? 'degraded' : 'up', detail };
  }

  report(): JsonObject {
    return { hosts: this.directory.hosts.map((host) => host.report()) };
  }

  async close(): Promise<void> {
    await this.directory.close();
  }

  /** Of the hosts that do most of what is left, the one that is least busy. */
  private choose(job: AnalysisJob, left: readonly AnalyzerTask[], tried: readonly RemoteHost[]): RemoteHost | undefined {
    const able = this.directory.hosts
      .filter((host) => !tried.includes(host))
      .map((host) => ({ host, tasks: left.filter((task) => host.offers(task)).length }));
    const most = Math.max(0, ...able.map(({ tasks }) => tasks));
    if (most === 0) return undefined;
    const ablest = able.filter(({ tasks }) => tasks === most).map(({ host }) => host);
    return chooseHost(ablest, (host) => host.loadFor(job.queue), this.laneHosts.get(laneOf(job)));
  }

  private async signed({ segment }: AnalysisJob): Promise<AnalysisJob['segment']> {
    const before = pathBefore(segment.path);
    const initialization = initializationPath(segment.path);
    const [url, urlBefore, urlInitialization] = await Promise.all([
      this.urls.sign(segment),
      before === undefined ? undefined : this.urls.sign({ path: before, nodeId: segment.nodeId }),
      initialization === undefined ? undefined : this.urls.sign({ path: initialization, nodeId: segment.nodeId }),
    ]);
    return { ...segment, url, urlBefore, urlInitialization };
  }

  private executeOn(host: RemoteHost, job: AnalysisJob, signal: AbortSignal, progress?: JobProgress): Promise<AnalysisOutcome> {
    this.laneHosts.set(laneOf(job), host);
    this.jobHosts.set(job.jobId, [...(this.jobHosts.get(job.jobId) ?? []), host]);
    return host.execute(job, signal, progress);
  }

  private nobody(job: AnalysisJob): CodedError {
    return remoteError(
      'VD_REMOTE_NO_HOST',
      `no worker host takes ${job.tasks.map(({ analyzerId }) => analyzerId).join(', ')} now: ${this.health().detail ?? ''}`,
    );
  }
}

function failure({ runId }: AnalyzerTask, unable: Unable | undefined, why: CodedError): TaskOutcome {
  const { code, message, retryable } = unable === undefined ? why : remoteError('VD_REMOTE_CANNOT', `${unable.code}: ${unable.message}`);
  return { runId, status: 'failed', code, message, retryable };
}

function merged(parts: readonly AnalysisOutcome[], failed: readonly TaskOutcome[]): AnalysisOutcome {
  const sum = (figure: (part: AnalysisOutcome) => number): number => parts.reduce((total, part) => total + figure(part), 0);
  const thumbnails = parts.flatMap((part) => part.thumbnails ?? []);
  return {
    tasks: [...parts.flatMap(({ tasks }) => tasks), ...failed],
    wallMs: sum(({ wallMs }) => wallMs),
    cpuMs: sum(({ cpuMs }) => cpuMs),
    decodeCpuMs: sum(({ decodeCpuMs }) => decodeCpuMs),
    executedBy: [...new Set(parts.map(({ executedBy }) => executedBy))].join(', '),
    // Each has a share of the tasks, and was asked for the same pictures.
    ...(thumbnails.length === 0 ? {} : { thumbnails: thumbnails.slice(0, THUMBNAIL_LIMITS.perJob) }),
  };
}

/** The file of the segment before, whose name is the number before. */
function pathBefore(path: string): string | undefined {
  const [, folder = '', digits = '', extension = ''] = /^(.*\/)?(\d+)(\.\w+)$/.exec(path) ?? [];
  const sequence = Number(digits);
  return sequence > 0 ? `${folder}${String(sequence - 1).padStart(digits.length, '0')}${extension}` : undefined;
}

/** fMP4 has it in a file of its own. */
function initializationPath(path: string): string | undefined {
  return path.endsWith('.m4s') ? path.replace(/[^/]*$/, 'init.mp4') : undefined;
}

const laneOf = ({ stream, queue }: AnalysisJob): string => `${stream.streamId} ${queue}`;
