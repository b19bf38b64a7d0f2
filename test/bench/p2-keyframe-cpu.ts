import { AnalysisBench } from './analysis-bench.js';
import { measurePairs, type RatioReport } from './paired-ratio.js';

/** P2: as P1, but keyframes only: one every two seconds. */
export async function runP2(rounds?: number): Promise<RatioReport> {
  const bench = await AnalysisBench.create();
  try {
    const infer = await bench.inferenceFloor('keyframes');
    return await measurePairs({
      ...{ id: 'P2', title: 'Analysis, keyframes of 720p30', target: 2.5, rounds },
      ours: () => bench.ours(bench.analyzer('keyframe-detection')),
      floor: async () => (await bench.decodeFloor('keyframes')) + (await infer()),
    });
  } finally {
    await bench.close();
  }
}
