import { fromBuild } from './from-build.js';
import { runMemory, runP5 } from './memory.js';
import { runP1 } from './p1-analysis-cpu.js';
import { runP13 } from './p13-second-analyzer.js';
import { runP14 } from './p14-idle-cpu.js';
import { runP17 } from './p17-fidelity.js';
import { runP2 } from './p2-keyframe-cpu.js';
import { runP3 } from './p3-motion-gate.js';
import { runP4 } from './p4-ingest-cpu.js';
import { runP5Ingest } from './p5-ingest-memory.js';
import { runP6 } from './p6-latency.js';
import { formatRatio } from './paired-ratio.js';
import { runPersons } from './persons.js';
import { runTracking } from './tracking-quality.js';
import { runWholeSystem } from './whole-system-cpu.js';

/** What `npm run bench` prints, one line or two each; `npm run bench -- P1 memory` measures those only. */
const FIGURES: Readonly<Record<string, () => Promise<string>>> = {
  P1: async () => formatRatio(await runP1()),
  P2: async () => formatRatio(await runP2()),
  P13: async () => formatRatio(await runP13()),
  P17: async () => {
    const { ratio, compared, framesCompared, title } = await runP17();
    return `P17  ${ratio.toFixed(3)} (target 1.000)  ${compared} detections in ${framesCompared} frames  ${title}`;
  },
  P6: async () => {
    const { p50Ratio, p95Ratio, p50Ms, p95Ms, workMs, frames } = await runP6();
    return [
      `P6   p50 ${p50Ratio.toFixed(2)}, p95 ${p95Ratio.toFixed(2)} (target ≤ 1.25)  `,
      `${p50Ms.toFixed(0)} and ${p95Ms.toFixed(0)} ms from a frame's publishing to its result on a WebSocket, `,
      `${workMs.toFixed(0)} ms of them the work on a segment of 2 s; ${frames} frames`,
    ].join('');
  },
  persons: async () => (await runPersons()).join('\n'),
  tracking: async () => (await runTracking()).join('\n'),
  system: async () => (await runWholeSystem()).join('\n'),
  memory: async () => (await runMemory()).join('\n'),
  P3: async () => (await runP3()).join('\n'),
  P4: async () => (await runP4()).join('\n'),
  P5: async () => [await runP5Ingest(), await runP5()].join('\n'),
  P14: runP14,
  P11: () => fromBuild('ledger/p11-timeline.ts'),
  ledger: () => fromBuild('ledger/ledger-growth.ts'),
  playlist: () => fromBuild('playlist/playlist-cost.ts'),
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((id) => !(id in FIGURES));
if (unknown.length > 0) {
  console.error(`There is no figure ${unknown.join(', ')}; there are ${Object.keys(FIGURES).join(', ')}`);
  process.exit(2);
}
for (const [id, measure] of Object.entries(FIGURES)) if (wanted.length === 0 || wanted.includes(id)) console.log(await measure());
