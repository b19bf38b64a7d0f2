import { CELLS, ColourGraph, columns, rows, SIDE_PX, type Cell } from './colour-graphs.js';

/** Means of the picture's red, green and blue, 0..1. */
export interface Colour {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/** What must be found: label, score, and corners in pixels of the input picture. */
export type Expected = readonly [label: string, score: number, x0: number, y0: number, x1: number, y1: number];

export interface LayoutCase {
  readonly name: string;
  readonly layout: string;
  readonly model: Buffer;
  readonly config?: Record<string, unknown>;
  readonly expected: (colour: Colour) => readonly Expected[];
  readonly widthPx?: number;
}

const names = { names: "{0: 'cat', 1: 'dog', 2: 'hen'}" };
const CLASSES = ['cat', 'dog', 'hen'];
export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));
const [red, green, blue] = [
  [0.485, 0.229],
  [0.456, 0.224],
  [0.406, 0.225],
] as const;
const imagenet = (value: number, [mean, std]: readonly [number, number]): number => (value - mean) / std;

/** Two cats at nearly the same place, and a hen elsewhere; the second cat is the same cat. */
const CENTRES = {
  10: [32, 32, 16, 8, 'c0', 0, 0],
  11: [33, 32, 16, 8, 0.16, 0, 0],
  40: [16, 40, 8, 12, 0, 0, 'c1'],
  41: [50, 40, 8, 12, 0, 0.1, 0],
} as const satisfies Record<number, readonly Cell[]>;
const seen = (cat: number, hen: number): readonly Expected[] => [
  ['cat', cat, 24, 28, 40, 36],
  ['hen', hen, 12, 34, 20, 46],
];
/** With a field after the box that says how sure the model is of anything: a half. */
const WITH_OBJECTNESS = Object.fromEntries(Object.entries(CENTRES).map(([i, row]) => [i, [...row.slice(0, 4), 0.5, ...row.slice(4)]]));
const halved = (cat: number, hen: number): readonly Expected[] => seen(cat / 2, hen / 2);
/** Decoded centres lie near their cells; candidates with scores are where they are wanted. */
const onGrid = (fields: number, given: Readonly<Record<number, readonly Cell[]>>): Record<number, readonly Cell[]> =>
  Object.fromEntries(
    [8, 16, 32]
      .flatMap((stride) =>
        Array.from(
          { length: (SIDE_PX / stride) ** 2 },
          (_, i) => [i % (SIDE_PX / stride), Math.floor((i * stride) / SIDE_PX), stride] as const,
        ),
      )
      .map(([column, row, stride], i) => [
        i,
        given[i] ?? [(column + 0.5) * stride, (row + 0.5) * stride, stride, stride, ...new Array<Cell>(fields - 4).fill(0)],
      ]),
  );

function graph(
  make: (graph: ColourGraph) => void,
  shape: ConstructorParameters<typeof ColourGraph>[0] = {},
  metadata: Record<string, string> = {},
): Buffer {
  const made = new ColourGraph(shape);
  make(made);
  return made.model(metadata);
}

const byUnit = ({ r, g }: Colour): readonly Expected[] => seen(r, g);

