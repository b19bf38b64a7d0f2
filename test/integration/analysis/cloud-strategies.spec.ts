import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Global, Module, type DynamicModule, type Type } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { ForkedHostPool } from '../../../src/core/analysis/pool/analysis-host-pool.js';
import { AnalysisModule } from '../../../src/core/analysis/analysis.module.js';
import { ConfigModule } from '../../../src/core/config/config.module.js';
import { loadConfig } from '../../../src/core/config/load-config.js';
import { OutsideModule } from '../../../src/core/config/outside.module.js';
import { WorkerHostMediaModule } from '../../../src/core/media/store/worker-host-media.module.js';
import { createLogger } from '../../../src/core/observability/logger.js';
import { ObservabilityModule } from '../../../src/core/observability/observability.module.js';
import { ANALYSIS_HOST_POOL, PICTURE_SAMPLER, type AnalysisJob, type ExecutionStrategy } from '../../../src/core/plugin-api/index.js';
import { PluginHostModule } from '../../../src/core/plugin-host/plugin-host.module.js';
import { PluginRegistry } from '../../../src/core/plugin-host/plugin-registry.js';
import { readBarcode } from '../../../src/core/plugin-testing/index.js';
import { BUILTIN_PLUGINS } from '../../../src/main.js';
import { ScriptedServer, status } from '../../../src/plugins/strategy-cloud/testing/scripted-server.js';
import barcode from '../../fixtures/barcode-plugin.js';
import cloudWatch from '../../../src/plugins/cloud-watch/index.js';
import { never, SegmentBench } from '../../support/analysis/bench-of-segments.js';
import { FakePluginRegistry } from '../../support/fakes/fake-plugin-registry.js';
import { jobFor, type SegmentedStream } from '../../support/analysis/segments.js';
import { PROVIDER_WIRES } from '../../../src/plugins/strategy-cloud/testing/provider-wires.js';

const ROOT = resolve(import.meta.dirname, '../../..');
const SECRET = 'sk-the-secret-of-this-test';
const [analyzer] = FakePluginRegistry.of([{ plugin: barcode }]).analyzers;
const objects = { ...analyzer!, definition: { ...analyzer!.definition, solves: ['object'] } };

async function frameNumberOf(jpeg: Buffer): Promise<number | null> {
  const { data, info } = await sharp(jpeg).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const [widthPx, heightPx] = [info.width, info.height];
  const fit = {
    frameWidthPx: widthPx,
    frameHeightPx: heightPx,
    offsetXPx: 0,
    offsetYPx: 0,
    contentWidthPx: widthPx,
    contentHeightPx: heightPx,
  };
  return readBarcode({ data, widthPx, heightPx, format: 'rgb24', fit });
}

