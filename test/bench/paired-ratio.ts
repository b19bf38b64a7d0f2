import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { median } from './quantiles.js';

/** Ours over the floor, measured in turns within one run. */
export interface RatioReport {
  readonly id: string;
  readonly title: string;
  /** At most this. */
  readonly target: number;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  /** CPU-seconds per stream-minute, medians. */
  readonly oursCpuS: number;
  readonly floorCpuS: number;
  readonly rounds: number;
  /** Share of the machine that others used meanwhile, 0..1: above a tenth the figures are to be taken with care. */
  readonly foreignShare: number;
}

export interface PairedMeasurement {
  readonly id: string;
  readonly title: string;
  readonly target: number;
  /** Each does the work once and tells its CPU-seconds per stream-minute. */
  readonly ours: () => Promise<number>;
  readonly floor: () => Promise<number>;
  readonly rounds?: number;
}

const LEAST_ROUNDS = 5;

/** Ours and the floor in turns, which of them first changing from pair to pair, after one round of both to warm up. */
export async function measurePairs({ id, title, target, ours, floor, rounds = LEAST_ROUNDS }: PairedMeasurement): Promise<RatioReport> {
  await ours();
  await floor();
  const pairs: { ours: number; floor: number }[] = [];
  const [busyBefore, startedAtMs] = [busyCpuSeconds(), performance.now()];
  for (let round = 0; round < Math.max(LEAST_ROUNDS, rounds); round++) {
    if (round % 2 === 0) {
      const own = await ours();
      pairs.push({ ours: own, floor: await floor() });
    } else {
      const bare = await floor();
      pairs.push({ ours: await ours(), floor: bare });
    }
  }
  const wallS = (performance.now() - startedAtMs) / 1000;
  // Both sides run one after the other on one core: what was busy beyond that was not ours.
  const foreignS = Math.max(0, busyCpuSeconds() - busyBefore - wallS);
  const ratios = pairs.map((pair) => pair.ours / pair.floor);
  return {
    ...{ id, title, target, median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) },
    ...{ oursCpuS: median(pairs.map((pair) => pair.ours)), floorCpuS: median(pairs.map((pair) => pair.floor)), rounds: pairs.length },
    foreignShare: foreignS / (wallS * availableParallelism()),
  };
}

/** @example P1  1.08 (1.05–1.12, 5 rounds; target ≤ 1.5)  5.9 ÷ 5.5 CPU-s per stream-minute  Analysis, 5 fps */
export function formatRatio(report: RatioReport): string {
  const { id, title, target, rounds, foreignShare } = report;
  const spread = `${report.min.toFixed(2)}–${report.max.toFixed(2)}, ${rounds} rounds; target ≤ ${target}`;
  const care = foreignShare > 0.1 ? `  [others used ${Math.round(foreignShare * 100)} % of the machine]` : '';
  return `${id.padEnd(4)} ${report.median.toFixed(2)} (${spread})  ${report.oursCpuS.toFixed(2)} ÷ ${report.floorCpuS.toFixed(2)} CPU-s per stream-minute  ${title}${care}`;
}

export const TICKS_PER_SECOND = 100;

/** User and system time of a process so far, all its threads, where the system has /proc. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

export function ownCpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

export function busyCpuSeconds(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = readFileSync('/proc/stat', 'utf8')
    .split('\n')[0]!
    .split(/\s+/)
    .slice(1)
    .map(Number);
  return (user + nice + system + irq + softirq) / TICKS_PER_SECOND;
}