export const YOLO_CASES: readonly LayoutCase[] = [
  {
    name: 'YOLOv8 with class names in its metadata',
    layout: 'yolo-v8',
    model: graph((g) => g.give('output0', [7, CELLS], columns(CELLS, 7, CENTRES)), {}, names),
    expected: byUnit,
  },
  {
    name: 'YOLOv8 without class names',
    layout: 'yolo-v8',
    model: graph((g) => g.give('output0', [7, CELLS], columns(CELLS, 7, CENTRES))),
    config: { names: CLASSES },
    expected: byUnit,
  },
  {
    name: 'YOLOv8, transposed',
    layout: 'yolo-v8',
    model: graph((g) => g.give('output0', [CELLS, 7], rows(CELLS, 7, onGrid(7, CENTRES))), {}, names),
    expected: byUnit,
  },
  {
    name: 'YOLOv8 of fixed batch',
    layout: 'yolo-v8',
    model: graph((g) => g.give('output0', [7, CELLS], columns(CELLS, 7, CENTRES)), { batch: 2 }, names),
    expected: byUnit,
  },
  {
    name: 'YOLOv8 on bytes, channels last',
    layout: 'yolo-v8',
    model: graph(
      (g) => g.give('output0', [7, CELLS], columns(CELLS, 7, CENTRES), g.unitMeans()),
      { order: 'interleaved', type: 'uint8' },
      names,
    ),
    expected: byUnit,
  },
  {
    name: 'YOLOv5 beside its feature maps',
    layout: 'yolo-v5',
    model: graph(
      (g) => {
        g.give('output0', [3 * CELLS, 8], rows(3 * CELLS, 8, WITH_OBJECTNESS));
        g.give('onnx::Sigmoid_339', [3, 2, 2, 8], new Array<Cell>(96).fill(0));
      },
      {},
      { ...names, stride: '32' },
    ),
    config: { minScore: 0.06 },
    expected: ({ r, g }) => halved(r, g),
  },
  {
    name: 'YOLOv7 without class names',
    layout: 'yolo-v5',
    model: graph((g) => g.give('output', [3 * CELLS, 8], rows(3 * CELLS, 8, WITH_OBJECTNESS))),
    config: { names: CLASSES, minScore: 0.06 },
    expected: ({ r, g }) => halved(r, g),
  },
  {
    name: 'YOLOv6',
    layout: 'yolo-v5',
    model: graph((g) => g.give('outputs', [CELLS, 8], rows(CELLS, 8, onGrid(8, WITH_OBJECTNESS)))),
    config: { names: CLASSES, minScore: 0.06 },
    expected: ({ r, g }) => halved(r, g),
  },
  {
    // Candidate 10 is column 2, row 1 of the first level: (2 + 2) * 8 = 32, exp(ln 2) * 8 = 16.
    name: 'YOLOX as offsets within cells, blue first and in 0..255',
    layout: 'yolox',
    model: graph((g) => {
      const given = {
        10: [2, 3, Math.LN2, 0, 0.5, 'c0', 0, 0],
        11: [1.125, 3, Math.LN2, 0, 0.5, 0.16, 0, 0],
        // Column 0, row 5: 0 + 2, 5 + 0, sizes 8 and 12.
        40: [2, 0, 0, Math.log(1.5), 0.5, 0, 0, 'c1'],
      } as const;
      g.give('output', [CELLS, 8], rows(CELLS, 8, given), g.unitMeans());
    }),
    config: { names: CLASSES, minScore: 0.06 },
    expected: ({ b, g }) => halved(b, g),
  },
  {
    name: 'YOLOX decoded in the graph',
    layout: 'yolox',
    model: graph((g) => g.give('output', [CELLS, 8], rows(CELLS, 8, onGrid(8, WITH_OBJECTNESS)), g.unitMeans())),
    config: { names: CLASSES, minScore: 0.06 },
    expected: ({ b, g }) => halved(b, g),
  },
  {
    name: 'YOLO26 and YOLOv10, end to end',
    layout: 'end-to-end',
    model: graph(
      (g) =>
        g.give(
          'output0',
          [30, 6],
          rows(30, 6, { 0: [24, 28, 40, 36, 'c0', 0], 1: [25, 28, 41, 36, 0.3, 0], 2: [12, 34, 20, 46, 'c1', 2] }),
        ),
      {},
      { ...names, end2end: 'True' },
    ),
    // Both cats stay: the model is trusted to have removed what overlaps.
    expected: ({ r, g }) => [...seen(r, g), ['cat', 0.3, 25, 28, 41, 36]],
  },
  {
    name: 'an end-to-end model without metadata',
    layout: 'end-to-end',
    model: graph((g) => g.give('output0', [30, 6], rows(30, 6, { 0: [24, 28, 40, 36, 'c0', 0], 2: [12, 34, 20, 46, 'c1', 2] }))),
    config: { names: CLASSES },
    expected: byUnit,
  },
  {
    name: 'YOLO-NAS without its NMS',
    layout: 'yolo-nas',
    model: graph((g) => {
      const boxes = { 10: [24, 28, 40, 36], 11: [25, 28, 41, 36], 40: [12, 34, 20, 46] };
      g.give('pred_bboxes', [CELLS, 4], rows(CELLS, 4, boxes));
      g.give('pred_scores', [CELLS, 3], rows(CELLS, 3, { 10: ['c0', 0, 0], 11: [0.16, 0, 0], 40: [0, 0, 'c1'] }));
    }),
    config: { names: CLASSES },
    expected: byUnit,
  },
  {
    name: 'YOLO-NAS in its flat format',
    layout: 'nms-flat',
    model: graph(
      (g) => {
        const flat = g.value([2, 7], [...[0, 24, 28, 40, 36, 'c0', 0], ...[0, 12, 34, 20, 46, 'c1', 2]] as Cell[], g.unitMeans());
        g.output('graph2_flat_predictions', g.op('Reshape', [flat, g.integers([2, 7])]), ['detections', 7]);
      },
      { batch: 1, type: 'uint8' },
    ),
    config: { names: CLASSES },
    expected: byUnit,
  },
  {
    name: 'YOLOv7 with its NMS',
    layout: 'nms-flat-v7',
    model: graph(
      (g) => {
        const flat = g.value([2, 7], [...[0, 24, 28, 40, 36, 0, 'c0'], ...[0, 12, 34, 20, 46, 2, 'c1']] as Cell[]);
        g.output('output', g.op('Reshape', [flat, g.integers([2, 7])]), ['detections', 7]);
      },
      { batch: 1 },
    ),
    config: { names: CLASSES },
    expected: byUnit,
  },
  ...(
    [
      'num_dets det_boxes det_scores det_classes',
      'graph2_num_predictions graph2_pred_boxes graph2_pred_scores graph2_pred_classes',
    ] as const
  ).map((outputs): LayoutCase => ({
    name: `NMS in the graph: ${outputs}`,
    layout: 'nms-batch',
    model: graph((g) => {
      const [count, boxes, scores, classes] = outputs.split(' ') as [string, string, string, string];
      g.giveIntegers(count, [1], [2], 'int32');
      // The third is filling.
      g.give(boxes, [3, 4], [24, 28, 40, 36, 12, 34, 20, 46, 1, 1, 5, 5]);
      g.give(scores, [3], ['c0', 'c1', 0.9]);
      g.giveIntegers(classes, [3], [0, 2, 1], 'int32');
    }),
    config: { names: CLASSES },
    expected: byUnit,
  })),
  {
    name: "ONNX's NonMaxSuppression as the last step",
    layout: 'nms-indices',
    model: graph((g) => {
      const boxes = g.value([4, 4], [24, 28, 40, 36, 25, 28, 41, 36, 20, 46, 12, 34, 1, 1, 2, 2]);
      const scores = g.value([3, 4], ['c0', 0.16, 0, 0, 0, 0, 0, 0.1, 0, 0, 'c1', 0]);
      const selected = g.op('NonMaxSuppression', [boxes, scores, g.integers([10]), g.floats([0.5]), g.floats([0.15])]);
      g.output('selected_indices', selected, ['selected', 3], 'int64');
      g.output('boxes', boxes, ['batch', 4, 4]);
      g.output('scores', scores, ['batch', 3, 4]);
    }),
    config: { names: CLASSES, boxFormat: 'xyxy' },
    expected: byUnit,
  },
];

