import { setTimeout as delay } from 'node:timers/promises';
import type {
  AnalysisHostPool,
  AnalysisJob,
  AnalysisOutcome,
  AnalysisResult,
  PoolLoad,
  StrategyHealth,
} from '../../../src/core/plugin-api/index.js';

/** A pool that has the same to say of every job, after a while, or refuses each. */
export class FakeHostPool implements AnalysisHostPool {
  readonly jobs: AnalysisJob[] = [];
  readonly discarded: AnalysisJob[] = [];
  calledOff = 0;
  takesMs = 0;
  /** While set, every job fails with it. */
  fault: Error | undefined;
  results: readonly AnalysisResult[] = [{ type: 'metric', ptsUs: 0, name: 'x', value: 1, unit: '1' }];
  private running = 0;

  constructor(private readonly capacity = 1) {}

  async execute(job: AnalysisJob, signal: AbortSignal): Promise<AnalysisOutcome> {
    this.jobs.push(job);
    if (this.fault !== undefined) throw this.fault;
    this.running++;
    try {
      await delay(this.takesMs, undefined, { signal });
    } catch (error) {
      this.calledOff++;
      throw error;
    } finally {
      this.running--;
    }
    const tasks = job.tasks.map(({ runId }) => ({
      runId,
      status: 'done' as const,
      results: this.results,
      framesSeen: 1,
      framesExpected: 1,
      cpuMs: 1,
    }));
    return { tasks, wallMs: this.takesMs, cpuMs: 1, decodeCpuMs: 0, executedBy: 'fake' };
  }

  load(): PoolLoad {
    return { capacity: this.capacity, running: this.running, waiting: 0 };
  }
  discard(job: AnalysisJob): void {
    this.discarded.push(job);
  }
  health(): StrategyHealth {
    return { status: 'up' };
  }
}

export const FAKE_ANALYZER = { id: 'fake', version: '1.0.0' } as const;

let made = 0;

/** A job with tasks for `fake`, whose segment nobody reads. */
export function fakeJob(options: { readonly streamId?: string; readonly tasks?: number; readonly analyzerId?: string } = {}): AnalysisJob {
  const { streamId = 'stream', tasks = 1, analyzerId = FAKE_ANALYZER.id } = options;
  const number = ++made;
  return {
    jobId: `job-${number}`,
    queue: 'default',
    stream: { streamId, streamName: 'test', epochId: 'epoch', widthPx: 16, heightPx: 16, codec: 'h264' },
    segment: {
      streamId,
      epochId: 'epoch',
      sequence: number,
      ptsStartUs: 0,
      ptsEndUs: 1,
      path: `${streamId}/epoch/000000.ts`,
      nodeId: 'node',
      sizeBytes: 1,
      frameCount: 1,
      keyframeCount: 1,
    },
    tasks: Array.from({ length: tasks }, (_, i) => ({
      runId: `run-${number}-${i}`,
      attempt: 1,
      analyzerId,
      analyzerVersion: '1.0.0',
      solves: [],
      configHash: 'hash',
      config: {},
    })),
  };
}
