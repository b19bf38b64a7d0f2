import { median } from '../quantiles.js';
import { type CpuUse, totalOf } from './cpu.js';
import type { RunCounts } from './live-streams.js';
import type { Trial } from './trials.js';

export interface Pair {
  readonly ours: Trial;
  readonly floor: Trial;
}

/** Ours and the floor in turns, which of them first changing from pair to pair. */
export async function inPairs(pairs: number, ours: () => Promise<Trial>, floor: () => Promise<Trial>): Promise<Pair[]> {
  const measured: Pair[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    if (pair % 2 === 0) {
      const own = await ours();
      measured.push({ ours: own, floor: await floor() });
    } else {
      const bare = await floor();
      measured.push({ ours: await ours(), floor: bare });
    }
  }
  return measured;
}

/** @example 0.64 (0.61–0.70, 5 pairs; target ≥ 0.6)  912 ÷ 1,420 segments/s */
export function ratioText(pairs: readonly Pair[], target: string, unit: string, scale = 1): string {
  const ratios = pairs.map(({ ours, floor }) => ours.perS / floor.perS);
  const spread = `${Math.min(...ratios).toFixed(2)}–${Math.max(...ratios).toFixed(2)}, ${pairs.length} ${pairs.length === 1 ? 'pair' : 'pairs'}; target ${target}`;
  const [own, bare] = [pairs.map(({ ours }) => ours.perS), pairs.map(({ floor }) => floor.perS)].map((values) =>
    whole(median(values) * scale),
  );
  return `${median(ratios).toFixed(2)} (${spread})  ${own} ÷ ${bare} ${unit}`;
}

/** The same ratio by CPU, which holds on a machine that others use too. */
export function ratioByCpu(pairs: readonly Pair[]): string {
  return `${median(pairs.map(({ ours, floor }) => totalOf(floor.cpuMs) / totalOf(ours.cpuMs))).toFixed(2)} by CPU`;
}

/** Where the CPU of one segment or job goes, by the median of each part. */
export function cpuText(trials: readonly Trial[]): string {
  const part = (name: keyof CpuUse): number => median(trials.map(({ cpuMs }) => cpuMs[name]));
  const total = median(trials.map(({ cpuMs }) => totalOf(cpuMs)));
  return partsText({ database: part('database'), queue: part('queue'), worker: part('worker'), producer: part('producer') }, total);
}

/** @example CPU 2.31 ms each: database 1.20, worker 0.71, producer 0.40 */
export function partsText(cpuMs: CpuUse, totalMs = totalOf(cpuMs)): string {
  const parts = (['database', 'queue', 'worker', 'producer'] as const).filter((name) => cpuMs[name] > 0);
  return `CPU ${totalMs.toFixed(2)} ms each: ${parts.map((name) => `${name} ${cpuMs[name].toFixed(2)}`).join(', ')}`;
}

/** Runs that ended otherwise than well. */
export function otherThanDone({ done: _, ...rest }: RunCounts): RunCounts {
  return rest;
}

/** What went otherwise than well, and whether the machine was one's own. */
export function caveats(counts: readonly RunCounts[], foreignShares: readonly number[]): string {
  const bad = new Map<string, number>();
  for (const notDone of counts) for (const [state, count] of Object.entries(notDone)) bad.set(state, (bad.get(state) ?? 0) + count);
  const foreign = Math.max(...foreignShares);
  return [
    bad.size === 0 ? 'errors 0, skipped 0' : [...bad].map(([state, count]) => `${count} ${state}`).join(', '),
    ...(foreign > 0.1 ? [`[others used up to ${Math.round(foreign * 100)} % of the machine]`] : []),
  ].join('  ');
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en');
