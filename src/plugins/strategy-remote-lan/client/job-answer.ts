import {
  CodedError,
  RESULT_LIMITS,
  tooMany,
  type AnalysisJob,
  type AnalysisOutcome,
  type AnalysisResult,
  type JobProgress,
  type TaskOutcome,
  type Thumbnail,
} from 'vedette/plugin';
import { jobLine, type TaskEnd } from 'vedette/worker-host';
import { remoteError } from '../errors.js';

export type WantedReferences = NonNullable<AnalysisJob['tasks'][number]['references']>;

/**
 * What a host says of one job, held against what the job was. Whatever does not fit is taken for a lie: it is not repaired,
 * and nothing of it is used.
 */
export class JobAnswer {
  private readonly results = new Map<string, AnalysisResult[]>();
  private readonly ends = new Map<string, TaskEnd>();
  private readonly wanted = new Set<string>();
  private isAccepted = false;
  /** Set once everything was said. */
  outcome: AnalysisOutcome | undefined;

  constructor(
    private readonly job: AnalysisJob,
    private readonly hostName: string,
    private readonly progress?: JobProgress,
  ) {
    for (const { runId } of job.tasks) this.results.set(runId, []);
  }

  /**
   * @returns references that the host wants first
   * @throws VD_REMOTE_LIED, and the error that the host reports
   */
  take(said: unknown): WantedReferences | undefined {
    const parsed = jobLine.safeParse(said);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw this.lie(`${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`);
    }
    const message = parsed.data;
    if (this.outcome !== undefined) throw this.lie(`${message.type} after the end`);
    if (this.isAccepted === (message.type === 'accepted'))
      throw this.lie(this.isAccepted ? 'it accepted twice' : `${message.type} before it accepted`);
    switch (message.type) {
      case 'accepted':
        this.isAccepted = true;
        return undefined;
      case 'heartbeat':
        if (message.waiting === true) this.progress?.waits();
        else this.progress?.begins();
        return undefined;
      case 'references.wanted':
        return this.want(message.kind);
      case 'results':
        return this.add(message.runId, message.results as readonly AnalysisResult[]);
      case 'task':
        return this.end(message.outcome);
      case 'end':
        return this.finish(message);
      case 'failed':
        throw new CodedError(message.code, `${this.hostName}: ${message.message}`, undefined, { retryable: message.retryable });
    }
  }

  /** The stream ended. @throws VD_REMOTE_LIED */
  close(): AnalysisOutcome {
    if (this.outcome === undefined) throw this.lie('it stopped in the middle of its answer');
    return this.outcome;
  }

  private want(kind: string): WantedReferences {
    const wanted = this.job.tasks.map(({ references }) => references).filter((one) => one?.kind === kind);
    const newest = wanted.reduce((best, one) => Math.max(best, one?.revision ?? 0), 0);
    if (wanted.length === 0) throw this.lie(`it wants reference images of kind ${kind}, which no task needs`);
    if (this.wanted.has(kind) && this.wanted.size >= this.job.tasks.length) throw this.lie(`it wants ${kind} again and again`);
    this.wanted.add(kind);
    return { kind, revision: newest };
  }

  private add(runId: string, results: readonly AnalysisResult[]): undefined {
    const known = this.results.get(runId);
    if (known === undefined) throw this.lie(`results of a run that is not in the job: ${runId.slice(0, 80)}`);
    if (this.ends.has(runId)) throw this.lie(`results of run ${runId} after its end`);
    const count = known.length + results.length;
    if (count > RESULT_LIMITS.resultsPerRun) throw this.lie(`run ${runId}: ${tooMany(count)}`);
    this.progress?.begins();
    for (const one of results) known.push(one);
  }

  private end(outcome: TaskEnd): undefined {
    const known = this.results.get(outcome.runId);
    if (known === undefined) throw this.lie(`the end of a run that is not in the job: ${outcome.runId.slice(0, 80)}`);
    if (this.ends.has(outcome.runId)) throw this.lie(`run ${outcome.runId} ended twice`);
    if (known.length > 0 && (outcome.status === 'skipped' || outcome.status === 'failed'))
      throw this.lie(`results of run ${outcome.runId}, which is ${outcome.status}`);
    this.ends.set(outcome.runId, outcome);
  }

  private finish(figures: {
    readonly wallMs: number;
    readonly cpuMs: number;
    readonly decodeCpuMs: number;
    readonly executedBy: string;
    readonly thumbnails?: readonly Thumbnail[] | undefined;
  }): undefined {
    const missing = this.job.tasks.find(({ runId }) => !this.ends.has(runId));
    if (missing !== undefined) throw this.lie(`it says nothing of run ${missing.runId}`);
    const { wallMs, cpuMs, decodeCpuMs, executedBy, thumbnails } = figures;
    const tasks = this.job.tasks.map(({ runId }): TaskOutcome => {
      const end = this.ends.get(runId)!;
      if (end.status === 'skipped' || end.status === 'failed') return end;
      return { ...end, results: this.results.get(runId)! } as TaskOutcome;
    });
    const where = { executedBy: `${this.hostName}: ${executedBy}`.slice(0, 512) };
    this.outcome = { tasks, wallMs, cpuMs, decodeCpuMs, ...where, ...(thumbnails === undefined ? {} : { thumbnails }) };
  }

  private lie(what: string): CodedError {
    return remoteError('VD_REMOTE_LIED', `${this.hostName} on job ${this.job.jobId.slice(0, 200)}: ${what}`);
  }
}