describe('cloud strategies as a worker has them', () => {
  let bench: SegmentBench;
  let stream: SegmentedStream;
  let pool: ForkedHostPool;
  let server: ScriptedServer;
  const lines: string[] = [];

  beforeAll(async () => {
    bench = await SegmentBench.create();
    stream = await bench.stream('clip.ts', { frames: 100, fps: 25, widthPx: 640, heightPx: 360, gop: 50 });
    pool = bench.pool();
    server = await ScriptedServer.start();
    await writeFile(bench.path('key'), `${SECRET}\n`);
    await chmod(bench.path('key'), 0o644);
  });
  beforeEach(() => {
    server.arrived.length = 0;
    lines.length = 0;
  });
  afterAll(async () => {
    await Promise.all([bench.close(), server.close()]);
  });

  /** From a config file, by the plugin host and Nest, with the pool as the sampler. */
  async function open(
    id: string,
    config: Record<string, unknown>,
    allow: readonly string[] = ['127.0.0.1'],
    hosts?: readonly (Type | DynamicModule)[],
  ): Promise<ExecutionStrategy> {
    await writeFile(
      bench.path('vedette.config.yaml'),
      stringify({ egress: { allow }, plugins: [{ use: 'vedette/strategy-cloud', strategies: { [id]: config } }] }),
    );
    const providers = [PICTURE_SAMPLER, ANALYSIS_HOST_POOL].map((provide) => ({ provide, useValue: pool }));
    @Global()
    @Module({ providers, exports: providers })
    class Pool {}
    const logger = createLogger({ role: 'worker', level: 'debug', format: 'json', destination: { write: (line) => lines.push(line) } });
    const loaded = loadConfig({ cwd: bench.folder, env: { CLOUD_TEST_KEY: SECRET } });
    const app = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot(loaded),
        ObservabilityModule.forRole(logger),
        OutsideModule,
        ...(hosts ?? [Pool]),
        PluginHostModule.forRole({ builtins: BUILTIN_PLUGINS, instantiate: ['strategies'] }),
      ],
    }).compile();
    return app.get(PluginRegistry).createStrategy(id);
  }
  const keyFile = { file: 'key' };
  /** The same config with its secret in a file. */
  const inFile = (config: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(config).map(([key, value]) => [
        key,
        JSON.stringify(value) === JSON.stringify({ env: 'CLOUD_TEST_KEY' }) ? keyFile : value,
      ]),
    );
  const job = (more: Partial<AnalysisJob['stream']> = {}): AnalysisJob => {
    const made = jobFor(stream, 0, [objects]);
    return { ...made, stream: { ...made.stream, ...more } };
  };

  it.each(Object.entries(PROVIDER_WIRES))('%s sends the frames that were on show and gives what was seen their time', async (id, wire) => {
    server.play(wire.script);
    const strategy = await open(id, { ...inFile(wire.config(server.url)), pictures: { fps: 1, maxSidePx: 320 } });
    const { tasks } = await strategy.execute(job(), never);
    const originUs = stream.facts[0]!.ptsStartUs;
    const frames = await Promise.all(server.arrived.flatMap((request) => wire.jpegs(request)).map(frameNumberOf));
    const [task] = tasks;
    if (task?.status !== 'done') throw new Error(JSON.stringify(tasks));
    expect(task.results).toHaveLength(2);
    expect(task.results.map(({ ptsUs }) => Math.round((ptsUs - originUs) / 40_000))).toEqual(frames.toSorted((a, b) => a! - b!));
    expect(task.results).toMatchObject([
      { type: 'detection', label: 'rectangle', box: { x: 0, y: 0, width: 0.5, height: 0.5 } },
      { type: 'detection' },
    ]);
    expect(lines.join('')).toContain('can be read by every account');
    expect(lines.join('')).not.toContain(SECRET);
  });

  it.each(Object.entries(PROVIDER_WIRES))('%s finds all it asks for among the modules of a worker', async (id, wire) => {
    const strategy = await open(
      id,
      inFile(wire.config(server.url)),
      ['127.0.0.1'],
      [WorkerHostMediaModule, AnalysisModule.forEntry('main.js')],
    );
    expect(await strategy.health()).toEqual({ status: 'up' });
  });

  it('stand in for analyzers that have no code of their own', async () => {
    server.play((request) => ({
      responses: request
        .json()
        .requests.map(() => ({ labelAnnotations: [{ description: 'Street', score: 0.9 }], textAnnotations: [{ description: 'EXIT' }] })),
    }));
    const strategy = await open('cloud-google', { ...inFile(PROVIDER_WIRES['cloud-google']!.config(server.url)), pictures: { fps: 1 } });
    const analyzers = FakePluginRegistry.of([{ plugin: cloudWatch }]).analyzers.filter(({ definition }) =>
      /labels|texts/.test(definition.id),
    );
    const { tasks, cost } = await strategy.execute(jobFor(stream, 0, analyzers), never);
    expect(tasks).toMatchObject([
      { status: 'done', results: [{ data: { label: 'Street' } }, {}] },
      { status: 'done', results: [{ data: { text: 'EXIT' } }, {}] },
    ]);
    expect(cost).toBeCloseTo(4 * 0.0015);
  });

  it('talk to the server of the reference page', async () => {
    const file = join(ROOT, 'test/fixtures/http-strategy-server.mjs');
    expect(await readFile(join(ROOT, 'docs/reference/http-strategy.md'), 'utf8')).toContain((await readFile(file, 'utf8')).trim());
    const child = spawn(process.execPath, [file, SECRET, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [said] = (await once(child.stdout, 'data')) as [Buffer];
      const endpoint = /http:\S+/.exec(said.toString())![0];
      const strategy = await open('cloud-http', { ...inFile(PROVIDER_WIRES['cloud-http']!.config(endpoint)), pictures: { fps: 1 } });
      expect((await strategy.execute(job(), never)).tasks).toMatchObject([
        { status: 'done', framesSeen: 2, results: [{ label: 'something' }, {}] },
      ]);
    } finally {
      child.kill();
    }
  });

  it('send nothing of a private stream, and do not even decode it', async () => {
    const wire = PROVIDER_WIRES['cloud-google']!;
    const strategy = await open('cloud-google', inFile(wire.config(server.url)));
    await expect(strategy.execute(job({ isPrivate: true }), never)).rejects.toMatchObject({ code: 'VD_CLOUD_PRIVATE' });
    expect(pool.load().running + server.arrived.length).toBe(0);
  });

  it('are refused when their host is not on the list, with the line to add', async () => {
    const wire = PROVIDER_WIRES['cloud-http']!;
    await expect(open('cloud-http', inFile(wire.config(server.url)), ['vision.example.com'])).rejects.toMatchObject({
      code: 'VD_EGRESS_REFUSED',
      fix: expect.stringContaining('["vision.example.com", "127.0.0.1"]') as string,
    });
  });

  it('are refused with a secret in the config itself, which no message repeats', async () => {
    const wire = PROVIDER_WIRES['cloud-http']!;
    const refused = await open('cloud-http', { ...wire.config(server.url), bearer: SECRET }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'VD_PLUGIN_CONFIG_INVALID',
      message: expect.stringContaining('{ file: secrets/key } or { env: NAME }') as string,
    });
    expect(`${String(refused)} ${lines.join('')}`).not.toContain(SECRET);
  });

  it('tell no log of a secret that a provider echoes', async () => {
    const wire = PROVIDER_WIRES['cloud-http']!;
    server.play(status(401, `who is ${SECRET}?`));
    const strategy = await open('cloud-http', inFile(wire.config(server.url)));
    const refused = await strategy.execute(job(), never).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'VD_CLOUD_CREDENTIALS', message: expect.stringContaining('who is ***?') as string });
  });
});
