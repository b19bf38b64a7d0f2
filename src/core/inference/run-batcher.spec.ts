import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Model, Tensor } from '../plugin-api/index.js';
import { onnxModel, onnxNode, onnxTensor } from '../plugin-testing/index.js';
import { OrtModels } from './ort-models.js';
import { RunBatcher } from './run-batcher.js';

type Feeds = Readonly<Record<string, Tensor>>;
const rows = (...values: number[][]): Tensor => ({
  type: 'float32',
  dims: [values.length, values[0]?.length ?? 0],
  data: Float32Array.from(values.flat()),
});
const valuesOf = (tensor: Tensor | undefined): number[] => [...((tensor?.data ?? []) as Float32Array)];

/** y = 2x per item, and the sum of each item: two outputs of different size. */
const twoOutputs = onnxModel({
  nodes: [onnxNode('Mul', ['x', 'two'], ['y']), onnxNode('ReduceSum', ['x', 'axes'], ['sum'], { keepdims: 0 })],
  tensors: [onnxTensor('two', [], Float32Array.of(2)), onnxTensor('axes', [1], BigInt64Array.of(1n))],
  inputs: [{ name: 'x', dims: ['batch', 'width'] }],
  outputs: [
    { name: 'y', dims: ['batch', 'width'] },
    { name: 'sum', dims: ['batch'] },
  ],
});
/** Gathers by index: an index outside of the table fails the whole run. */
const looking = onnxModel({
  nodes: [onnxNode('Gather', ['table', 'i'], ['y'], { axis: 0 })],
  tensors: [onnxTensor('table', [3], Float32Array.of(10, 20, 30))],
  inputs: [{ name: 'i', dims: ['batch', 1], type: 'int64' }],
  outputs: [{ name: 'y', dims: ['batch', 1] }],
});
/** The mean over all items: must never be put together, and its output does not have the items' dimension. */
const mixing = onnxModel({
  nodes: [onnxNode('ReduceMean', ['x'], ['y'], { axes: [0], keepdims: 1 })],
  inputs: [{ name: 'x', dims: ['batch', 2] }],
  outputs: [{ name: 'y', dims: [1, 2] }],
});