/** Boxes in 0..1 of a picture of 64x64: the same places as above. */
const NORMALISED_CENTRES = { 0: [0.5, 0.5, 0.25, 0.125], 5: [0.25, 0.625, 0.125, 0.1875] } as const;
const QUERIES = 20;
const queries = (
  g: ColourGraph,
  names: { readonly logits: string; readonly boxes: string },
  logits: Record<number, readonly Cell[]>,
  slots: number,
): void => {
  const quiet = Array.from({ length: QUERIES }, (_, i) => logits[i] ?? new Array<Cell>(slots).fill(-9)).flat();
  g.give(names.logits, [QUERIES, slots], quiet);
  g.give(names.boxes, [QUERIES, 4], rows(QUERIES, 4, NORMALISED_CENTRES));
};
const TRANSFORMERS = { logits: 'logits', boxes: 'pred_boxes' };

/** RT-DETR's last step: boxes times the size that was asked for, labels and scores beside them. */
function sizedBoxes(type: 'int64' | 'float32', widthPx: number): Buffer {
  const g = new ColourGraph({ widthPx });
  const sizes = g.op('Cast', [g.input('orig_target_sizes', ['batch', 2], type)], { to: 1 });
  const scale = g.op('Unsqueeze', [g.op('Concat', [sizes, sizes], { axis: 1 }), g.integers([1])]);
  g.giveIntegers('labels', [2], [0, 2]);
  g.output('boxes', g.op('Mul', [g.value([2, 4], [0.375, 0.4375, 0.625, 0.5625, 0.1875, 0.53125, 0.3125, 0.71875]), scale]), [
    'batch',
    2,
    4,
  ]);
  g.give('scores', [2], ['c0', 'c1']);
  return g.model();
}

