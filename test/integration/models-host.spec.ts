import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConfigModule } from '../../src/core/config/config.module.js';
import { loadConfig } from '../../src/core/config/load-config.js';
import { InferenceModule } from '../../src/core/models/inference.module.js';
import { createLogger } from '../../src/core/observability/logger.js';
import { ObservabilityModule } from '../../src/core/observability/observability.module.js';
import { MODELS, type Models } from '../../src/core/plugin-api/index.js';
import { onnxModel, onnxNode, onnxTensor } from '../../src/core/plugin-testing/index.js';

/** Some hundred bytes that want twelve gigabytes when they are opened. */
const exploding = onnxModel({
  nodes: [
    onnxNode('ConstantOfShape', ['shape'], ['big']),
    onnxNode('ReduceSum', ['big'], ['sum'], { keepdims: 0 }),
    onnxNode('Add', ['x', 'sum'], ['y']),
  ],
  tensors: [onnxTensor('shape', [2], BigInt64Array.of(55_000n, 55_000n))],
  inputs: [{ name: 'x', dims: [1] }],
  outputs: [{ name: 'y', dims: [1] }],
});

/** What an analysis host gets injected, from the real config, in this process. */
describe(InferenceModule.name, () => {
  let folder: string;
  let app: INestApplicationContext;
  let models: Models;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-host-'));
    await mkdir(join(folder, 'data', 'models'), { recursive: true });
    await writeFile(join(folder, 'data', 'models', 'exploding.onnx'), exploding);
    await writeFile(join(folder, 'vedette.config.yaml'), 'inference: { providers: [cpu], probeMemoryLimit: 400MB, probeTimeout: 20s }\n');
    const loaded = loadConfig({ env: {}, cwd: folder });
    const logger = createLogger({ role: 'test', level: 'error', format: 'json', destination: process.stderr });
    const root = { module: class Host {}, imports: [ConfigModule.forRoot(loaded), ObservabilityModule.forRole(logger), InferenceModule] };
    app = await NestFactory.createApplicationContext(root, { logger: false });
    models = app.get<Models>(MODELS);
  });
  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true });
  });

  it('opens a model of the package by its id, by its file, and remembers that it was tried', async () => {
    const [byId, byFile] = await Promise.all([models.open('demo-shapes'), models.open('demo-shapes.onnx')]);
    expect(byId).toMatchObject({ provider: 'cpu', precision: 'float32', sha256: byFile.sha256 });
    expect(await readdir(join(folder, 'data', 'model-probes'))).toContainEqual(expect.stringContaining(byId.sha256));
    await Promise.all([byId.dispose(), byFile.dispose()]);
  });

  it('outlives a file that would take all memory, and refuses it each time', async () => {
    for (let time = 0; time < 2; time++)
      await expect(models.open('exploding.onnx')).rejects.toMatchObject({ code: 'VD_MODEL_PROBE_MEMORY' });
    expect(process.memoryUsage.rss()).toBeLessThan(2 ** 30);
  });

  it('refuses names of providers that do not exist, with the names that do', () => {
    expect(() => loadConfig({ env: { VEDETTE_INFERENCE_PROVIDERS: '[gpu]' }, cwd: folder })).toThrow(
      expect.objectContaining({ code: 'VD_CONFIG_INVALID', message: expect.stringContaining('cuda') }),
    );
  });
});
