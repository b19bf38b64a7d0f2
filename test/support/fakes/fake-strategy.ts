import type {
  AnalysisJob,
  AnalysisOutcome,
  AnalysisResult,
  AnalyzerTask,
  ExecutionStrategy,
  Quote,
  StrategyHealth,
  TaskOutcome,
} from '../../../src/core/plugin-api/index.js';

export type Behaviour = (job: AnalysisJob, signal: AbortSignal) => Promise<readonly TaskOutcome[]> | readonly TaskOutcome[];

/** Executes as the test says; by default every task is done with one metric that names its segment. Remembers what it was given. */
export class FakeStrategy implements ExecutionStrategy {
  readonly executed: AnalysisJob[] = [];
  readonly discarded: AnalysisJob[] = [];
  /** Segments under way per (stream, queue); more than one at a time is a broken lane. */
  readonly overlaps: string[] = [];
  status: StrategyHealth['status'] = 'up';
  detail: string | undefined;
  executedBy = 'fake';
  costPerJob = 0;
  startDelayMs = 0;
  private readonly underWay = new Set<string>();

  constructor(private readonly behaviour: Behaviour = (job) => job.tasks.map((task) => done(task, [sequenceMetric(job)]))) {}

  supports(): boolean {
    return true;
  }

  async execute(job: AnalysisJob, signal: AbortSignal): Promise<AnalysisOutcome> {
    const lane = `${job.segment.streamId} ${job.queue} ${job.tasks.map(({ analyzerId }) => analyzerId).join()}`;
    if (this.underWay.has(lane)) this.overlaps.push(lane);
    this.underWay.add(lane);
    this.executed.push(job);
    try {
      return {
        tasks: await this.behaviour(job, signal),
        wallMs: 1,
        cpuMs: 1,
        decodeCpuMs: 1,
        executedBy: this.executedBy,
        cost: this.costPerJob,
      };
    } finally {
      this.underWay.delete(lane);
    }
  }

  quote(): Quote {
    return { startDelayMs: this.startDelayMs, costPerJob: this.costPerJob };
  }

  discard(job: AnalysisJob): void {
    this.discarded.push(job);
  }

  health(): StrategyHealth {
    return { status: this.status, ...(this.detail === undefined ? {} : { detail: this.detail }) };
  }

  /** Sequences executed for a stream, in order of execution. */
  sequences(streamId: string): number[] {
    return this.executed.filter(({ segment }) => segment.streamId === streamId).map(({ segment }) => segment.sequence);
  }
}

export function done(task: AnalyzerTask, results: readonly AnalysisResult[] = [], more: { checkpoint?: number } = {}): TaskOutcome {
  return { runId: task.runId, status: 'done', results, framesSeen: 60, framesExpected: 60, cpuMs: 1, ...more };
}

export function sequenceMetric(job: AnalysisJob): AnalysisResult {
  return { type: 'metric', ptsUs: job.segment.ptsStartUs, name: 'sequence', unit: '1', value: job.segment.sequence };
}
