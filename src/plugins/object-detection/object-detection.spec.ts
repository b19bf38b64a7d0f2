import { describe, expect, it } from 'vitest';
import type { DetectionResult, Frame, Logger, Model, Models, Tensor } from 'vedette/plugin';
import { objectDetectionConfig } from './config.js';
import { ObjectDetection } from './object-detection.js';

/** The first run shows the model a grey picture, to see what it gives. */
const A_LOOK = 1;
const never = new AbortController().signal;
/** Wide video letterboxed into a square: 320x180 at (0, 70). */
const fit = { frameWidthPx: 320, frameHeightPx: 320, offsetXPx: 0, offsetYPx: 70, contentWidthPx: 320, contentHeightPx: 180 };
const frames = Array.from({ length: 5 }, (_, i): Frame => ({
  ptsUs: i * 200_000,
  index: i,
  keyframe: false,
  widthPx: 320,
  heightPx: 320,
  format: 'rgb24',
  data: new Uint8Array(320 * 320 * 3),
  fit,
}));

/** Says that each picture holds a cat and a dog at the same place. */
class FakeModel implements Model {
  readonly path = 'fake.onnx';
  readonly sha256 = '';
  readonly provider = 'cpu';
  readonly precision = 'float32';
  readonly outputs = [{ name: 'out', type: 'float32', dims: [-1, 6, 2] }];
  metadata: Record<string, string> = { names: "{0: 'cat', 1: 'dog'}" };
  readonly batches: number[] = [];
  disposed = 0;
  constructor(readonly inputs = [{ name: 'in', type: 'float32', dims: [-1, 3, 320, 320] }]) {}

