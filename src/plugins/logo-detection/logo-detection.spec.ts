import { describe, expect, it } from 'vitest';
import { SilentLogger } from '../../../test/support/fakes/silent-logger.js';
import { referenceOf } from '../../../test/support/logos/drawn-logos.js';
import { CodedError, type Model, type Models, type ReferenceSet, type Tensor } from 'vedette/plugin';
import { logoDetectionConfig } from './config.js';
import { logoDetection } from './logo-detection.js';

const floats = (dims: number[]): Tensor => ({ type: 'float32', dims, data: new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(1) });

/** The models that are open, by their paths. */
function countedModels() {
  const open: string[] = [];
  const models = {
    open: async (path: string) => {
      open.push(path);
      const run = async ({ picture }: Record<string, Tensor>): Promise<Record<string, Tensor>> => {
        const [, , height = 0, width = 0] = picture!.dims;
        return { features: floats([1, 2, height / 4, width / 4]), attention: floats([1, 1, height / 4, width / 4]) };
      };
      return { run, dispose: async () => void open.splice(open.indexOf(path), 1) } as unknown as Model;
    },
  } as unknown as Models;
  return { open, models };
}

const set = (revision: number, ...images: ReferenceSet['images']): ReferenceSet => ({ kind: 'logo', revision, images });
const context = { analyzerId: 'logo-detection', dataDir: '.', logger: new SilentLogger() };
const config = logoDetectionConfig.parse({});

describe(logoDetection.name, () => {
  it('opens its models with the first reference and closes them with the last', async () => {
    const { open, models } = countedModels();
    const analyzer = logoDetection(config, models);
    await analyzer.init?.(context);
    await analyzer.useReferences?.(set(0));
    expect(open).toEqual([]);

    await analyzer.useReferences?.(set(1, referenceOf('ring')));
    await analyzer.useReferences?.(set(2, referenceOf('ring'), referenceOf('steps')));
    expect(open).toEqual([config.featuresModel, config.correlationModel]);

    await analyzer.useReferences?.(set(3));
    expect(open).toEqual([]);
    await analyzer.useReferences?.(set(4, referenceOf('ring')));
    expect(open).toHaveLength(2);
    await analyzer.dispose?.();
    expect(open).toEqual([]);
  });

  it('fails with the reference that needs a model which is not there, and works once it is', async () => {
    const { open, models } = countedModels();
    let isThere = false;
    const missing: Models = {
      ...models,
      open: (path) => (isThere ? models.open(path) : Promise.reject(new CodedError('VD_MODEL_NOT_FOUND', `no ${path}`))),
    };
    const analyzer = logoDetection(config, missing);
    await analyzer.init?.(context);
    await expect(analyzer.useReferences?.(set(1, referenceOf('ring')))).rejects.toMatchObject({ code: 'VD_MODEL_NOT_FOUND' });
    isThere = true;
    await analyzer.useReferences?.(set(1, referenceOf('ring')));
    expect(open).toHaveLength(2);
  });
});
