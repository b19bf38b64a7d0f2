import { AnalysisBench } from './analysis-bench.js';
import { measurePairs, type RatioReport } from './paired-ratio.js';

/**
 * P13: what a second analyzer on the same queue adds, against the bare cost of its model on the same frames. Above 1.9 it would
 * have decoded the stream again.
 */
export async function runP13(rounds?: number): Promise<RatioReport> {
  const bench = await AnalysisBench.create();
  try {
    const infer = await bench.inferenceFloor('fps=5');
    const [first, second] = [bench.analyzer('detection'), bench.analyzer('second-detection')];
    return await measurePairs({
      ...{ id: 'P13', title: 'A second analyzer on the stream', target: 1.15, rounds },
      ours: async () => {
        const alone = await bench.ours(first);
        return (await bench.ours(first, second)) - alone;
      },
      floor: infer,
    });
  } finally {
    await bench.close();
  }
}
