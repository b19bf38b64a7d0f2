import { formatRatio } from './paired-ratio.js';
import { runP1 } from './p1-analysis-cpu.js';
import { runP13 } from './p13-second-analyzer.js';
import { runP17 } from './p17-fidelity.js';
import { runP2 } from './p2-keyframe-cpu.js';

// Prints the figures of analysis, one line each:
// node --experimental-transform-types --conditions=vedette-source --import ./test/support/analysis/run-from-source.mjs test/bench/run-analysis.ts
const wanted = new Set(process.argv.slice(2));
const isWanted = (id: string): boolean => wanted.size === 0 || wanted.has(id);
for (const [id, measure] of Object.entries({ P1: runP1, P2: runP2, P13: runP13 }))
  if (isWanted(id)) console.log(formatRatio(await measure()));
if (isWanted('P17')) {
  const { ratio, compared, framesCompared, title } = await runP17();
  console.log(`P17  ${ratio.toFixed(3)} (target 1.000)  ${compared} detections in ${framesCompared} frames  ${title}`);
}
