import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrtModels } from '../../../src/core/inference/ort-models.js';
import { Box, type DetectionResult, type Frame } from '../../../src/core/plugin-api/index.js';
import { objectDetectionConfig } from '../../../src/plugins/object-detection/config.js';
import { Detector } from '../../../src/plugins/object-detection/detector.js';
import { ObjectDetection } from '../../../src/plugins/object-detection/object-detection.js';
import {
  ASTRONAUT_BOX,
  astronautFrame,
  hasPedestrians,
  pedestrianFrames,
  pedestrians,
  personFigures,
} from '../../support/detection/persons.js';

const models = new OrtModels([fileURLToPath(new URL('../../../models', import.meta.url))]);
const never = new AbortController().signal;

async function detect(analyzer: ObjectDetection, frames: readonly Frame[]): Promise<DetectionResult[]> {
  const found: DetectionResult[] = [];
  await analyzer.process(frames, (result) => found.push(result as DetectionResult), never);
  return found;
}

/** A picture of one level, without bars. */
function plain(level: number, widthPx: number, heightPx: number): Frame {
  const fit = { ...{ frameWidthPx: widthPx, frameHeightPx: heightPx }, offsetXPx: 0, offsetYPx: 0 };
  return {
    ...{ ptsUs: 0, index: 0, keyframe: true, widthPx, heightPx, format: 'rgb24' },
    data: new Uint8Array(3 * widthPx * heightPx).fill(level),
    fit: { ...fit, contentWidthPx: widthPx, contentHeightPx: heightPx },
  };
}

describe('the model that object detection has without configuration', () => {
  const config = objectDetectionConfig.parse({});
  const analyzer = new ObjectDetection(config, models);
  beforeAll(() => analyzer.init());
  afterAll(() => analyzer.dispose());

  it('is read as YOLOv8 and knows COCO’s 80 classes', async () => {
    const detector = await Detector.open(models, config);
    try {
      expect(detector.layout.id).toBe('yolo-v8');
      expect(detector.names).toHaveLength(80);
      expect([detector.names[0], detector.names[2], detector.names[16], detector.names[79]]).toEqual([
        'person',
        'car',
        'dog',
        'toothbrush',
      ]);
    } finally {
      await detector.dispose();
    }
  });

  it('finds nothing in plain pictures, whatever their shape', async () => {
    for (const stream of [
      { widthPx: 1920, heightPx: 1080 },
      { widthPx: 1080, heightPx: 1920 },
      { widthPx: 640, heightPx: 640 },
    ]) {
      const { widthPx, heightPx } = analyzer.frameSize(stream);
      for (const level of [0, 114, 255]) expect(await detect(analyzer, [plain(level, widthPx, heightPx)]), `${level}`).toEqual([]);
    }
  });

  it('refuses a side that its stride does not divide, before any picture', async () => {
    const odd = new ObjectDetection(objectDetectionConfig.parse({ input: { widthPx: 400, heightPx: 300 } }), models);
    await expect(odd.init()).rejects.toMatchObject({
      code: 'VD_DETECTION_WRONG_SIZE',
      fix: expect.stringContaining('widthPx: 416, heightPx: 288'),
    });
  });

  it('finds the person on a photograph, and nobody else', async () => {
    const found = await detect(analyzer, [await astronautFrame(analyzer.frameSize({ widthPx: 512, heightPx: 512 }))]);
    expect(found.map(({ label }) => label)).toEqual(['person']);
    expect(Box.iou(found[0]!.box, ASTRONAUT_BOX)).toBeGreaterThan(0.8);
  });

  // Debian: apt-get install opencv-doc
  it.skipIf(!hasPedestrians)('finds nine of ten persons on real footage, and is right nine times of ten', async () => {
    const found = await detect(analyzer, await pedestrianFrames(analyzer.frameSize(pedestrians)));
    const { precision, recall } = personFigures(found.filter(({ label }) => label === 'person'));
    expect(precision).toBeGreaterThanOrEqual(0.9);
    expect(recall).toBeGreaterThanOrEqual(0.9);
  });
});
