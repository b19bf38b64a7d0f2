import { analysisError } from '../../errors/analysis.errors.js';
import {
  CodedError,
  errorText,
  flawOfEmitted,
  isEvidence,
  RESULT_LIMITS,
  resultSpan,
  type ResultSpan,
  tooMany,
} from '../../plugin-api/index.js';
import type {
  AnalysisJob,
  AnalysisResult,
  AnalyzerInput,
  AnalyzerTask,
  AudioBlock,
  Emit,
  EvidenceResult,
  Frame,
  JsonValue,
  TaskOutcome,
} from '../../plugin-api/index.js';
import { frameSize } from '../../plugin-host/manifest-check.js';
import type { RunningAnalyzer } from './analyzer-instances.js';
import type { HeldPictures } from '../../decode/held-pictures.js';
import type { CpuShare } from './cpu-clock.js';
import { EvidenceRequests } from './evidence-requests.js';
import type { PluginFaultLog } from '../../observability/plugin-fault-log.js';
import type { StreamStates } from './analyzer-streams.js';

/** How the segment's decode went, as far as it concerns one task. For one that only listens, frames are those of sound. */
export interface Coverage {
  readonly framesSeen: number;
  readonly framesExpected: number;
  /** What is missing of what was asked for, for a person; empty when everything was decoded without an error. */
  readonly flaws: readonly string[];
}

/** One analyzer's way through one segment. What it throws fails this task and no other. */
export class TaskRun {
  private readonly results: AnalysisResult[] = [];
  private pending: { readonly frame: Frame; readonly position: number }[] = [];
  private usedCpuMs = 0;
  private failure: TaskOutcome | undefined;
  private checkpoint: JsonValue | undefined;
  private refusal: CodedError | undefined;
  private readonly span: ResultSpan;
  private asked: AnalyzerInput;

  private readonly evidence: EvidenceRequests;

  private readonly emit: Emit = (result) => {
    const flaw = this.results.length >= RESULT_LIMITS.resultsPerRun ? tooMany(this.results.length + 1) : flawOfEmitted(result, this.span);
    if (isEvidence(result)) return this.ask(result, flaw);
    if (flaw === undefined) return void this.results.push(result);
    // Kept, for an analyzer that catches it: results without one of them are not what it saw.
    this.refusal ??= analysisError('VD_ANALYZER_BAD_RESULT', `${flaw}, in ${brief(result)}`);
    throw this.refusal;
  };

  constructor(
    readonly task: AnalyzerTask,
    private readonly job: AnalysisJob,
    private readonly running: RunningAnalyzer,
    private readonly states: StreamStates,
    private readonly signal: AbortSignal,
    private readonly cpu: CpuShare,
    private readonly faults: PluginFaultLog,
    held: HeldPictures,
  ) {
    this.evidence = new EvidenceRequests(held);
    this.span = resultSpan(job.segment, this.isStateful ? task.checkpoint : undefined);
    this.asked = running.registered.input;
  }

  get cpuMs(): number {
    return this.usedCpuMs;
  }

  /** What it asks for of this stream, once it has begun. */
  get input(): AnalyzerInput {
    return this.asked;
  }

  private get isStateful(): boolean {
    return this.running.registered.definition.state === 'stream';
  }

  async begin(): Promise<void> {
    if (this.isStateful) await this.guarded(() => this.states.enter(this.running.analyzer, this.task, this.job, this.emit));
    await this.guarded(() => this.askForSize());
  }

  /** Hands sound to the analyzer at once; after it the memory may be reused. */
  async hear(blocks: readonly AudioBlock[]): Promise<void> {
    await this.guarded(() => {
      const { analyzer } = this.running;
      if (analyzer.processAudio === undefined) throw new Error('it asks for sound (input.audio) but has no processAudio');
      return analyzer.processAudio(blocks, this.emit, this.signal, this.job.stream);
    });
  }

  /** @param position of the frame in decode order */
  take(frame: Frame, position: number): void {
    if (this.failure === undefined) this.pending.push({ frame, position });
  }

  retract(isUnsound: (position: number) => boolean): void {
    this.pending = this.pending.filter(({ position }) => !isUnsound(position));
  }

