import { SEGMENT_MS } from './live-streams.js';
import { totalOf } from './cpu.js';
import { caveats, otherThanDone } from './ratios.js';
import { KEYFRAME_WORK_MS, liveFor } from './real-time.js';
import type { Backend, ScaleOptions } from './scale-options.js';
import type { Stack } from './stack.js';

/** What one stream costs at so many, over what it costs at this many. */
const COMPARED_WITH = 4;

/** P9: CPU of a stream at each number of streams, all parts, with the work of keyframes. */
export async function runP9(stack: Stack, backend: Backend, { streams, seconds }: ScaleOptions): Promise<string[]> {
  const lines: string[] = [];
  const costs = new Map<number, number>();
  for (const count of new Set([COMPARED_WITH, ...streams])) {
    const { cpuS, wallS, foreignShare, lagP95Ms, counts } = await liveFor(stack, backend, count, KEYFRAME_WORK_MS, seconds);
    const perMinute = (spentS: number): number => (spentS / count / wallS) * 60;
    const cost = perMinute(totalOf(cpuS));
    costs.set(count, cost);
    const work = (KEYFRAME_WORK_MS / SEGMENT_MS) * 60;
    lines.push(
      `P9   ${backend}, ${count} streams: ${(cost / (costs.get(COMPARED_WITH) ?? cost)).toFixed(2)} of the cost at ${COMPARED_WITH} (target ≤ 1.05)  ${cost.toFixed(2)} CPU-s per stream-minute, ${work.toFixed(2)} of them the work; database ${perMinute(cpuS.database).toFixed(2)}, queue ${perMinute(cpuS.queue).toFixed(2)}, worker ${perMinute(cpuS.worker).toFixed(2)}, producer ${perMinute(cpuS.producer).toFixed(2)}; p95 lag ${lagP95Ms.toFixed(0)} ms`,
      `     ${caveats([otherThanDone(counts)], [foreignShare])}`,
    );
  }
  return lines;
}