export const TRANSFORMER_CASES: readonly LayoutCase[] = [
  ...(['int64', 'float32'] as const).map((type): LayoutCase => ({
    name: `RT-DETR, D-FINE with orig_target_sizes as ${type}`,
    layout: 'rt-detr',
    model: sizedBoxes(type, SIDE_PX),
    config: { names: CLASSES },
    expected: byUnit,
  })),
  {
    name: 'RT-DETR on pictures that are not square',
    layout: 'rt-detr',
    model: sizedBoxes('int64', 128),
    widthPx: 128,
    config: { names: CLASSES },
    expected: ({ r, g }) => [
      ['cat', r, 48, 28, 80, 36],
      ['hen', g, 24, 34, 40, 46],
    ],
  },
  {
    name: 'RT-DETR with its size baked in',
    layout: 'rt-detr',
    model: graph((g) => {
      g.giveIntegers('labels', [2], [0, 2]);
      g.give('boxes', [2, 4], [24, 28, 40, 36, 12, 34, 20, 46]);
      g.give('scores', [2], ['c0', 'c1']);
    }),
    config: { names: CLASSES },
    expected: byUnit,
  },
  ...([{ description: 'Ultralytics RT-DETR-l model' }, {}] as const).map((metadata): LayoutCase => ({
    name: `RT-DETR as one table${'description' in metadata ? ', with metadata' : ''}`,
    layout: 'rt-detr-table',
    model: graph(
      (g) =>
        g.give(
          'output0',
          [QUERIES, 7],
          rows(QUERIES, 7, { 0: [...NORMALISED_CENTRES[0], 'c0', 0, 0], 5: [...NORMALISED_CENTRES[5], 0, 0, 'c1'] }),
        ),
      {},
      { ...names, ...metadata },
    ),
    expected: byUnit,
  })),
  {
    name: 'RT-DETR and D-FINE of transformers, sigmoid',
    layout: 'detr',
    model: graph((g) => queries(g, TRANSFORMERS, { 0: ['c0', -9, -9], 5: [-9, -9, 'c1'] }, 3), { name: 'pixel_values' }),
    config: { names: CLASSES },
    expected: ({ r, g }) => seen(sigmoid(r), sigmoid(g)),
  },
  {
    name: 'YOLOS and DETR of transformers, softmax',
    layout: 'detr',
    model: graph((g) => queries(g, TRANSFORMERS, { 0: ['c0', 0, 0, 0], 1: [0, 0, 0, 9], 5: [0, 0, 'c1', 0] }, 4), { name: 'pixel_values' }),
    config: { names: CLASSES, minScore: 0.26 },
    expected: ({ r, g }) => seen(Math.exp(r) / (Math.exp(r) + 3), Math.exp(g) / (Math.exp(g) + 3)),
  },
  {
    name: 'DETR with a mask, on ImageNet’s mean and spread',
    layout: 'detr-masked',
    model: graph(
      (g) => {
        // Half the mask's mean is in every logit: 0.5 for a mask of ones.
        const mask = g.op('Cast', [g.input('pixel_mask', ['batch', SIDE_PX, SIDE_PX], 'int64')], { to: 1 });
        const half = g.op('Mul', [g.op('ReduceMean', [mask], { keepdims: 0 }), g.floats([0.5], [])]);
        const empty = [-40, -40, -40, 0];
        const logits = Array.from({ length: QUERIES }, (_, i): readonly Cell[] =>
          i === 0 ? ['c0', -40, -40, -40] : i === 5 ? [-40, -40, 'c1', -40] : empty,
        ).flat();
        const zero = g.floats([...Array.from({ length: QUERIES }, () => [-1, -1, -1, 0]).flat()], [1, QUERIES, 4]);
        g.output('logits', g.op('Add', [g.value([QUERIES, 4], logits), g.op('Mul', [zero, g.op('Sub', [half, g.floats([0.5], [])])])]), [
          'batch',
          QUERIES,
          4,
        ]);
        g.give('pred_boxes', [QUERIES, 4], rows(QUERIES, 4, NORMALISED_CENTRES));
      },
      { name: 'pixel_values' },
    ),
    config: { names: CLASSES },
    // All other logits are as good as nothing: softmax is 1 wherever there is anything.
    expected: () => seen(1, 1),
  },
  {
    name: 'RF-DETR taught anew: a spare slot behind its classes',
    layout: 'rf-detr',
    model: graph((g) => queries(g, { logits: 'labels', boxes: 'dets' }, { 0: ['c0', -9, -9, 9], 5: [-9, -9, 'c1', -9] }, 4), {
      name: 'input',
    }),
    config: { names: CLASSES, minScore: 0.01 },
    expected: ({ r, g }) => seen(sigmoid(imagenet(r, red)), sigmoid(imagenet(g, green))),
  },
  {
    name: 'RF-DETR with a slot per category number',
    layout: 'rf-detr',
    model: graph((g) => queries(g, { logits: 'labels', boxes: 'dets' }, { 0: [-9, 'c0', -9, -9], 5: [-9, -9, -9, 'c1'] }, 4), {
      name: 'input',
    }),
    config: { names: ['N/A', ...CLASSES], minScore: 0.01 },
    expected: ({ r, g }) => seen(sigmoid(imagenet(r, red)), sigmoid(imagenet(g, green))),
  },
];

