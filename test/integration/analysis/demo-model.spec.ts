import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OrtModels } from '../../../src/core/inference/ort-models.js';
import { Box, type DetectionResult, type Frame } from '../../../src/core/plugin-api/index.js';
import { shapesConfig } from '../../../src/plugins/object-detection/config.js';
import { ObjectDetection } from '../../../src/plugins/object-detection/object-detection.js';

const COLOURS = { red: [230, 20, 20], green: [20, 220, 30], blue: [25, 30, 225] } as const;
type Colour = keyof typeof COLOURS;
interface Shape {
  readonly colour: Colour;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A 16:9 picture letterboxed into the model's square, with rectangles on a grey gradient. Whole pixels only. */
function picture(shapes: readonly Shape[], index = 0): Frame {
  const fit = { frameWidthPx: 320, frameHeightPx: 320, offsetXPx: 0, offsetYPx: 70, contentWidthPx: 320, contentHeightPx: 180 };
  const data = new Uint8Array(320 * 320 * 3).fill(114);
  for (let y = 0; y < 180; y++) {
    for (let x = 0; x < 320; x++) {
      const inside = shapes.find((s) => x >= s.x && x < s.x + s.width && y >= s.y && y < s.y + s.height);
      const level = 60 + ((x * 80) / 320 + (y * 60) / 180);
      data.set(inside ? COLOURS[inside.colour] : [level, level, level + 10], ((y + 70) * 320 + x) * 3);
    }
  }
  return { ptsUs: index * 40_000, index, keyframe: true, widthPx: 320, heightPx: 320, format: 'rgb24', data, fit };
}

describe('the demo model', () => {
  const models = new OrtModels([fileURLToPath(new URL('../../../models', import.meta.url))]);
  const detection = new ObjectDetection(shapesConfig.parse({}), models);
  beforeAll(() => detection.init());
  afterAll(() => detection.dispose());

  const detect = async (frames: readonly Frame[]): Promise<DetectionResult[]> => {
    const found: DetectionResult[] = [];
    await detection.process(frames, (result) => found.push(result as DetectionResult), new AbortController().signal);
    return found;
  };

  it('finds rectangles of three colours where they are', async () => {
    for (const [x, y, width, height] of [
      [10, 10, 40, 30],
      [0, 0, 20, 20],
      [200, 100, 119, 79],
      [100, 60, 16, 90],
      [30, 150, 250, 20],
    ] as const) {
      for (const colour of ['red', 'green', 'blue'] as const) {
        const found = await detect([picture([{ colour, x, y, width, height }])]);
        expect(found.map(({ label }) => label)).toEqual([colour]);
        const truth = Box.from01(x / 320, y / 180, width / 320, height / 180);
        expect(Box.iou(found[0]!.box, truth), `${colour} ${width}x${height} at ${x},${y}`).toBeGreaterThan(0.9);
        expect(found[0]!.score).toBeGreaterThan(0.9);
      }
    }
  });

  it('tells three at once apart, frame by frame in one batch', async () => {
    const frames = Array.from({ length: 5 }, (_, i) =>
      picture(
        [
          { colour: 'red', x: 10 + 20 * i, y: 20, width: 50, height: 40 },
          { colour: 'green', x: 150, y: 60 + 10 * i, width: 40, height: 40 },
          { colour: 'blue', x: 230, y: 20, width: 60, height: 30 + 10 * i },
        ],
        i,
      ),
    );
    const found = await detect(frames);
    expect(found).toHaveLength(15);
    frames.forEach((frame, i) => {
      const red = found.find((d) => d.ptsUs === frame.ptsUs && d.label === 'red');
      expect(Box.iou(red!.box, Box.from01((10 + 20 * i) / 320, 20 / 180, 50 / 320, 40 / 180))).toBeGreaterThan(0.9);
    });
  });

  it('finds nothing where there is nothing', async () => {
    expect(await detect([picture([])])).toEqual([]);
  });

  it('is less sure of specks, and of a colour in two places', async () => {
    expect(await detect([picture([{ colour: 'red', x: 50, y: 50, width: 5, height: 5 }])])).toEqual([]);
    expect(
      await detect([
        picture([
          { colour: 'red', x: 10, y: 50, width: 30, height: 30 },
          { colour: 'red', x: 280, y: 50, width: 30, height: 30 },
        ]),
      ]),
    ).toEqual([]);
  });
});
