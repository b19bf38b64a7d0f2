import { LiveSystem, whileMs } from './live-system.js';
import { cpuSecondsByPart, minus, partsText, per, totalOf } from './process-parts.js';

const STREAMS = 64;
const SETTLING_MS = 20_000;
const MEASURED_MS = 60_000;

/** P14: what everything costs while nothing is live. */
export async function runP14(): Promise<string> {
  const system = await LiveSystem.start();
  try {
    await system.configure(STREAMS);
    await whileMs(SETTLING_MS);
    const [before, startedAtMs] = [cpuSecondsByPart(system.pid), performance.now()];
    await whileMs(MEASURED_MS);
    const share = per(minus(cpuSecondsByPart(system.pid), before), (performance.now() - startedAtMs) / 1000);
    const percent = (value: number): string => `${(value * 100).toFixed(2)} %`;
    return `P14  ${percent(totalOf(share))} of a core (no target)  Idle, ${STREAMS} streams configured: ${partsText(share, percent)}`;
  } finally {
    await system.stop();
  }
}