export const SSD_CASES: readonly LayoutCase[] = [
  {
    name: 'SSD with DetectionOutput, blue first and in 0..255',
    layout: 'ssd',
    model: graph(
      (g) => {
        const cells: Cell[] = [
          0,
          1,
          'c0',
          0.375,
          0.4375,
          0.625,
          0.5625,
          0,
          3,
          'c1',
          0.1875,
          0.53125,
          0.3125,
          0.71875,
          -1,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          2,
          0.9,
          0,
          0,
          1,
          1,
        ];
        g.output('detection_out', g.op('Reshape', [g.value([4, 7], cells, g.unitMeans()), g.integers([1, 1, 4, 7])]), [1, 1, 4, 7]);
      },
      { batch: 1 },
    ),
    config: { names: CLASSES },
    expected: ({ b, g }) => seen(b, g),
  },
  {
    name: 'SSD of the model zoo, on ImageNet’s mean and spread',
    layout: 'ssd-lists',
    model: graph((g) => {
      g.give('bboxes', [2, 4], [0.375, 0.4375, 0.625, 0.5625, 0.1875, 0.53125, 0.3125, 0.71875]);
      g.giveIntegers('labels', [2], [1, 3]);
      g.output('scores', g.op('Sigmoid', [g.value([2], ['c0', 'c2'])]), ['batch', 2]);
    }),
    config: { names: CLASSES, minScore: 0.01 },
    expected: ({ r, b }) => seen(sigmoid(imagenet(r, red)), sigmoid(imagenet(b, blue))),
  },
  {
    name: "TensorFlow's SSD: bytes, channels last, y before x",
    layout: 'tensorflow',
    model: graph(
      (g) => {
        g.give('detection_boxes:0', [3, 4], [0.4375, 0.375, 0.5625, 0.625, 0.53125, 0.1875, 0.71875, 0.3125, 0, 0, 1, 1]);
        g.give('detection_classes:0', [3], [1, 3, 2]);
        g.give('detection_scores:0', [3], ['c0', 'c1', 0.9], g.unitMeans());
        g.give('num_detections:0', [], [2]);
      },
      { order: 'interleaved', type: 'uint8', name: 'inputs' },
    ),
    config: { names: CLASSES },
    expected: byUnit,
  },
  {
    name: "torchvision's SSD: one picture without a batch",
    layout: 'torchvision',
    model: graph(
      (g) => {
        const flat = (value: string, dims: number[]): string => g.op('Reshape', [value, g.integers(dims)]);
        g.output('boxes', flat(g.value([2, 4], [24, 28, 40, 36, 12, 34, 20, 46]), [2, 4]), ['detections', 4]);
        g.output('labels', g.op('Cast', [flat(g.value([2], [1, 3]), [2])], { to: 7 }), ['detections'], 'int64');
        g.output('scores', flat(g.value([2], ['c0', 'c1']), [2]), ['detections']);
      },
      { batch: 'none' },
    ),
    config: { names: CLASSES },
    expected: byUnit,
  },
];
