import { availableParallelism } from 'node:os';
import { totalOf } from './cpu.js';
import { SEGMENT_MS } from './live-streams.js';
import { caveats, otherThanDone } from './ratios.js';
import { FIVE_FPS_WORK_MS, liveFor } from './real-time.js';
import type { Backend, ScaleOptions } from './scale-options.js';
import type { Stack } from './stack.js';

/** Steps of the search, as shares of what the cores could do with nothing but the work itself. */
const SHARES = [1, 0.95, 0.9, 0.85, 0.8, 0.75, 0.7, 0.65, 0.6, 0.5];

/**
 * P8: streams of which none lags (p95 within a segment, nothing skipped), over what the cores could do with the work alone. Where so many
 * lag, more lag too: each step leaves half of the shares.
 */
export async function runP8(stack: Stack, backend: Backend, { seconds }: ScaleOptions): Promise<string[]> {
  const ideal = (availableParallelism() * SEGMENT_MS) / FIVE_FPS_WORK_MS;
  const steps = [...new Set(SHARES.map((share) => Math.floor(ideal * share)))];
  let best: string[] | undefined;
  let [from, to] = [0, steps.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const streams = steps[middle]!;
    const { lagP95Ms, cpuS, wallS, counts, foreignShare } = await liveFor(stack, backend, streams, FIVE_FPS_WORK_MS, seconds);
    if (lagP95Ms > SEGMENT_MS || Object.keys(otherThanDone(counts)).length > 0) {
      from = middle + 1;
      continue;
    }
    to = middle;
    const usedShare = totalOf(cpuS) / (wallS * availableParallelism());
    best = [
      `P8   ${backend}: ${(streams / ideal).toFixed(2)} (target ≥ 0.75)  ${streams} ÷ ${ideal.toFixed(1)} streams of ${FIVE_FPS_WORK_MS} ms of CPU a segment; p95 lag ${lagP95Ms.toFixed(0)} ms over ${seconds} s; ${Math.round(usedShare * 100)} % of the cores used`,
      `     ${caveats([otherThanDone(counts)], [foreignShare])}`,
    ];
  }
  return best ?? [`P8   ${backend}: below ${SHARES.at(-1)} (target ≥ 0.75): even ${steps.at(-1)} streams lag`];
}
