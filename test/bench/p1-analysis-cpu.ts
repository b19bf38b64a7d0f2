import { AnalysisBench } from './analysis-bench.js';
import { measurePairs, type RatioReport } from './paired-ratio.js';

/**
 * P1: CPU of analysing a 720p30 stream at 5 frames a second, decode and inference, against `ffmpeg -threads 1` decoding and
 * scaling the same clip plus a bare onnxruntime loop over the same frames.
 */
export async function runP1(rounds?: number): Promise<RatioReport> {
  const bench = await AnalysisBench.create();
  try {
    const infer = await bench.inferenceFloor('fps=5');
    return await measurePairs({
      ...{ id: 'P1', title: 'Analysis, 5 fps of 720p30', target: 1.5, rounds },
      ours: () => bench.ours(bench.analyzer('detection')),
      floor: async () => (await bench.decodeFloor('fps=5')) + (await infer()),
    });
  } finally {
    await bench.close();
  }
}
