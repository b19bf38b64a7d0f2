import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import type { AnalysisJob, AnalysisOutcome, TaskOutcome } from '../../../src/core/plugin-api/index.js';
import { makeBarcodeClip, type BarcodeClipOptions } from '../../../src/core/plugin-testing/index.js';
import { startHostPool, type HostSettings } from './host-pool.js';
import { segmentClip, type SegmentedStream } from './segments.js';

export const never = new AbortController().signal;

/** A media folder with clips cut into segments, and the pools that were started on it. */
export class SegmentBench {
  private readonly pools: ForkedHostPool[] = [];
  private constructor(readonly folder: string) {}

  static async create(): Promise<SegmentBench> {
    return new SegmentBench(await mkdtemp(join(tmpdir(), 'vedette-analysis-')));
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async stream(name: string, options: BarcodeClipOptions, segmentSeconds = 2): Promise<SegmentedStream> {
    await makeBarcodeClip(this.path(name), options);
    return segmentClip(this.path(name), this.folder, segmentSeconds);
  }

  pool(options: Parameters<typeof startHostPool>[1] & { readonly config?: HostSettings['config'] } = {}): ForkedHostPool {
    const pool = startHostPool(
      { mediaDir: this.folder, dataDir: this.path('data'), ...(options.config ? { config: options.config } : {}) },
      options,
    );
    this.pools.push(pool);
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all(this.pools.map((pool) => pool.close()));
    await rm(this.folder, { recursive: true, force: true });
  }
}

export type Answered = Extract<TaskOutcome, { status: 'done' | 'partial' }>;

/** The outcome of the job's only task, which must not have failed. */
export async function answered(pool: ForkedHostPool, job: AnalysisJob): Promise<Answered> {
  return resultOf(await pool.execute(job, never), 0);
}

export function resultOf(outcome: AnalysisOutcome, index: number): Answered {
  const task = outcome.tasks[index];
  if (task?.status !== 'done' && task?.status !== 'partial') throw new Error(`Expected results, got ${JSON.stringify(task)}`);
  return task;
}
