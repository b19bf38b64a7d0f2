import { AnalysisBench } from './analysis-bench.js';
import { LiveSystem, whileMs } from './live-system.js';
import { memoryBytesByPart, partsText, totalOf } from './process-parts.js';

const MEGABYTE = 2 ** 20;
/** What a start has left behind is given back by then, connections that only it needed included. */
const SETTLING_MS = 90_000;
const SLOPE_FROM = 4;
const SLOPE_TO = 12;

const megabytes = (bytes: number): string => (bytes / MEGABYTE).toFixed(0);

/** Memory of the whole program, its PostgreSQL included: with nothing to do, and with four live streams of 720p30 analysed at 5 fps. */
export async function runMemory(): Promise<string[]> {
  const bench = await AnalysisBench.create();
  const system = await LiveSystem.start({ model: bench.model });
  try {
    const line = async (what: string, targetMb: number): Promise<string> => {
      await whileMs(SETTLING_MS);
      const bytes = memoryBytesByPart(system.pid);
      return `memory  ${megabytes(totalOf(bytes))} MB (target ≤ ${targetMb})  ${what}: ${partsText(bytes, megabytes)}`;
    };
    const idle = await line('Idle', 400);
    await system.publish(bench.clip, 4);
    const four = await line('Four streams at 5 fps', 700);
    await system.runs();
    return [idle, four];
  } finally {
    await system.stop();
    await bench.close();
  }
}

/** P5: what each further stream takes, analysed at keyframes. */
export async function runP5(): Promise<string> {
  const bench = await AnalysisBench.create();
  const system = await LiveSystem.start({ model: bench.model, keyframesOnly: true });
  try {
    await system.publish(bench.clip, SLOPE_FROM);
    await whileMs(SETTLING_MS);
    const few = memoryBytesByPart(system.pid);
    await system.publish(bench.clip, SLOPE_TO - SLOPE_FROM);
    await whileMs(SETTLING_MS);
    const many = memoryBytesByPart(system.pid);
    await system.runs();
    const eachMb = (totalOf(many) - totalOf(few)) / (SLOPE_TO - SLOPE_FROM) / MEGABYTE;
    return (
      `P5   ${eachMb.toFixed(1)} MB (no target)  A further ` +
      `stream's memory, ${SLOPE_FROM} to ${SLOPE_TO} streams at keyframes; ${megabytes(totalOf(few))} and ${megabytes(totalOf(many))} MB in all: ${partsText(many, megabytes)}`
    );
  } finally {
    await system.stop();
    await bench.close();
  }
}
