import { setTimeout as delay } from 'node:timers/promises';
import {
  type AnalysisJob,
  type AnalysisOutcome,
  type AnalysisResult,
  Box,
  type ExecutionStrategy,
  type StrategyHealth,
} from '../../../src/core/plugin-api/index.js';
import type { BusyThreads } from './busy-threads.js';

/** An analysis of known size: so many detections, after so much CPU in one of the threads that stand for analysis hosts. */
export class WorkStrategy implements ExecutionStrategy {
  constructor(
    private readonly rows: number,
    private readonly threads?: BusyThreads,
  ) {}

  supports(): boolean {
    return true;
  }

  async execute(job: AnalysisJob): Promise<AnalysisOutcome> {
    if (this.threads === undefined) await delay(0);
    else await this.threads.work();
    return {
      tasks: job.tasks.map(({ runId }) => ({
        runId,
        status: 'done',
        results: detections(this.rows, job),
        framesSeen: 60,
        framesExpected: 60,
        cpuMs: 1,
      })),
      wallMs: 1,
      cpuMs: 1,
      decodeCpuMs: 1,
      executedBy: 'bench',
    };
  }

  health(): StrategyHealth {
    return { status: 'up' };
  }

  async close(): Promise<void> {
    await this.threads?.close();
  }
}

/** As an object detector finds them: spread over the segment, each with a box and a score. */
export function detections(
  rows: number,
  { segment }: { readonly segment: { readonly ptsStartUs: number; readonly ptsEndUs: number } },
): AnalysisResult[] {
  return Array.from({ length: rows }, (_, index) => ({
    type: 'detection',
    ptsUs: segment.ptsStartUs + Math.floor(((segment.ptsEndUs - segment.ptsStartUs) * index) / rows),
    label: index % 2 === 0 ? 'person' : 'car',
    score: 0.5 + (index % 50) / 100,
    box: Box.from01(0.1, 0.2, 0.3, 0.4),
  }));
}
