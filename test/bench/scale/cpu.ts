import { availableParallelism } from 'node:os';
import { busyCpuSeconds } from '../paired-ratio.js';
import { cpuSecondsByPart, totalOf as sumOfParts } from '../process-parts.js';

/** CPU-seconds by part; `total` is all of them, the bench's own process (producer, ledger of ingest) included. */
export interface CpuUse {
  readonly database: number;
  readonly queue: number;
  readonly worker: number;
  readonly producer: number;
}

export const totalOf = ({ database, queue, worker, producer }: CpuUse): number => database + queue + worker + producer;

/** Whose CPU is counted. */
export interface Counted {
  readonly databasePid: number;
  readonly redisPid?: number;
  readonly workerPids: readonly number[];
}

/** A stretch of time with what was spent in it. */
export class CpuMeter {
  private readonly startedMs = performance.now();
  private readonly before: CpuUse;
  private readonly busyBefore = busyCpuSeconds();

  constructor(private readonly counted: () => Counted) {
    this.before = this.now();
  }

  read(): { readonly wallS: number; readonly cpuS: CpuUse; readonly foreignShare: number } {
    const now = this.now();
    const wallS = (performance.now() - this.startedMs) / 1_000;
    const cpuS = {
      database: now.database - this.before.database,
      queue: now.queue - this.before.queue,
      worker: now.worker - this.before.worker,
      producer: now.producer - this.before.producer,
    };
    const foreignS = Math.max(0, busyCpuSeconds() - this.busyBefore - totalOf(cpuS));
    return { wallS, cpuS, foreignShare: foreignS / (wallS * availableParallelism()) };
  }

  private now(): CpuUse {
    const { databasePid, redisPid, workerPids } = this.counted();
    const { user, system } = process.cpuUsage();
    return {
      database: treeCpuSeconds(databasePid),
      queue: redisPid === undefined ? 0 : treeCpuSeconds(redisPid),
      worker: workerPids.reduce((sum, pid) => sum + treeCpuSeconds(pid), 0),
      producer: (user + system) / 1_000_000,
    };
  }
}

/** User and system time of a process and all below it, of those that have ended as well. */
const treeCpuSeconds = (rootPid: number): number => sumOfParts(cpuSecondsByPart(rootPid));