  /** Hands the frames taken so far to the analyzer; after it their memory may be reused. */
  async flush(): Promise<void> {
    const frames = this.pending.map(({ frame }) => frame);
    this.pending = [];
    if (frames.length === 0) return;
    await this.guarded(() => this.running.analyzer.process(frames, this.emit, this.signal, this.job.stream));
  }

  async end(): Promise<void> {
    const { analyzer } = this.running;
    const { stream, segment } = this.job;
    await this.guarded(async () => {
      await analyzer.endSegment?.(segment, this.emit, stream);
      if (!this.isStateful) return;
      if (segment.lastOfEpoch) {
        await analyzer.closeStream?.(stream, this.emit);
      } else {
        this.checkpoint = await this.states.leave(analyzer, this.task, this.job);
      }
    });
    await this.guarded(async () => void this.results.push(...(await this.evidence.cut(this.results, this.signal))));
    const { refused } = this.evidence;
    if (refused !== undefined)
      this.faults.tell(this.task.analyzerId, refused, { segment: this.job.segment.path }, 'A plugin asked in vain');
  }

  /** Settles the task as failed: what follows for it is nothing. */
  async fail(error: unknown): Promise<void> {
    this.failure ??= failedTask(this.task, error);
    if (this.isStateful) await this.states.drop(this.task, this.job.stream, this.running.analyzer);
  }

  outcome(coverage: Coverage): TaskOutcome {
    if (this.failure !== undefined) return this.failure;
    const { refused } = this.evidence;
    const remarks = [...coverage.flaws, ...(refused === undefined ? [] : [`${refused.code}: ${refused.message}`])];
    return {
      runId: this.task.runId,
      status: coverage.flaws.length === 0 ? 'done' : 'partial',
      results: this.results,
      framesSeen: coverage.framesSeen,
      framesExpected: coverage.framesExpected,
      // An outcome is sent on as JSON: what is not there has no key.
      ...(this.checkpoint === undefined ? {} : { checkpoint: this.checkpoint }),
      ...(remarks.length === 0 ? {} : { reason: remarks.join(', ') }),
      cpuMs: this.usedCpuMs,
    };
  }

  /** What cannot be kept costs the run no other result. */
  private ask(evidence: EvidenceResult, flaw: string | undefined): void {
    if (flaw !== undefined) this.evidence.refuse(flaw);
    else if (this.asked.evidence !== true) this.evidence.refuse('the input of its analyzer does not say `evidence: true`');
    else this.evidence.ask(evidence);
  }

  private askForSize(): void {
    const { frame } = this.asked;
    const size = frame && this.running.analyzer.frameSize?.(this.job.stream);
    if (size === undefined) return;
    const { success, data } = frameSize.safeParse(size);
    if (!success) throw new Error(`its frameSize() gives ${brief(size)}, which is no size of pictures`);
    this.asked = { ...this.asked, frame: { ...frame!, ...data } };
  }

  private async guarded(step: () => Promise<void> | void): Promise<void> {
    if (this.failure !== undefined) return;
    const startedMs = this.cpu.usedMs;
    try {
      await step();
      if (this.refusal !== undefined) throw this.refusal;
    } catch (error) {
      this.faults.tell(this.task.analyzerId, error, { segment: this.job.segment.path });
      await this.fail(error);
    } finally {
      this.usedCpuMs += this.cpu.usedMs - startedMs;
    }
  }
}

/** The outcome of a task that could not be done. Coded errors keep their code; others are the analyzer's fault. */
export function failedTask(task: AnalyzerTask, error: unknown): TaskOutcome {
  const coded = isCoded(error)
    ? error
    : analysisError('VD_ANALYSIS_ANALYZER_FAILED', `${task.analyzerId}: ${errorText(error)}`, {
        cause: error,
      });
  return { runId: task.runId, status: 'failed', code: coded.code, message: coded.message, retryable: coded.retryable };
}

function brief(result: unknown): string {
  try {
    return (JSON.stringify(result) ?? String(result)).slice(0, 200);
  } catch {
    return 'a result that is not JSON';
  }
}

/** By shape: a plugin may bring its own copy of the class. */
function isCoded(error: unknown): error is CodedError {
  return (
    error instanceof CodedError ||
    (error instanceof Error && error.name === 'CodedError' && typeof (error as { code?: unknown }).code === 'string')
  );
}
