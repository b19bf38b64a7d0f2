import { access, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { defineAnalyzer, definePlugin, MODELS, z, type Analyzer, type Model, type Models } from '../../../src/core/plugin-api/index.js';
import { onnxModel, onnxNode, onnxTensor } from '../../../src/core/plugin-testing/index.js';

export const CROWD_FRAME = { widthPx: 64, heightPx: 36, fit: 'stretch', format: 'gray8' } as const;

/** Says of each item what the sum of its values is, and of each item, too, how many were in the run. */
export const countingModel = onnxModel({
  nodes: [
    onnxNode('ReduceSum', ['x', 'axes'], ['sum'], { keepdims: 0 }),
    onnxNode('Shape', ['x'], ['shape']),
    onnxNode('Gather', ['shape', 'first'], ['count']),
    onnxNode('Cast', ['count'], ['items'], { to: 1 }),
    onnxNode('Mul', ['sum', 'zero'], ['zeros']),
    onnxNode('Add', ['zeros', 'items'], ['size']),
  ],
  tensors: [
    onnxTensor('axes', [1], BigInt64Array.of(1n)),
    onnxTensor('first', [], BigInt64Array.of(0n)),
    onnxTensor('zero', [], Float32Array.of(0)),
  ],
  inputs: [{ name: 'x', dims: ['batch', 'values'] }],
  outputs: [
    { name: 'sum', dims: ['batch'] },
    { name: 'size', dims: ['batch'] },
  ],
});

const common = { version: '1.0.0', title: 'Several at once', queue: 'default', solves: [] } as const;
const once = { config: z.strictObject({}), input: { sampling: { keyframes: true }, frame: CROWD_FRAME } } as const;

/** Analyzers that tell who else is under way in their host. */
export const crowd = definePlugin({
  id: 'crowd',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: [
    defineAnalyzer({
      ...common,
      id: 'crowd.model',
      concurrent: true,
      config: z.strictObject({ max: z.number().default(4), waitMs: z.number().default(0) }),
      input: { sampling: { all: true }, frame: CROWD_FRAME },
      inject: [MODELS],
      create: (config, models: Models) => summing(config, models),
    }),
    defineAnalyzer({ ...common, ...once, id: 'crowd.door', concurrent: true, create: waitingAtTheDoor }),
    defineAnalyzer({ ...common, ...once, id: 'crowd.narrow', create: forOneAtATime }),
  ],
});

/** Sums each frame's pixels with a model, and once more after the answer: `sum`, `still`, and how many frames were in the run. */
function summing(batch: { max: number; waitMs: number }, models: Models): Analyzer {
  let model: Model | undefined;
  return {
    async init() {
      model = await models.open('counting.onnx', { batch });
    },
    async process(frames, emit) {
      for (const { ptsUs, data } of frames) {
        const outputs = await model!.run({ x: { type: 'float32', dims: [1, data.length], data: Float32Array.from(data) } });
        const [sum, size] = ['sum', 'size'].map((name) => Number(outputs[name]?.data[0]));
        emit({ type: 'metric', ptsUs, name: 'sum', value: sum!, unit: '1' });
        emit({ type: 'metric', ptsUs, name: 'still', value: data.reduce((total, value) => total + value, 0), unit: '1' });
        emit({ type: 'metric', ptsUs, name: 'size', value: size!, unit: '1' });
      }
    },
  };
}

/** Leaves a file `in-<stream>` behind, then waits for the file `open`; tells how many waited with it at most. */
function waitingAtTheDoor(): Analyzer {
  let folder = '';
  let inside = 0;
  let most = 0;
  return {
    init: ({ dataDir }) => void (folder = dataDir),
    async process(frames, emit, _signal, { streamId }) {
      most = Math.max(most, ++inside);
      await writeFile(join(folder, `in-${streamId}`), '');
      while (!(await exists(join(folder, 'open')))) await delay(5);
      emit({ type: 'metric', ptsUs: frames[0]!.ptsUs, name: 'together', value: most, unit: '1' });
      inside--;
    },
  };
}

/** Keeps what it knows of the segment in one place, as one that is made for one segment at a time may. */
function forOneAtATime(): Analyzer {
  let current = '';
  return {
    async process(_frames, _emit, _signal, { streamId }) {
      current = streamId;
      await delay(5);
    },
    endSegment({ ptsStartUs, streamId }, emit) {
      emit({ type: 'metric', ptsUs: ptsStartUs, name: 'own', value: current === streamId ? 1 : 0, unit: '1' });
    },
  };
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );
