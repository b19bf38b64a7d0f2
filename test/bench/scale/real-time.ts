import { availableParallelism } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../support/until.js';
import { quantile } from '../quantiles.js';
import { CpuMeter, type CpuUse, totalOf } from './cpu.js';
import { LiveStreams, type RunCounts, SEGMENT_MS } from './live-streams.js';
import type { Backend } from './scale-options.js';
import type { Ground, Stack } from './stack.js';
import { allEnded, perPiece, workerSettings } from './trials.js';
import { WorkerProcess } from './worker-process.js';

/** CPU of a 2 s segment of 720p30: keyframes only, and 5 frames a second (floors measured by `npm run bench`). */
export const KEYFRAME_WORK_MS = 17;
export const FIVE_FPS_WORK_MS = 183;
/** An object in every other frame of a segment. */
const ROWS = 30;
const CATCH_UP_DEADLINE_MS = 600_000;

export interface LiveFigures {
  readonly cpuS: CpuUse;
  readonly wallS: number;
  readonly foreignShare: number;
  /** From a segment's registration to the commit of its results. */
  readonly lagP95Ms: number;
  readonly counts: RunCounts;
}

/** Streams in real time through a worker with work of known size, after one segment of each to warm up. */
export async function liveFor(stack: Stack, backend: Backend, streams: number, workMs: number, seconds: number): Promise<LiveFigures> {
  const ground = await stack.fresh(backend);
  const live = await LiveStreams.open(ground, streams);
  const worker = await WorkerProcess.start(workerSettings(ground, { rows: ROWS, workMs }));
  try {
    live.writeFiles(Math.ceil((seconds * 1_000) / SEGMENT_MS) + 4);
    await live.publish(1);
    await allEnded(ground);
    const stop = live.publishLive();
    await delay(SEGMENT_MS);
    const meter = new CpuMeter(() => ({ ...ground, workerPids: [worker.pid] }));
    await delay(seconds * 1_000);
    const { wallS, cpuS, foreignShare } = meter.read();
    const lagsMs = await lags(ground);
    await stop();
    await allEnded(ground);
    return { cpuS, wallS, foreignShare, lagP95Ms: quantile(lagsMs, 0.95), counts: await live.counts() };
  } finally {
    await worker.stop();
    await live.close();
    await ground.clear();
  }
}

export interface Drain {
  readonly drainS: number;
  /** The work that had piled up, on what the cores have left beside the live streams and the bench's own producer. */
  readonly idealS: number;
  /** The same on what processes that are not ours left of the cores meanwhile: what is lost by waiting shows in this, whoever else is busy. */
  readonly leftIdealS: number;
  readonly backlog: number;
  /** Of segments that came while the backlog was worked off, from their registration to their commit. */
  readonly lagP95Ms: number;
  readonly foreignShare: number;
  /** CPU of database, queue and worker meanwhile, over the work alone: what the ratio of times would be on a machine of one's own. */
  readonly cpuRatio: number;
  /** CPU of each segment worked off meanwhile, in ms, by part. */
  readonly cpuMs: CpuUse;
  readonly counts: RunCounts;
}

/** Streams in real time whose worker is killed, and another that comes when the outage is over. */
export async function drainAfter(stack: Stack, backend: Backend, streams: number, workMs: number, outageS: number): Promise<Drain> {
  const ground = await stack.fresh(backend);
  const live = await LiveStreams.open(ground, streams);
  let worker = await WorkerProcess.start(workerSettings(ground, { rows: ROWS, workMs }));
  try {
    live.writeFiles(Math.ceil((outageS * 1_000 + CATCH_UP_DEADLINE_MS) / SEGMENT_MS));
    const stop = live.publishLive();
    await delay(2 * SEGMENT_MS);
    await worker.kill();
    await delay(outageS * 1_000);
    worker = await WorkerProcess.start(workerSettings(ground, { rows: ROWS, workMs }));
    const [waiting] = await ground.rows<{ count: number; last: string | null }>(
      `SELECT count(*)::int AS count, max(id)::text AS last FROM analysis_runs WHERE state IN ('queued', 'running')`,
    );
    const backlog = waiting?.count ?? 0;
    const [startedMs, startedAt] = [performance.now(), new Date()];
    const meter = new CpuMeter(() => ({ ...ground, workerPids: [worker.pid] }));
    await until(
      'the backlog to be worked off',
      async () =>
        (await ground.rows(`SELECT 1 FROM analysis_runs WHERE state IN ('queued', 'running') AND id <= $1 LIMIT 1`, [waiting?.last ?? 0]))
          .length === 0,
      CATCH_UP_DEADLINE_MS,
    );
    const drainS = (performance.now() - startedMs) / 1_000;
    const { foreignShare, cpuS } = meter.read();
    const [ended] = await ground.rows<{ count: number }>(`SELECT count(*)::int AS count FROM analysis_runs WHERE finished_at >= $1`, [
      startedAt,
    ]);
    const pieces = ended?.count ?? 0;
    const cpuRatio = ((totalOf(cpuS) - cpuS.producer) * 1_000) / (pieces * workMs);
    await stop();
    await allEnded(ground);
    const takenCores = (streams * workMs) / SEGMENT_MS + cpuS.producer / drainS;
    const workS = (backlog * workMs) / 1_000;
    const idealS = workS / (availableParallelism() - takenCores);
    const leftIdealS = workS / (availableParallelism() * (1 - foreignShare) - takenCores);
    const cpuMs = perPiece(cpuS, pieces);
    const lagP95Ms = quantile(await lags(ground), 0.95);
    return { drainS, idealS, leftIdealS, backlog, foreignShare, cpuRatio, cpuMs, lagP95Ms, counts: await live.counts() };
  } finally {
    await worker.stop();
    await live.close();
    await ground.clear();
  }
}

async function lags({ rows }: Ground): Promise<number[]> {
  const found = await rows<{ ms: number }>(
    `SELECT (extract(epoch FROM r.finished_at - s.registered_at) * 1000)::float8 AS ms FROM analysis_runs r
      JOIN segments s ON s.id = r.segment_id
     WHERE r.finished_at IS NOT NULL`,
  );
  return found.map(({ ms }) => ms);
}
