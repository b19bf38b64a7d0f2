import { caveats, otherThanDone, partsText } from './ratios.js';
import { drainAfter, KEYFRAME_WORK_MS } from './real-time.js';
import type { Backend, ScaleOptions } from './scale-options.js';
import type { Stack } from './stack.js';

const STREAMS = 16;

/** P15: how long the backlog of an outage takes to be worked off, over the work in it on the cores that live streams leave. */
export async function runP15(stack: Stack, backend: Backend, { outageS }: ScaleOptions): Promise<string[]> {
  const { drainS, idealS, leftIdealS, backlog, cpuRatio, cpuMs, lagP95Ms, foreignShare, counts } = await drainAfter(
    stack,
    backend,
    STREAMS,
    KEYFRAME_WORK_MS,
    outageS,
  );
  return [
    `P15  ${backend}: ${(drainS / idealS).toFixed(2)} (target ≤ 1.3)  ${drainS.toFixed(1)} ÷ ${idealS.toFixed(1)} s for ${backlog} segments of ${STREAMS} streams after ${outageS} s without a worker; p95 lag ${(lagP95Ms / 1_000).toFixed(1)} s`,
    `     ${(drainS / leftIdealS).toFixed(2)} on what others left of the cores, ${cpuRatio.toFixed(2)} by CPU: ${partsText(cpuMs)}, ${KEYFRAME_WORK_MS} of the worker's the work`,
    `     ${caveats([otherThanDone(counts)], [foreignShare])}`,
  ];
}
