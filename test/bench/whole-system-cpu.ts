import { AnalysisBench, type FloorPick } from './analysis-bench.js';
import { LiveSystem, whileMs, type RunFigures } from './live-system.js';
import { cpuSecondsByPart, minus, partsText, per, totalOf, type PartFigures } from './process-parts.js';

const STREAMS = 4;
const MEASURED_MS = 60_000;

/**
 * As P1 and P2, but everything counts: ingest, packagers, PostgreSQL, queues, worker and API, with four live streams of 720p30
 * by RTMP. The publishers do not count. What is fixed (an idle database, timers) is shared by the streams there are.
 */
export async function runWholeSystem(): Promise<string[]> {
  const bench = await AnalysisBench.create();
  try {
    const lines: string[] = [];
    for (const [pick, what] of [
      ['keyframes', 'keyframes'],
      ['fps=5', '5 fps'],
    ] as const) {
      const floorS = (await bench.decodeFloor(pick)) + (await (await bench.inferenceFloor(pick))());
      const { cpuS, runs } = await measure(bench, pick);
      const total = totalOf(cpuS);
      lines.push(
        `all  ${(total / floorS).toFixed(2)} (no target)  ${total.toFixed(2)} ÷ ${floorS.toFixed(2)} CPU-s per stream-minute  ` +
          `Everything from RTMP to WebSocket, ${STREAMS} streams, ${what}`,
        `     ${partsText(cpuS, (seconds) => seconds.toFixed(2))}; ${runs.resultsPerRun.toFixed(0)} results a run; runs ${runs.states}`,
      );
    }
    return lines;
  } finally {
    await bench.close();
  }
}

async function measure(bench: AnalysisBench, pick: FloorPick): Promise<{ cpuS: PartFigures; runs: RunFigures }> {
  const system = await LiveSystem.start({ model: bench.model, keyframesOnly: pick === 'keyframes' });
  try {
    await system.publish(bench.clip, STREAMS);
    const [before, startedAtMs] = [cpuSecondsByPart(system.pid), performance.now()];
    await whileMs(MEASURED_MS);
    const spent = minus(cpuSecondsByPart(system.pid), before);
    const streamMinutes = (STREAMS * (performance.now() - startedAtMs)) / 60_000;
    const runs = await system.runs();
    return { cpuS: per(spent, streamMinutes), runs };
  } finally {
    await system.stop();
  }
}