describe(RunBatcher.name, () => {
  let folder: string;
  let models: OrtModels;
  const batch = { max: 8, waitMs: 0 };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-batch-'));
    await Promise.all(
      Object.entries({ twoOutputs, looking, mixing }).map(([name, bytes]) => writeFile(join(folder, `${name}.onnx`), bytes)),
    );
    models = new OrtModels([folder]);
  });
  afterAll(() => rm(folder, { recursive: true }));

  async function withModel(
    name: string,
    work: (model: Model) => Promise<void>,
    options: { max: number; waitMs: number } | false = batch,
  ): Promise<void> {
    const model = await models.open(`${name}.onnx`, { batch: options });
    try {
      await work(model);
    } finally {
      await model.dispose();
    }
  }
  /** A batcher over a real model that notes how many items each of its runs had. */
  function noting(model: Model, options = batch): { readonly sizes: number[]; readonly batcher: RunBatcher } {
    const sizes: number[] = [];
    const run = (feeds: Feeds): Promise<Record<string, Tensor>> => {
      sizes.push(Object.values(feeds)[0]?.dims[0] ?? 0);
      return model.run(feeds);
    };
    return { sizes, batcher: new RunBatcher(run, options) };
  }

  it('gives each its own share of one run, whatever their numbers of items', () =>
    withModel(
      'twoOutputs',
      async (model) => {
        const { sizes, batcher } = noting(model);
        const [a, b, c] = await Promise.all([
          batcher.add({ x: rows([1, 2]) }),
          batcher.add({ x: rows([3, 4], [5, 6]) }),
          batcher.add({ x: rows([7, 8]) }),
        ]);
        expect([a, b, c].map(({ y, sum }) => [y?.dims, valuesOf(y), sum?.dims, valuesOf(sum)])).toEqual([
          [[1, 2], [2, 4], [1], [3]],
          [[2, 2], [6, 8, 10, 12], [2], [7, 11]],
          [[1, 2], [14, 16], [1], [15]],
        ]);
        expect(sizes).toEqual([4]);
      },
      false,
    ));

  it('goes through a model opened for it, and gives what single runs give', () =>
    withModel('twoOutputs', async (model) => {
      const inputs = Array.from({ length: 20 }, (_, i) => rows([i, i + 0.5, -i]));
      const together = await Promise.all(inputs.map((x) => model.run({ x })));
      const single: unknown[] = [];
      for (const x of inputs) single.push(valuesOf((await model.run({ x }))['sum']));
      expect(together.map(({ sum }) => valuesOf(sum))).toEqual(single);
    }));

  it('keeps to the largest batch, and keeps shapes apart', () =>
    withModel(
      'twoOutputs',
      async (model) => {
        const { sizes, batcher } = noting(model, { max: 2, waitMs: 0 });
        const results = await Promise.all(
          [
            [1, 1],
            [2, 2],
            [3, 3, 3],
            [4, 4],
            [5, 5, 5],
          ].map((row) => batcher.add({ x: rows(row) })),
        );
        expect(results.map(({ y }) => valuesOf(y)[0])).toEqual([2, 4, 6, 8, 10]);
        expect(sizes.sort()).toEqual([1, 2, 2]);
      },
      false,
    ));

  it('waits for others as long as it was told, and no longer than until the batch is full', () =>
    withModel(
      'twoOutputs',
      async (model) => {
        const { sizes, batcher } = noting(model, { max: 3, waitMs: 10_000 });
        const first = batcher.add({ x: rows([1, 1]) });
        await new Promise((resolve) => setImmediate(resolve));
        const others = [batcher.add({ x: rows([2, 2]) }), batcher.add({ x: rows([3, 3]) })];
        expect((await Promise.all([first, ...others])).map(({ sum }) => valuesOf(sum))).toEqual([[2], [4], [6]]);
        expect(sizes).toEqual([3]);
      },
      false,
    ));

  it('lets one bad item fail alone', () =>
    withModel('looking', async (model) => {
      const index = (i: bigint): Feeds => ({ i: { type: 'int64', dims: [1, 1], data: BigInt64Array.of(i) } });
      const [good, bad, alsoGood] = await Promise.allSettled([model.run(index(0n)), model.run(index(99n)), model.run(index(2n))]);
      expect(good).toMatchObject({ status: 'fulfilled', value: { y: { data: Float32Array.of(10) } } });
      expect(bad).toMatchObject({ status: 'rejected', reason: { code: 'VD_MODEL_RUN_FAILED' } });
      expect(alsoGood).toMatchObject({ status: 'fulfilled', value: { y: { data: Float32Array.of(30) } } });
    }));

  it('leaves out whoever called off in time, and is not asked for anything by whoever did so before', () =>
    withModel(
      'twoOutputs',
      async (model) => {
        const { sizes, batcher } = noting(model, { max: 8, waitMs: 5 });
        const stop = new AbortController();
        const stopped = batcher.add({ x: rows([1, 1]) }, stop.signal);
        const kept = batcher.add({ x: rows([2, 2]) });
        stop.abort(new Error('no longer wanted'));
        await expect(stopped).rejects.toThrow('no longer wanted');
        expect(valuesOf((await kept)['sum'])).toEqual([4]);
        expect(sizes).toEqual([1]);
        expect(() => batcher.add({ x: rows([1, 1]) }, stop.signal)).toThrow('no longer wanted');
      },
      false,
    ));

  it('never puts together what a model would mix', () =>
    withModel('mixing', async (model) => {
      const [a, b] = await Promise.all([model.run({ x: rows([1, 2]) }), model.run({ x: rows([3, 4]) })]);
      expect([valuesOf(a['y']), valuesOf(b['y'])]).toEqual([
        [1, 2],
        [3, 4],
      ]);
    }));

  it('runs each by itself when the outputs turn out not to have the items’ dimension', () =>
    withModel(
      'mixing',
      async (model) => {
        const { sizes, batcher } = noting(model);
        const [a, b] = await Promise.all([batcher.add({ x: rows([1, 2]) }), batcher.add({ x: rows([3, 4]) })]);
        expect([valuesOf(a['y']), valuesOf(b['y'])]).toEqual([
          [1, 2],
          [3, 4],
        ]);
        expect(sizes).toEqual([2, 1, 1]);
      },
      false,
    ));
});
