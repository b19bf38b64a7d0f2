import {
  CodedError,
  type AnalysisJob,
  type AnalysisOutcome,
  type AnalyzerTask,
  type Budget,
  type ExecutionStrategy,
  type Logger,
  type PictureSampler,
  type Quote,
  type SampledPictures,
  type StrategyHealth,
  type TaskOutcome,
} from 'vedette/plugin';
import { Answers } from './answers.js';
import { cloudError } from './errors.js';
import type { Outbound } from './outbound.js';
import type { CloudRequest, Provider } from './provider.js';
import { mapFindings } from './results.js';
import { withRetries, type JobTime } from './retry.js';
import type { CommonSettings } from './settings.js';
import { Standing } from './standing.js';
import { labelsFor, merged, taskFor, type WantedBy } from './wants.js';

export interface CloudStrategyParts {
  readonly id: string;
  readonly settings: CommonSettings;
  /** Makes the provider, secrets read anew: at the start, and again after they turned out to be bad. */
  readonly connect: () => Promise<Provider>;
  readonly outbound: Outbound;
  readonly sampler: PictureSampler;
  readonly logger: Logger;
  readonly random?: () => number;
  /** The clock that pauses go by. */
  readonly nowMs?: () => number;
}

/** Sends a few pictures of a segment to a provider that solves the analyzers' tasks in their place. */
export class CloudStrategy implements ExecutionStrategy {
  readonly budget: Budget;
  private readonly standing: Standing;
  private hasWarnedOfCost = false;

  private constructor(
    private readonly parts: CloudStrategyParts,
    private provider: Provider,
  ) {
    this.standing = new Standing(parts.nowMs);
    const { perDay, perMonth } = parts.settings.budget;
    this.budget = { perDay, perMonth };
  }

  /** @throws VD_CLOUD_NOT_CONFIGURED, VD_CONFIG_SECRET_*, VD_EGRESS_REFUSED */
  static async open(parts: CloudStrategyParts): Promise<CloudStrategy> {
    return new CloudStrategy(parts, await parts.connect());
  }

  /** Analyzers that hold state, or wait for a gate that only a decode can open, are not for it. */
  supports(task: AnalyzerTask): boolean {
    return task.checkpoint === undefined && task.when === undefined && taskFor(task, this.provider.solves) !== undefined;
  }

  quote(job: AnalysisJob): Quote {
    const { settings } = this.parts;
    const wants = merged(this.wanted(job).map(({ want }) => want));
    const once = this.provider.price(wants, mostPictures(job, settings.pictures));
    // Each try may be billed.
    return { startDelayMs: 0, costPerJob: job.segment.frameCount === 0 ? 0 : once * (settings.retries + 1) };
  }

  async execute(job: AnalysisJob, signal: AbortSignal): Promise<AnalysisOutcome> {
    if (job.stream.isPrivate === true)
      throw cloudError('VD_CLOUD_PRIVATE', `${job.stream.streamName} is private: nothing of it is sent to ${this.provider.host}`);
    if (signal.aborted) throw cloudError('VD_CLOUD_ABORTED', 'the job was called off before it began');
    const startedAtMs = performance.now();
    const wanted = this.wanted(job);
    const outcome = (tasks: readonly TaskOutcome[], cpuMs = 0, cost = 0): AnalysisOutcome => ({
      tasks: [...tasks, ...refusedTasks(job, wanted, this.provider)],
      wallMs: performance.now() - startedAtMs,
      cpuMs,
      decodeCpuMs: cpuMs,
      ...(cost === 0 ? {} : { cost }),
      executedBy: `${this.parts.id} at ${this.provider.host}`,
    });
    if (wanted.length === 0) return outcome([]);
    if (job.segment.frameCount === 0)
      return outcome(wanted.map(({ task: { runId } }) => ({ runId, status: 'skipped', reason: 'no_video: the segment has no picture' })));
    this.standing.check();
    const time: JobTime = { signal, endMs: startedAtMs + this.parts.settings.jobTimeout };
    const sampled = await this.sample(job, time);
    const answers = await this.ask(wanted, sampled, time);
    return outcome(
      wanted.map((one) => this.outcomeOf(one, job, sampled, answers, sampled.cpuMs / wanted.length)),
      sampled.cpuMs,
      answers.cost,
    );
  }

