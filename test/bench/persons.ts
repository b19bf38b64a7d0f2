import { fileURLToPath } from 'node:url';
import { OrtModels } from '../../src/core/inference/ort-models.js';
import type { DetectionResult } from '../../src/core/plugin-api/index.js';
import { objectDetectionConfig } from '../../src/plugins/object-detection/config.js';
import { ObjectDetection } from '../../src/plugins/object-detection/object-detection.js';
import { hasPedestrians, pedestrianFrames, pedestrians, personFigures, type Size } from '../support/detection/persons.js';
import { median } from './quantiles.js';
import { ownCpuSeconds } from './paired-ratio.js';

const ROUNDS = 5;
/** What `auto` chooses for the clip's 4:3, and what else could have been chosen. */
const SIZES: readonly (Size | 'auto')[] = [
  'auto',
  { widthPx: 416, heightPx: 416 },
  { widthPx: 480, heightPx: 352 },
  { widthPx: 480, heightPx: 384 },
  { widthPx: 640, heightPx: 480 },
  { widthPx: 320, heightPx: 320 },
];

/** How well the model that comes along finds pedestrians on real footage, and what a frame costs, by the size of its input. */
export async function runPersons(): Promise<string[]> {
  if (!hasPedestrians) return ['persons  not measured: the clip is not here (Debian: apt-get install opencv-doc)'];
  const labelled = pedestrians.frames.reduce((sum, { persons }) => sum + persons.length, 0);
  const lines = [`persons  ${labelled} on ${pedestrians.frames.length} frames; IoU 0.5, score 0.4`];
  for (const size of SIZES) lines.push(await measure(size));
  return lines;
}

async function measure(input: Size | 'auto'): Promise<string> {
  const models = new OrtModels([fileURLToPath(new URL('../../models', import.meta.url))]);
  const analyzer = new ObjectDetection(objectDetectionConfig.parse({ input }), models);
  await analyzer.init();
  try {
    const size = analyzer.frameSize(pedestrians);
    const frames = await pedestrianFrames(size);
    const [found, costsMs]: [DetectionResult[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round++) {
      found.length = 0;
      const before = ownCpuSeconds();
      await analyzer.process(frames, (result) => found.push(result as DetectionResult), new AbortController().signal);
      costsMs.push(((ownCpuSeconds() - before) * 1000) / frames.length);
    }
    const { precision, recall, wrong, missed } = personFigures(found.filter(({ label }) => label === 'person'));
    return [
      `  ${size.widthPx}x${size.heightPx}${input === 'auto' ? ' (auto)' : ''}`.padEnd(18),
      `precision ${precision.toFixed(2)} (${wrong} wrong), recall ${recall.toFixed(2)} (${missed} missed), `,
      `${median(costsMs).toFixed(1)} ms of CPU a frame`,
    ].join('');
  } finally {
    await analyzer.dispose();
  }
}
