import { caveats, cpuText, inPairs, ratioByCpu, ratioText } from './ratios.js';
import type { Backend, ScaleOptions } from './scale-options.js';
import type { Stack } from './stack.js';
import { bareJobs, CONCURRENCY, segmentsThrough } from './trials.js';

/** P7: segments a second through ledger, queue and commit, without analysis, over BullMQ's jobs that do nothing. */
export async function runP7(stack: Stack, backend: Backend, { streams, pairs, segments }: ScaleOptions): Promise<string[]> {
  const lines: string[] = [];
  for (const count of streams) {
    const measured = await inPairs(
      pairs,
      () => segmentsThrough(stack, backend, count, segments, 0),
      () => bareJobs(stack, backend, Math.min(count, CONCURRENCY), segments),
    );
    const [ours, floor] = [measured.map((pair) => pair.ours), measured.map((pair) => pair.floor)];
    lines.push(
      `P7   ${backend}, ${count} streams: ${ratioText(measured, '≥ 0.6', 'a second (segments ÷ bare jobs)')}`,
      `     ${ratioByCpu(measured)}: ${cpuText(ours)}; bare ${cpuText(floor)}`,
      `     ${caveats(
        ours.map(({ notDone }) => notDone),
        [...ours, ...floor].map(({ foreignShare }) => foreignShare),
      )}`,
    );
  }
  return lines;
}
