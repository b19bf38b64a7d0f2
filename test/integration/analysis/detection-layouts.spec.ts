import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DetectionResult } from '../../../src/core/plugin-api/index.js';
import { LAYOUTS } from '../../../src/plugins/object-detection/layouts/registry.js';
import { CELLS, ColourGraph, columns, rows } from '../../support/detection/colour-graphs.js';
import { colouredFrame, detectWith, type Rgb } from '../../support/detection/detect-with.js';
import { SSD_CASES, TRANSFORMER_CASES, YOLO_CASES, type Expected } from '../../support/detection/layout-cases.js';

const CASES = [...YOLO_CASES, ...TRANSFORMER_CASES, ...SSD_CASES];
/** Three pictures of three colours: what belongs to one is not another's. */
const COLOURS: readonly Rgb[] = [
  [51, 102, 204],
  [204, 153, 77],
  [128, 230, 51],
];
const NAMES = ['cat', 'dog', 'hen'];

/** The analyzer's picture is 16:9 in the middle of a square: bars of 14 in 64. */
function inPicture([label, score, x0, y0, x1, y1]: Expected, widthPx = 64): Record<string, unknown> {
  const near = (value: number): unknown => expect.closeTo(value, 4);
  const box = { x: near(x0 / widthPx), y: near((y0 - 14) / 36), width: near((x1 - x0) / widthPx), height: near((y1 - y0) / 36) };
  return { label, score: near(score), box };
}
const byScore = (a: DetectionResult, b: DetectionResult): number => b.score - a.score;

