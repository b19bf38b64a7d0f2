import { availableParallelism } from 'node:os';
import { until } from '../../support/until.js';
import { BareQueue } from './bare-queue.js';
import { CpuMeter, type CpuUse } from './cpu.js';
import { LiveStreams, type RunCounts } from './live-streams.js';
import type { Backend } from './scale-options.js';
import type { Ground, Stack } from './stack.js';
import { WorkerProcess, type WorkerSettings } from './worker-process.js';

/** Jobs at once in a worker, ours and BullMQ's alike; a lane is one at a time, so that fewer streams are fewer jobs at once. */
export const CONCURRENCY = 32;
const WARM_UP_SEGMENTS = 160;
const TRIAL_DEADLINE_MS = 300_000;

export interface Trial {
  readonly perS: number;
  /** CPU per segment or job, in ms, by part. */
  readonly cpuMs: CpuUse;
  readonly foreignShare: number;
  /** Runs that did not end as `done`; none of the bare queue. */
  readonly notDone: RunCounts;
}

/**
 * Segments through everything but the analysis: registered, rung for, claimed, committed with their results.
 * @throws when a run is lost or a result is missing or there twice: then no figure of it is worth anything
 */
export async function segmentsThrough(stack: Stack, backend: Backend, streams: number, segments: number, rows: number): Promise<Trial> {
  const ground = await stack.fresh(backend);
  try {
    const live = await LiveStreams.open(ground, streams);
    const worker = await WorkerProcess.start(workerSettings(ground, { rows }));
    try {
      const [warmUp, each] = [WARM_UP_SEGMENTS, segments].map((count) => Math.max(1, Math.ceil(count / streams))) as [number, number];
      live.writeFiles(warmUp + each);
      await live.publish(warmUp);
      await allEnded(ground);
      const meter = new CpuMeter(() => ({ ...ground, workerPids: [worker.pid] }));
      await live.publish(each);
      await allEnded(ground);
      const { wallS, cpuS, foreignShare } = meter.read();
      const { done = 0, ...notDone } = await live.counts();
      const total = (warmUp + each) * streams;
      const [kept] = await ground.rows<{ count: number }>('SELECT count(*)::int AS count FROM detections');
      if (done !== total && Object.keys(notDone).length === 0) throw new Error(`${done} of ${total} runs are there`);
      if (kept?.count !== done * rows) throw new Error(`${kept?.count} results are there, ${done * rows} were given`);
      return { perS: (each * streams) / wallS, cpuMs: perPiece(cpuS, each * streams), foreignShare, notDone };
    } finally {
      await worker.stop();
      await live.close();
    }
  } finally {
    await ground.clear();
  }
}

/** As many jobs that do nothing through BullMQ alone, its tables in the same place, every commit as durable. */
export async function bareJobs(stack: Stack, backend: Backend, concurrency: number, jobs: number): Promise<Trial> {
  const ground = await stack.fresh(backend);
  try {
    const queue = new BareQueue(ground);
    const worker = await WorkerProcess.start(workerSettings(ground, { kind: 'bare', concurrency }));
    try {
      const hundreds = (count: number): number => Math.ceil(count / 100) * 100;
      const [warmUp, measured] = [hundreds(WARM_UP_SEGMENTS), hundreds(jobs)];
      await queue.add(warmUp);
      await until('the jobs to warm up', () => worker.jobs >= warmUp, TRIAL_DEADLINE_MS);
      const meter = new CpuMeter(() => ({ ...ground, workerPids: [worker.pid] }));
      await queue.add(measured);
      await until('the jobs', () => worker.jobs >= warmUp + measured, TRIAL_DEADLINE_MS);
      const { wallS, cpuS, foreignShare } = meter.read();
      return { perS: measured / wallS, cpuMs: perPiece(cpuS, measured), foreignShare, notDone: {} };
    } finally {
      await worker.stop();
      await queue.close();
    }
  } finally {
    await ground.clear();
  }
}

export function workerSettings(ground: Ground, more: Partial<WorkerSettings>): WorkerSettings {
  const { databaseUrl, redisUrl, mediaDir } = ground;
  return {
    ...{ databaseUrl, redisUrl, mediaDir, kind: 'segments', concurrency: CONCURRENCY, rows: 0, workMs: 0 },
    threads: availableParallelism(),
    ...more,
  };
}

export async function allEnded({ rows }: Ground): Promise<void> {
  await until(
    'every run to end',
    async () => (await rows(`SELECT 1 FROM analysis_runs WHERE state IN ('queued', 'running') LIMIT 1`)).length === 0,
    TRIAL_DEADLINE_MS,
  );
}

/** CPU of each piece, in ms. */
export function perPiece({ database, queue, worker, producer }: CpuUse, pieces: number): CpuUse {
  const each = (cpuS: number): number => (cpuS * 1_000) / pieces;
  return { database: each(database), queue: each(queue), worker: each(worker), producer: each(producer) };
}
