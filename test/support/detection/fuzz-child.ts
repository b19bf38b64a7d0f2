/** A process of its own that looks at frames with one model after the other, and says how each went. It may die of any of them. */
import { OrtModels } from '../../../src/core/inference/ort-models.js';
import { flawOfResults, type AnalysisResult } from '../../../src/core/plugin-api/index.js';
import { objectDetectionConfig } from '../../../src/plugins/object-detection/config.js';
import { ObjectDetection } from '../../../src/plugins/object-detection/object-detection.js';
import { colouredFrame } from './detect-with.js';

export interface FuzzJob {
  readonly file: string;
  readonly config: Record<string, unknown>;
  readonly widthPx: number;
}

export interface FuzzAnswer {
  readonly file: string;
  /** 'detections', the code of the error, or what else it threw. */
  readonly outcome: string;
  readonly message: string;
}

const [, , folder = ''] = process.argv;
const models = new OrtModels([folder]);

async function look({ file, config, widthPx }: FuzzJob): Promise<FuzzAnswer> {
  const parsed = objectDetectionConfig.parse({ model: file, input: { widthPx, heightPx: 64 }, minScore: 0.01, ...config });
  const analyzer = new ObjectDetection(parsed, models);
  const results: AnalysisResult[] = [];
  try {
    await analyzer.init();
    const frames = [colouredFrame([51, 102, 204], 0, widthPx), colouredFrame([204, 153, 77], 1, widthPx)];
    await analyzer.process(frames, (result) => results.push(result), new AbortController().signal);
    const flaw = flawOfResults(results);
    if (flaw !== undefined) return { file, outcome: 'flawed', message: flaw };
    return { file, outcome: 'detections', message: `${results.length}` };
  } catch (error) {
    const { code, message, stack } = error as Error & { code?: unknown };
    return typeof code === 'string' && code.startsWith('VD_')
      ? { file, outcome: code, message }
      : { file, outcome: 'uncoded', message: stack ?? message };
  } finally {
    await analyzer.dispose();
  }
}

process.on('message', (job: FuzzJob) => void look(job).then((answer) => process.send?.(answer)));
process.send?.({ file: '', outcome: 'ready', message: '' } satisfies FuzzAnswer);