describe('a detection model', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'vedette-detection-'))));
  afterAll(() => rm(folder, { recursive: true }));

  it.each(CASES)('is read, and its layout found: $name', async ({ layout, model, config, expected, widthPx = 64 }) => {
    const frames = COLOURS.map((colour, i) => colouredFrame(colour, i, widthPx));
    const detected = await detectWith(folder, model, frames, config);
    expect(detected.layout).toBe(layout);
    COLOURS.forEach(([r, g, b], i) => {
      const found = detected.detections.filter(({ ptsUs }) => ptsUs === frames[i]!.ptsUs).sort(byScore);
      const wanted = [...expected({ r: r / 255, g: g / 255, b: b / 255 })].sort((one, other) => other[1] - one[1]);
      const sameScores = new Set(wanted.map(([, score]) => score.toFixed(6))).size < wanted.length;
      const match = wanted.map((each) => expect.objectContaining(inPicture(each, widthPx)));
      expect(found, `picture ${i}`).toEqual(sameScores ? expect.arrayContaining(match) : match);
      expect(found).toHaveLength(wanted.length);
    });
  });

  it('has a case here for every layout there is', () => {
    expect(LAYOUTS.map(({ id }) => id).filter((id) => !CASES.some(({ layout }) => layout === id))).toEqual([]);
  });

  it.each(CASES)('can be told its layout instead: $name', async ({ layout, model, config, widthPx = 64 }) => {
    const detected = await detectWith(folder, model, [colouredFrame(COLOURS[0]!, 0, widthPx)], { ...config, layout });
    expect(detected.layout).toBe(layout);
    expect(detected.detections.length).toBeGreaterThan(0);
  });

  describe('of other numbers than float32', () => {
    const centres = { 10: [32, 32, 16, 8, 'c0', 0, 0], 40: [16, 40, 8, 12, 0, 0, 'c1'] } as const;
    const frame = colouredFrame(COLOURS[0]!, 0);
    const wanted = (digits: number): unknown[] =>
      [
        ['hen', 0.4],
        ['cat', 0.2],
      ].map(([label, score]) => expect.objectContaining({ label, score: expect.closeTo(score as number, digits) }));

    it('takes and gives half floats', async () => {
      const graph = new ColourGraph({ type: 'float16' });
      const half = graph.op('Cast', [graph.value([7, CELLS], columns(CELLS, 7, centres))], { to: 10 });
      graph.output('output0', half, ['batch', 7, CELLS], 'float16');
      const { detections } = await detectWith(folder, graph.model(), [frame], { names: NAMES });
      expect([...detections].sort(byScore)).toEqual(wanted(3));
    });

    it('is quantised to int8 (QDQ): weights and activations, as exporters write it', async () => {
      const graph = new ColourGraph();
      const point = graph.constant([], Int8Array.of(-128));
      const quantised = (value: string, scale: number): string => {
        const step = graph.floats([scale], []);
        return graph.op('DequantizeLinear', [graph.op('QuantizeLinear', [value, step, point]), step, point]);
      };
      const weights = Int8Array.of(127, 0, 0, 0, 127, 0, 0, 0, 127);
      const identity = graph.op('DequantizeLinear', [
        graph.constant([3, 3], weights),
        graph.floats([1 / 127], []),
        graph.constant([], Int8Array.of(0)),
      ]);
      const means = quantised(graph.op('MatMul', [quantised(graph.means, 1 / 255), identity]), 1 / 255);
      graph.give('output0', [7, CELLS], columns(CELLS, 7, centres), means);
      const { detections } = await detectWith(folder, graph.model(), [frame], { names: NAMES });
      // Half a step of 1/255 at most, twice.
      expect([...detections].sort(byScore)).toEqual(wanted(2));
    });
  });

  it('is fed no more pictures at once than it takes, where its free batch is free in name only', async () => {
    const graph = new ColourGraph();
    // A fixed shape within: two pictures do not fit.
    const table = graph.op('Reshape', [
      graph.value([7, CELLS], columns(CELLS, 7, { 10: [32, 32, 16, 8, 'c0', 0, 0] })),
      graph.integers([1, 7, CELLS]),
    ]);
    graph.output('output0', table, ['batch', 7, CELLS]);
    const frames = COLOURS.map((colour, i) => colouredFrame(colour, i));
    const { detections } = await detectWith(folder, graph.model({ names: JSON.stringify(NAMES) }), frames);
    expect(detections.map(({ score, ptsUs }) => [score.toFixed(3), ptsUs])).toEqual(
      COLOURS.map(([red], i) => [(red / 255).toFixed(3), frames[i]!.ptsUs]),
    );
  });

  it('takes class names from a file beside it', async () => {
    await writeFile(join(folder, 'names.txt'), 'Katze\nHund\nHenne\n');
    const { detections } = await detectWith(folder, YOLO_CASES[1]!.model, [colouredFrame(COLOURS[0]!, 0)], {
      names: undefined,
      labels: 'names.txt',
    });
    expect(detections.map(({ label }) => label).sort()).toEqual(['Henne', 'Katze']);
  });

  describe('that cannot be understood', () => {
    const frame = colouredFrame(COLOURS[0]!, 0);
    const decoded = new ColourGraph();
    decoded.give(
      'pred',
      [CELLS, 8],
      rows(CELLS, 8, Object.fromEntries(Array.from({ length: CELLS }, (_, i) => [i, [...cellCentre(i), 8, 8, 0.5, 'c0', 0, 0]]))),
    );
    const refused = (code: string, ...said: string[]): unknown =>
      expect.objectContaining({ code, message: expect.stringMatching(new RegExp(said.join('.*'))), fix: expect.stringMatching(/.{20}/) });

    it('could be one or the other: says what was seen and what to set, and is read once that is set', async () => {
      const model = decoded.model({ author: 'somebody' });
      await expect(detectWith(folder, model, [frame])).rejects.toEqual(
        refused(
          'VD_DETECTION_UNKNOWN_LAYOUT',
          'yolo-v5 or yolox',
          'images',
          '64x64',
          `pred float32\\[1, ${CELLS}, 8\\]`,
          'author=somebody',
        ),
      );
      const { layout, detections } = await detectWith(folder, model, [frame], { layout: 'yolo-v5', minScore: 0.05 });
      expect(layout).toBe('yolo-v5');
      expect(detections.length).toBeGreaterThan(0);
    });

    it('classifies, and detects nothing', async () => {
      const graph = new ColourGraph();
      graph.give('probabilities', [1000], new Array<number>(1000).fill(0.001));
      await expect(detectWith(folder, graph.model(), [frame])).rejects.toEqual(
        refused('VD_DETECTION_UNFIT_MODEL', 'classifier: no layout', '\\[1, 1000\\]'),
      );
    });

    it('says of itself that it segments', async () => {
      await expect(detectWith(folder, decoded.model({ task: 'segment' }), [frame])).rejects.toEqual(
        refused('VD_DETECTION_UNFIT_MODEL', 'segment'),
      );
    });

    it('gives logits without a word on what turns them into scores', async () => {
      const { model } = TRANSFORMER_CASES.find(({ layout }) => layout === 'detr')!;
      await expect(detectWith(folder, model, [frame])).rejects.toEqual(refused('VD_DETECTION_UNKNOWN_LAYOUT', 'sigmoid', 'softmax'));
      expect((await detectWith(folder, model, [frame], { scores: 'sigmoid' })).detections[0]?.label).toMatch(/^class [02]$/);
    });

    it('selects boxes without a word on how it writes them', async () => {
      const { model } = YOLO_CASES.find(({ layout }) => layout === 'nms-indices')!;
      await expect(detectWith(folder, model, [frame])).rejects.toEqual(refused('VD_DETECTION_UNKNOWN_LAYOUT', 'how it writes them'));
    });

    it('has more classes than there are names', async () => {
      await expect(detectWith(folder, YOLO_CASES[0]!.model, [frame], { names: ['cat'] })).rejects.toEqual(
        refused('VD_DETECTION_WRONG_NAMES', '1 class names', '3 classes'),
      );
      const { model } = TRANSFORMER_CASES.find(({ layout }) => layout === 'rf-detr')!;
      await expect(detectWith(folder, model, [frame], { names: NAMES.slice(1) })).rejects.toEqual(
        refused('VD_DETECTION_WRONG_NAMES', '2 class names', '4 classes'),
      );
    });

    it('asks for an input that nobody knows', async () => {
      const graph = new ColourGraph();
      const prompt = graph.op('Cast', [graph.input('input_ids', ['batch', 16], 'int64')], { to: 1 });
      graph.output('output0', graph.op('Add', [graph.means, graph.op('ReduceMean', [prompt], { keepdims: 0 })]), ['batch', 3]);
      await expect(detectWith(folder, graph.model(), [frame])).rejects.toEqual(
        refused('VD_DETECTION_UNFIT_MODEL', 'input_ids', 'does not know'),
      );
    });

    it('does not speak the layout it is said to', async () => {
      await expect(detectWith(folder, YOLO_CASES[0]!.model, [frame], { layout: 'ssd' })).rejects.toEqual(
        refused('VD_DETECTION_UNFIT_MODEL', 'output0', '7, 84'),
      );
    });
  });

  it('that gives numbers which are none reports nothing of them', async () => {
    const graph = new ColourGraph();
    const bad = {
      3: [NaN, 1, 4, 4, 0.9, 0, 0],
      4: [Infinity, 1, 4, 4, 0.9, 0, 0],
      5: [20, 20, 4, 4, NaN, NaN, 0.5],
      6: [20, 20, 4, 4, NaN, NaN, NaN],
      7: [9e9, 9e9, 1, 1, 0.9, 0, 0],
    };
    const cells = columns(CELLS, 7, bad).map((cell) => cell as number);
    const pictures = graph.op('Mul', [graph.op('ReduceMean', [graph.means], { axes: [1], keepdims: 1 }), graph.floats([0], [])]);
    const table = graph.op('Add', [graph.op('Reshape', [pictures, graph.integers([-1, 1, 1])]), graph.floats(cells, [1, 7, CELLS])]);
    graph.output('output0', table, ['batch', 7, CELLS]);
    const { detections } = await detectWith(folder, graph.model({ names: JSON.stringify(NAMES) }), [colouredFrame(COLOURS[0]!, 0)]);
    expect(detections).toEqual([expect.objectContaining({ label: 'hen', score: expect.closeTo(0.5, 5) })]);
  });
});

/** Centre of a cell, in pixels, of the three levels of a picture of 64x64. */
function cellCentre(index: number): [number, number] {
  const [stride, first] = index < 64 ? [8, 0] : index < 80 ? [16, 64] : [32, 80];
  const columns = 64 / stride;
  return [(((index - first) % columns) + 0.5) * stride, (Math.floor((index - first) / columns) + 0.5) * stride];
}