  health(): StrategyHealth {
    return this.standing.health();
  }

  close(): Promise<void> {
    this.provider.close?.();
    return Promise.resolve();
  }

  private wanted(job: AnalysisJob): WantedBy[] {
    return job.tasks.flatMap((task) => {
      const name = taskFor(task, this.provider.solves);
      return name === undefined ? [] : [{ task, want: { task: name, labels: labelsFor(task, this.parts.settings.labels) } }];
    });
  }

  private async sample(job: AnalysisJob, { signal, endMs }: JobTime): Promise<SampledPictures> {
    const late = AbortSignal.timeout(Math.max(1, Math.ceil(endMs - performance.now())));
    try {
      return await this.parts.sampler.sample(job, this.parts.settings.pictures, AbortSignal.any([signal, late]));
    } catch (error) {
      if (late.aborted && !signal.aborted)
        throw cloudError('VD_CLOUD_TIMEOUT', `the pictures were not there within ${this.parts.settings.jobTimeout} ms`);
      throw error;
    }
  }

  private async ask(wanted: readonly WantedBy[], { pictures }: SampledPictures, time: JobTime): Promise<Answers> {
    const answers = new Answers();
    const wants = merged(wanted.map(({ want }) => want));
    const left = pictures.length === 0 ? [] : [...this.provider.requests(wants, pictures)];
    const lane = async (): Promise<void> => {
      for (let request = left.shift(); request !== undefined; request = left.shift()) await this.askOnce(request, answers, time);
    };
    await Promise.all(Array.from({ length: Math.min(this.parts.settings.concurrency, left.length) }, lane));
    await this.judge(answers, time);
    if (time.signal.aborted) throw cloudError('VD_CLOUD_ABORTED', 'the job was called off', { cost: answers.cost });
    // Nothing that was paid for is thrown away: an outcome carries what it cost.
    if (answers.isEmpty && answers.failure !== undefined && answers.cost === 0) throw answers.failure;
    return answers;
  }

  private async askOnce(request: CloudRequest, answers: Answers, time: JobTime): Promise<void> {
    // What failed for one request of a job for want of a key fails for the others as well.
    if (time.signal.aborted || answers.failure?.code === 'VD_CLOUD_CREDENTIALS') return;
    if (performance.now() >= time.endMs)
      return answers.failed(cloudError('VD_CLOUD_TIMEOUT', `the job was not done within ${this.parts.settings.jobTimeout} ms`));
    const { outbound, settings, random = Math.random } = this.parts;
    const provider = this.provider;
    const attempt = () =>
      outbound.exchange(
        time.signal,
        () => provider.ask(request, time.signal),
        (error, answer) => provider.explain(error, answer),
      );
    const tried = await withRetries(attempt, { retries: settings.retries, random }, time);
    answers.spent(tried.lostTries * request.price);
    if ('failure' in tried) {
      const { error, retryAfterMs } = tried.failure;
      answers.failed(error, retryAfterMs);
      return;
    }
    const { value: reply } = tried;
    answers.spent(reply.cost);
    this.compare(reply.cost, request.price);
    request.pictures.forEach((picture, i) => {
      const { findings = [], refusal } = reply.pictures[i] ?? { refusal: 'no answer' };
      if (refusal === undefined) answers.told(request, picture, findings);
      else answers.refused(refusal);
    });
  }

