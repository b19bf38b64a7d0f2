import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { onnxModel, onnxNode, onnxTensor } from '../plugin-testing/index.js';
import { OrtModels } from './ort-models.js';

const doubling = onnxModel({
  nodes: [onnxNode('Mul', ['x', 'two'], ['y'])],
  tensors: [onnxTensor('two', [], Float32Array.of(2))],
  inputs: [{ name: 'x', dims: ['batch', 3] }],
  outputs: [{ name: 'y', dims: ['batch', 3] }],
  metadata: { names: "{0: 'a'}" },
});

describe(OrtModels.name, () => {
  let folder: string;
  let own: string;
  let models: OrtModels;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-models-'));
    own = join(folder, 'data', 'models');
    const builtIn = join(folder, 'built-in');
    await mkdir(own, { recursive: true });
    await mkdir(builtIn);
    await writeFile(join(own, 'doubling.onnx'), doubling);
    await writeFile(join(builtIn, 'brought.onnx'), doubling);
    await writeFile(join(folder, 'outside.onnx'), doubling);
    await symlink(join(folder, 'outside.onnx'), join(own, 'link.onnx'));
    await writeFile(join(own, 'broken.onnx'), doubling.subarray(0, 60));
    await writeFile(
      join(own, 'unknown-operator.onnx'),
      onnxModel({
        nodes: [onnxNode('NoSuchThing', ['x'], ['y'])],
        inputs: [{ name: 'x', dims: [1] }],
        outputs: [{ name: 'y', dims: [1] }],
      }),
    );
    await writeFile(join(own, 'huge.onnx'), '');
    await truncate(join(own, 'huge.onnx'), 2 ** 30 + 1);
    await writeFile(join(own, 'names.txt'), 'Katze\nHündin\n');
    await writeFile(join(own, 'latin1.txt'), Buffer.from('H\xfcndin\n', 'latin1'));
    await writeFile(join(own, 'endless.txt'), '');
    await truncate(join(own, 'endless.txt'), 2 ** 20 + 1);
    models = new OrtModels([own, builtIn]);
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('opens a model by its name and runs it', async () => {
    const model = await models.open('doubling.onnx');
    expect(model).toMatchObject({
      metadata: { names: "{0: 'a'}" },
      sha256: createHash('sha256').update(doubling).digest('hex'),
      inputs: [{ name: 'x', type: 'float32', dims: [-1, 3] }],
      outputs: [{ name: 'y', type: 'float32', dims: [-1, 3] }],
    });
    const { y } = await model.run({ x: { type: 'float32', dims: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) } });
    expect(y).toMatchObject({ type: 'float32', dims: [2, 3] });
    expect([...(y!.data as Float32Array)]).toEqual([2, 4, 6, 8, 10, 12]);
    await model.dispose();
  });

  it('falls back to the models that the package brings, and takes absolute paths below either folder', async () => {
    await (await models.open('brought.onnx')).dispose();
    await (await models.open(join(own, 'doubling.onnx'))).dispose();
  });

  it("opens a plugin's own file by its URL, wherever it lies, and no other", async () => {
    const outside = pathToFileURL(join(own, '..', '..', 'outside.onnx'));
    const sha256 = createHash('sha256').update(doubling).digest('hex');
    await (await models.open(outside, { sha256 })).dispose();
    await expect(models.open(outside, { sha256: '0'.repeat(64) })).rejects.toMatchObject({ code: 'VD_MODEL_CHECKSUM' });
    await expect(models.open(new URL('missing.onnx', outside))).rejects.toMatchObject({ code: 'VD_MODEL_NOT_FOUND' });
    await expect(models.open(new URL('https://models.example/a.onnx'))).rejects.toMatchObject({ code: 'VD_MODEL_OUTSIDE' });
    expect(await models.readText(pathToFileURL(join(own, 'names.txt')))).toBe('Katze\nHündin\n');
  });

  it('shares one session among those who open the same file, until the last lets go', async () => {
    const [first, second] = await Promise.all([models.open('doubling.onnx'), models.open('doubling.onnx')]);
    await first.dispose();
    await first.dispose();
    const { y } = await second.run({ x: { type: 'float32', dims: [1, 3], data: Float32Array.of(1, 1, 1) } });
    expect([...(y!.data as Float32Array)]).toEqual([2, 2, 2]);
    await second.dispose();
    await (await models.open('doubling.onnx')).dispose();
  });

  it('holds a file against the checksum it was promised', async () => {
    const sha256 = createHash('sha256').update(doubling).digest('hex').toUpperCase();
    await (await models.open('doubling.onnx', { sha256 })).dispose();
    await expect(models.open('doubling.onnx', { sha256: '0'.repeat(64) })).rejects.toMatchObject({ code: 'VD_MODEL_CHECKSUM' });
    await (await models.open('doubling.onnx')).dispose();
  });

  it.each([
    ['missing.onnx', 'VD_MODEL_NOT_FOUND'],
    ['../../outside.onnx', 'VD_MODEL_OUTSIDE'],
    ['link.onnx', 'VD_MODEL_OUTSIDE'],
    ['/etc/passwd', 'VD_MODEL_OUTSIDE'],
    ['broken.onnx', 'VD_MODEL_NOT_ONNX'],
    ['.', 'VD_MODEL_OUTSIDE'],
    ['unknown-operator.onnx', 'VD_MODEL_LOAD_FAILED'],
    ['huge.onnx', 'VD_MODEL_TOO_LARGE'],
  ])('refuses %s with %s', async (path, code) => {
    await expect(models.open(path)).rejects.toMatchObject({ code });
  });

  it('takes and gives half floats as their bits', async () => {
    const type = 'float16';
    const half = onnxModel({
      nodes: [onnxNode('Add', ['x', 'x'], ['y'])],
      inputs: [{ name: 'x', dims: ['batch', 2], type }],
      outputs: [{ name: 'y', dims: ['batch', 2], type }],
    });
    await writeFile(join(own, 'half.onnx'), half);
    const model = await models.open('half.onnx');
    const { y } = await model.run({ x: { type, dims: [1, 2], data: Uint16Array.of(0x3c00, 0xc000) } });
    expect(y).toEqual({ type, dims: [1, 2], data: Uint16Array.of(0x4000, 0xc400) });
    await model.dispose();
  });

  it('reads a text that lies with the models', async () => {
    expect(await models.readText('names.txt')).toBe('Katze\nHündin\n');
  });

  it.each([
    ['missing.txt', 'VD_MODEL_NOT_FOUND'],
    ['../../outside.onnx', 'VD_MODEL_OUTSIDE'],
    ['link.onnx', 'VD_MODEL_OUTSIDE'],
    ['latin1.txt', 'VD_MODEL_NOT_TEXT'],
    ['endless.txt', 'VD_MODEL_TOO_LARGE'],
  ])('refuses to read %s with %s', async (path, code) => {
    await expect(models.readText(path)).rejects.toMatchObject({ code });
  });

  it('says what the model takes when it is fed something else', async () => {
    const model = await models.open('doubling.onnx');
    const wrong = model.run({ x: { type: 'float32', dims: [1, 4], data: new Float32Array(4) } });
    await expect(wrong).rejects.toMatchObject({ code: 'VD_MODEL_RUN_FAILED', message: expect.stringContaining('x float32[-1,3]') });
    await model.dispose();
  });

  describe('warm-up', () => {
    const collecting = (lines: [string, Record<string, unknown> | undefined][]): OrtModels => {
      const note = (message: string, fields?: Record<string, unknown>): void => void lines.push([message, fields]);
      return new OrtModels([own], { logger: { debug: note, info: note, warn: note, error: note } });
    };
    const resizing = onnxModel({
      nodes: [onnxNode('GlobalAveragePool', ['x'], ['y'])],
      inputs: [{ name: 'x', dims: ['n', 3, 'h', 'w'] }],
      outputs: [{ name: 'y', dims: ['n', 3, 1, 1] }],
    });

    it('runs a model once before it is handed out, at the size that its analyzer declares', async () => {
      await writeFile(join(own, 'resizing.onnx'), resizing);
      const lines: [string, Record<string, unknown> | undefined][] = [];
      const warming = collecting(lines);
      const opened = await Promise.all([
        warming.open('resizing.onnx'),
        warming.open('resizing.onnx', { warmUp: { widthPx: 96, heightPx: 64 } }),
        warming.open('doubling.onnx'),
      ]);
      const warmed = lines.filter(([message]) => message === 'Model warmed up').map(([, fields]) => fields);
      expect(warmed).toEqual(
        expect.arrayContaining([
          { file: join(own, 'resizing.onnx'), sizes: ['1x3x64x96'], runMs: expect.any(Number) },
          { file: join(own, 'doubling.onnx'), sizes: ['1x3'], runMs: expect.any(Number) },
        ]),
      );
      expect(warmed).toHaveLength(2);
      await Promise.all(opened.map((model) => model.dispose()));
    });

    it('hands a model out that does not run on zeros, and says so', async () => {
      const picky = onnxModel({
        nodes: [onnxNode('Reshape', ['x', 'shape'], ['y'])],
        tensors: [onnxTensor('shape', [1], BigInt64Array.of(7n))],
        inputs: [{ name: 'x', dims: ['n'] }],
        outputs: [{ name: 'y', dims: [7] }],
      });
      await writeFile(join(own, 'picky.onnx'), picky);
      const lines: [string, Record<string, unknown> | undefined][] = [];
      const model = await collecting(lines).open('picky.onnx');
      expect(lines).toContainEqual([
        'Model did not run on zeros',
        expect.objectContaining({ error: expect.objectContaining({ code: 'VD_MODEL_RUN_FAILED' }) }),
      ]);
      expect((await model.run({ x: { type: 'float32', dims: [7], data: new Float32Array(7) } }))['y']?.dims).toEqual([7]);
      await model.dispose();
    });

    it('leaves out the run that an analyzer knows to be in vain', async () => {
      const lines: [string, Record<string, unknown> | undefined][] = [];
      const model = await collecting(lines).open('doubling.onnx', { warmUp: false });
      expect(lines.map(([message]) => message)).toEqual(['Model opened']);
      await model.dispose();
    });
  });

  it('opens the new file where one was replaced, while the old one is still in use', async () => {
    const file = join(own, 'replaced.onnx');
    const adding = (value: number): Buffer =>
      onnxModel({
        nodes: [onnxNode('Add', ['x', 'c'], ['y'])],
        tensors: [onnxTensor('c', [], Float32Array.of(value))],
        inputs: [{ name: 'x', dims: [1] }],
        outputs: [{ name: 'y', dims: [1] }],
      });
    const x = { type: 'float32' as const, dims: [1], data: Float32Array.of(0) };
    await writeFile(file, adding(1));
    const before = await models.open('replaced.onnx');
    await writeFile(`${file}.new`, adding(2));
    await rename(`${file}.new`, file);
    const after = await models.open('replaced.onnx');
    expect([(await before.run({ x }))['y']?.data[0], (await after.run({ x }))['y']?.data[0]]).toEqual([1, 2]);
    await Promise.all([before.dispose(), after.dispose()]);
  });

  it('gives half floats as their bits', async () => {
    const halving = onnxModel({
      nodes: [onnxNode('Cast', ['x'], ['y'], { to: 10 })],
      inputs: [{ name: 'x', dims: [2] }],
      outputs: [{ name: 'y', dims: [2], type: 'float16' }],
    });
    await writeFile(join(own, 'halving.onnx'), halving);
    const model = await models.open('halving.onnx');
    const { y } = await model.run({ x: { type: 'float32', dims: [2], data: Float32Array.of(1, -2) } });
    expect(y).toMatchObject({ type: 'float16', data: Uint16Array.of(0x3c00, 0xc000) });
    await model.dispose();
  });
});