  run(feeds: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> {
    const batch = feeds['in']!.dims[0]!;
    this.batches.push(batch);
    const picture = [...[160, 160], ...[160, 160], ...[32, 32], ...[18, 18], ...[0.9, 0], ...[0, 0.6]];
    return Promise.resolve({
      out: { type: 'float32', dims: [batch, 6, 2], data: Float32Array.from(Array.from({ length: batch }, () => picture).flat()) },
    });
  }
  dispose(): Promise<void> {
    this.disposed++;
    return Promise.resolve();
  }
}

const configOf = (written: Record<string, unknown>) => objectDetectionConfig.parse({ model: 'fake.onnx', ...written });

async function detect(model: FakeModel, config: Record<string, unknown> = {}, batch = frames): Promise<DetectionResult[]> {
  const models: Models = { open: () => Promise.resolve(model), readText: () => Promise.resolve('') };
  const analyzer = new ObjectDetection(configOf(config), models);
  const results: DetectionResult[] = [];
  await analyzer.init();
  await analyzer.process(batch, (result) => results.push(result as DetectionResult), never);
  await analyzer.dispose();
  return results;
}

describe(ObjectDetection.name, () => {
  it('tells what is where in the displayed picture', async () => {
    const [cat, dog] = await detect(new FakeModel());
    expect(cat).toMatchObject({
      type: 'detection',
      ptsUs: 0,
      label: 'cat',
      box: { x: 0.45, y: expect.closeTo(0.45, 5), width: expect.closeTo(0.1, 5), height: expect.closeTo(0.1, 5) },
    });
    expect(dog).toMatchObject({ label: 'dog', score: expect.closeTo(0.6, 5) });
  });

  it('puts each detection on its frame', async () => {
    expect((await detect(new FakeModel(), { only: ['cat'] })).map(({ ptsUs }) => ptsUs)).toEqual(frames.map(({ ptsUs }) => ptsUs));
  });

  it('feeds frames one by one to the CPU, which gains nothing by more at once', async () => {
    const model = new FakeModel();
    await detect(model);
    expect(model.batches).toEqual([A_LOOK, 1, 1, 1, 1, 1]);
  });

  it('feeds as many frames at once as it may', async () => {
    const model = new FakeModel();
    await detect(model, { maxBatch: 2 });
    expect(model.batches).toEqual([A_LOOK, 2, 2, 1]);
  });

  it('feeds a model of fixed batch exactly that, and reads only the real frames', async () => {
    const model = new FakeModel([{ name: 'in', type: 'float32', dims: [4, 3, 320, 320] }]);
    expect(await detect(model, { only: ['dog'] })).toHaveLength(frames.length);
    expect(model.batches).toEqual([4, 4, 4]);
  });

  it('reports what scores enough, of the classes asked for, by the names configured', async () => {
    expect((await detect(new FakeModel(), { minScore: 0.7 })).map(({ label }) => label)).toEqual(frames.map(() => 'cat'));
    expect((await detect(new FakeModel(), { names: ['Katze', 'Hund'], only: ['Hund'] }))[0]?.label).toBe('Hund');
  });

  it('lets its model go', async () => {
    const model = new FakeModel();
    await detect(model);
    expect(model.disposed).toBe(1);
  });

  it('stops between batches when called off', async () => {
    const analyzer = new ObjectDetection(configOf({}), {
      open: () => Promise.resolve(new FakeModel()),
      readText: () => Promise.resolve(''),
    });
    await analyzer.init();
    await expect(analyzer.process(frames, () => undefined, AbortSignal.abort())).rejects.toThrow();
  });

  it('refuses a size that the model does not take, and says which to configure', async () => {
    const model = new FakeModel([{ name: 'in', type: 'float32', dims: [1, 3, 640, 640] }]);
    await expect(detect(model, { input: { widthPx: 320, heightPx: 320 } })).rejects.toMatchObject({ code: 'VD_DETECTION_WRONG_SIZE' });
  });

  it('gives a model of free size pictures in the shape of the stream, and looks anew for each shape', async () => {
    const model = new FakeModel([{ name: 'in', type: 'float32', dims: [-1, 3, -1, -1] }]);
    model.metadata = { ...model.metadata, imgsz: '[320, 320]', stride: '32' };
    const models: Models = { open: () => Promise.resolve(model), readText: () => Promise.resolve('') };
    const analyzer = new ObjectDetection(configOf({ maxBatch: 2 }), models);
    await analyzer.init();
    expect(analyzer.frameSize({ widthPx: 1920, heightPx: 1080 })).toEqual({ widthPx: 320, heightPx: 192 });
    const wide = { ...frames[0]!, heightPx: 192, data: new Uint8Array(320 * 192 * 3) };
    await analyzer.process([wide, wide], () => undefined, never);
    await analyzer.process([wide, wide], () => undefined, never);
    expect(model.batches).toEqual([A_LOOK, A_LOOK, 2, 2]);
  });

  it('refuses names that do not fit the model', async () => {
    await expect(detect(new FakeModel(), { names: ['only one'] })).rejects.toMatchObject({
      code: 'VD_DETECTION_WRONG_NAMES',
      message: expect.stringContaining('there are 1 class names, but the model has 2 classes'),
    });
  });

  describe('with classes that are asked for', () => {
    async function warnings(config: Record<string, unknown>, metadata?: Record<string, string>): Promise<string[]> {
      const model = new FakeModel();
      if (metadata !== undefined) model.metadata = metadata;
      const warned: string[] = [];
      const quiet = (): void => undefined;
      const logger: Logger = { debug: quiet, info: quiet, error: quiet, warn: (message) => warned.push(message) };
      const analyzer = new ObjectDetection(configOf(config), {
        open: () => Promise.resolve(model),
        readText: () => Promise.resolve(''),
      });
      await analyzer.init({ analyzerId: 'object-detection', dataDir: '', logger });
      return warned;
    }

    it('warns of one that the model does not have, with the nearest name', async () => {
      expect(await warnings({ only: ['cat', 'dgo'] })).toEqual([expect.stringMatching(/"dgo" \(did you mean "dog"\?\); it has cat, dog/)]);
      expect(await warnings({ only: ['cat', 'dog'] })).toEqual([]);
    });

    it.each([[['Cat']], [['elephant', 'dgo']], [['class 7']]])('refuses to look for nothing: %j', async (only) => {
      await expect(warnings({ only })).rejects.toMatchObject({ code: 'VD_DETECTION_UNKNOWN_CLASSES', fix: expect.stringMatching(/.+/) });
    });

    it('knows classes without names by their numbers, and warns that names are missing', async () => {
      expect(await warnings({ only: ['class 1'] }, { names: 'None' })).toEqual([expect.stringContaining('(names=None)')]);
      await expect(warnings({ only: ['class 2'] }, {})).rejects.toMatchObject({ code: 'VD_DETECTION_UNKNOWN_CLASSES' });
    });

    it('takes two ways to write one name for the same', async () => {
      const names = `{0: '${'Füße'.normalize('NFD')}', 1: 'a\\xa0b'}`;
      expect(await warnings({ only: ['Füße'.normalize('NFC'), 'a b'] }, { names })).toEqual([]);
    });
  });
});