  /** What one job shows about the provider, whatever became of its single requests. */
  private async judge({ failure, isEmpty, retryAfterMs }: Answers, { signal }: JobTime): Promise<void> {
    if (signal.aborted) return;
    if (failure === undefined || (!isEmpty && retryAfterMs === undefined)) return this.standing.succeeded();
    this.standing.failed(failure, retryAfterMs);
    if (failure.code === 'VD_CLOUD_CREDENTIALS') await this.reconnect();
  }

  /** Keys are changed while programs run. */
  private async reconnect(): Promise<void> {
    try {
      const fresh = await this.parts.connect();
      this.provider.close?.();
      this.provider = fresh;
    } catch (error) {
      if (error instanceof CodedError) this.standing.failed(error);
    }
  }

  private compare(cost: number, price: number): void {
    if (cost <= price || this.hasWarnedOfCost) return;
    this.hasWarnedOfCost = true;
    this.parts.logger.warn('A request cost more than was set aside for it: budgets may be overrun by the difference', {
      strategy: this.parts.id,
      cost,
      price,
      fix: 'Correct prices of the strategy: what a picture costs is more than they say.',
    });
  }

  private outcomeOf(
    { task, want }: WantedBy,
    job: AnalysisJob,
    { pictures, expected }: SampledPictures,
    answers: Answers,
    cpuMs: number,
  ): TaskOutcome {
    const { runId } = task;
    const answered = answers.of(want.task);
    if (pictures.length === 0 && expected > 0) {
      return {
        runId,
        status: 'failed',
        code: 'VD_MEDIA_UNREADABLE',
        message: `${job.segment.path}: none of ${expected} pictures could be decoded`,
        retryable: false,
      };
    }
    if (answered.length === 0 && pictures.length > 0) return { runId, ...failureOf(answers) };
    const { minScore, labels } = this.parts.settings;
    const mapped = answered.map(([picture, findings]) =>
      mapFindings(findings, picture.ptsUs, { minScore, labels: want.labels, rename: labels.rename }),
    );
    const unusable = mapped.reduce((sum, one) => sum + one.unusable, 0);
    const flaws = [
      ...(pictures.length < expected ? [`${expected - pictures.length} of ${expected} pictures damaged or missing`] : []),
      ...(answered.length < pictures.length
        ? [`${pictures.length - answered.length} of ${pictures.length} pictures not answered: ${answers.reasons.join('; ')}`]
        : []),
      ...(unusable > 0 ? [`${unusable} findings of the provider were of no use`] : []),
    ];
    return {
      runId,
      status: flaws.length > 0 ? 'partial' : 'done',
      results: mapped.flatMap(({ results }) => results),
      framesSeen: answered.length,
      framesExpected: expected,
      ...(flaws.length > 0 ? { reason: flaws.join(', ') } : {}),
      cpuMs,
    };
  }
}

/** As many as a segment can have at the rate that is asked for. */
function mostPictures({ segment }: AnalysisJob, { fps, maxPictures }: CommonSettings['pictures']): number {
  const durationS = Math.max(0, segment.ptsEndUs - segment.ptsStartUs) / 1_000_000;
  return Math.min(maxPictures, segment.frameCount, Math.floor(durationS * fps) + 1);
}

function failureOf({ failure, reasons }: Answers): { status: 'failed'; code: string; message: string; retryable: boolean } {
  const { code, message, retryable } = failure ?? cloudError('VD_CLOUD_PICTURE_REFUSED', reasons.join('; '));
  return { status: 'failed', code, message, retryable };
}

/** Tasks that should not have come here. */
function refusedTasks({ tasks }: AnalysisJob, wanted: readonly WantedBy[], { host, solves: able }: Provider): TaskOutcome[] {
  return tasks
    .filter((task) => !wanted.some((one) => one.task === task))
    .map(({ runId, analyzerId, solves: names }) => {
      const { code, message, retryable } = cloudError(
        'VD_CLOUD_TASK',
        `${analyzerId} solves ${names.join(', ') || 'nothing named'}; ${host} is set up for ${able.join(', ') || 'nothing'}`,
      );
      return { runId, status: 'failed', code, message, retryable };
    });
}
