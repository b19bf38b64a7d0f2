import { CELLS, ColourGraph, columns, SIDE_PX, type Cell } from './colour-graphs.js';

/** Stand-ins for exports of models that do something else than detecting: the same outputs, shapes and ranges of values. */
export interface OtherTask {
  readonly name: string;
  readonly model: Buffer;
  /** What the refusal must say. */
  readonly looksLike: RegExp;
  readonly config?: Record<string, unknown>;
}

const STRIDES = [8, 16, 32];
const CENTRES = STRIDES.flatMap((stride) =>
  Array.from({ length: (SIDE_PX / stride) ** 2 }, (_, i) => {
    const across = SIDE_PX / stride;
    return { x: ((i % across) + 0.5) * stride, y: (Math.floor(i / across) + 0.5) * stride, stride };
  }),
);
const box = (i: number): Cell[] => {
  const { x, y, stride } = CENTRES[i]!;
  return [x, y, 2 * stride, 2 * stride];
};

/** One candidate per cell; one of them scores what the picture is red. */
function dense(fieldsOf: (i: number) => readonly Cell[], metadata: Record<string, string>, more?: (graph: ColourGraph) => void): Buffer {
  const graph = new ColourGraph();
  const table = Object.fromEntries(CENTRES.map((_, i) => [i, [...box(i), ...fieldsOf(i)]]));
  const fields = table[0]!.length;
  graph.give('output0', [fields, CELLS], columns(CELLS, fields, table));
  more?.(graph);
  return graph.model(metadata);
}
const score = (i: number): Cell => (i === 30 ? 'c0' : 0.01);
const scores = (i: number, classes: number): Cell[] => Array.from({ length: classes }, (_, c) => (c === 0 ? score(i) : 0.01));
const keyPoints = (i: number): Cell[] =>
  Array.from({ length: 17 }, (_, k) => {
    const { x, y, stride } = CENTRES[i]!;
    return [x + ((k % 3) * stride) / 4, y + ((k % 5) * stride) / 6, 0.2];
  }).flat();
const pose = (metadata: Record<string, string> = {}): Buffer => dense((i) => [score(i), ...keyPoints(i)], metadata);
const obb = (angle: (i: number) => number, metadata: Record<string, string> = {}): Buffer =>
  dense((i) => [...scores(i, 3), angle(i)], metadata);
const masks = (metadata: Record<string, string> = {}): Buffer =>
  dense(
    (i) => [...scores(i, 2), ...Array.from({ length: 32 }, (_, k) => Math.sin(i + k) / 2)],
    metadata,
    (graph) => graph.give('output1', [32, SIDE_PX / 4, SIDE_PX / 4], new Array<Cell>(32 * (SIDE_PX / 4) ** 2).fill(0.1)),
  );
function single(shape: readonly number[], cell: (i: number) => Cell): Buffer {
  const graph = new ColourGraph();
  graph.give(
    'output0',
    shape,
    Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => cell(i)),
  );
  return graph.model();
}
function classifier(classes: number): Buffer {
  const graph = new ColourGraph();
  const logits = graph.value(
    [classes],
    Array.from({ length: classes }, (_, i): Cell => (i % 7) / 7),
  );
  graph.output('output0', graph.op('Softmax', [graph.op('Add', [logits, graph.floats([0])])]), ['batch', classes]);
  return graph.model();
}

const one = { names: "{0: 'person'}" };
const three = { names: "{0: 'a', 1: 'b', 2: 'c'}" };
export const OTHER_TASKS: readonly OtherTask[] = [
  { name: 'pose, by its metadata', model: pose({ task: 'pose', ...one }), looksLike: /task is pose/ },
  { name: 'pose, by its key points', model: pose({ kpt_shape: '[17, 3]' }), looksLike: /task is pose/ },
  { name: 'pose, metadata lost', model: pose(), looksLike: /looks like a pose model: .*(fields 5 to 55|scores up to)/ },
  { name: 'pose, only names left', model: pose(one), looksLike: /looks like a pose model/ },
  { name: 'pose, names in config', model: pose(), config: { names: ['person'] }, looksLike: /looks like a pose model/ },
  { name: 'pose, layout in config', model: pose(), config: { layout: 'yolo-v8' }, looksLike: /looks like a pose model/ },
  { name: 'rotated boxes, metadata lost', model: obb(() => 0.7), looksLike: /rotated boxes/ },
  { name: 'rotated boxes of every angle', model: obb((i) => (i % 11) / 4 - 0.7), looksLike: /rotated boxes/ },
  { name: 'rotated boxes, only names left', model: obb(() => 0.7, three), looksLike: /rotated boxes/ },
  { name: 'segmentation, metadata lost', model: masks(), looksLike: /segmentation/ },
  { name: 'segmentation, only names left', model: masks({ names: "{0: 'a', 1: 'b'}" }), looksLike: /segmentation/ },
  { name: 'classification', model: classifier(1000), looksLike: /classifier/ },
  { name: 'classification of one field', model: single([10, 1, 1], (i) => (i === 3 ? 1 : 0)), looksLike: /classifier/ },
  { name: 'an embedding', model: single([512], (i) => Math.sin(i)), looksLike: /embedding/ },
  { name: 'a map of classes', model: single([4, 16, 16], (i) => (i % 5) / 5), looksLike: /map \(segmentation, depth\)/ },
  {
    name: 'a detector whose scores are logits',
    model: dense((i) => [i === 30 ? 6 : -4, -5, 2], {}),
    looksLike: /scores up to 6\.00/,
  },
  { name: 'a table in which all is seen', model: dense(() => [0.9, 0.1], {}), looksLike: /84 of its 84 candidates/ },
  {
    name: 'boxes far from the picture',
    model: dense((i) => [score(i), 0.01], {}),
    config: { boxUnits: 'normalised' },
    looksLike: /boxes lie outside the picture/,
  },
];
