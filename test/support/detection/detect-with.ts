import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SilentLogger } from '../fakes/silent-logger.js';
import { OrtModels } from '../../../src/core/inference/ort-models.js';
import type { DetectionResult, Frame } from '../../../src/core/plugin-api/index.js';
import { objectDetectionConfig } from '../../../src/plugins/object-detection/config.js';
import { ObjectDetection } from '../../../src/plugins/object-detection/object-detection.js';
import { SIDE_PX } from './colour-graphs.js';

export type Rgb = readonly [number, number, number];

const BAR_SHARE = 14 / 64;

/** A 16:9 picture of one colour; its letterbox has that colour, too, so that means are what they seem. */
export function colouredFrame([red, green, blue]: Rgb, index: number, widthPx = SIDE_PX, heightPx = SIDE_PX): Frame {
  const data = new Uint8Array(widthPx * heightPx * 3);
  for (let at = 0; at < data.length; at += 3) data.set([red, green, blue], at);
  const bar = Math.round(heightPx * BAR_SHARE);
  const fit = {
    frameWidthPx: widthPx,
    frameHeightPx: heightPx,
    offsetXPx: 0,
    offsetYPx: bar,
    contentWidthPx: widthPx,
    contentHeightPx: heightPx - 2 * bar,
  };
  return { ptsUs: index * 40_000, index, keyframe: index === 0, widthPx, heightPx, format: 'rgb24', data, fit };
}

export interface Detected {
  readonly layout: unknown;
  readonly detections: readonly DetectionResult[];
}

/** Writes the model into `folder` and lets the analyzer look at the frames with it, on the real runtime. */
export async function detectWith(
  folder: string,
  model: Buffer,
  frames: readonly Frame[],
  config: Record<string, unknown> = {},
): Promise<Detected> {
  const name = `${createHash('sha256').update(model).digest('hex').slice(0, 16)}.onnx`;
  await writeFile(join(folder, name), model);
  const { widthPx, heightPx } = frames[0]!;
  const parsed = objectDetectionConfig.parse({ model: name, input: { widthPx, heightPx }, minScore: 0.15, maxBatch: 4, ...config });
  const analyzer = new ObjectDetection(parsed, new OrtModels([folder]));
  const logger = new SilentLogger();
  const detections: DetectionResult[] = [];
  try {
    await analyzer.init({ analyzerId: 'object-detection', dataDir: folder, logger });
    await analyzer.process(frames, (result) => detections.push(result as DetectionResult), new AbortController().signal);
  } finally {
    await analyzer.dispose();
  }
  return { layout: logger.said('info').at(-1)?.fields?.['layout'], detections };
}
