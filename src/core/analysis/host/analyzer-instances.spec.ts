import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configHash } from '../../plugin-host/canonical-json.js';
import { configureAnalyzer } from '../../plugin-host/loaded-plugins.js';
import { SilentLogger } from '../../../../test/support/fakes/silent-logger.js';
import { FakePluginRegistry } from '../../../../test/support/fakes/fake-plugin-registry.js';
import type { RegisteredAnalyzer } from '../../plugin-host/plugin-registry.js';
import { defineAnalyzer, durationMs, z, type AnalyzerTask, type JsonObject } from '../../plugin-api/index.js';
import { analyzerPlacement } from '../../config/schema.js';
import { AnalyzerInstances } from './analyzer-instances.js';
import { ReferenceSets } from './reference-sets.js';

describe(AnalyzerInstances.name, () => {
  let folder: string;
  let made: number[];
  let disposed: number[];
  let instances: AnalyzerInstances;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vedette-instances-'));
    [made, disposed] = [[], []];
    const definition = defineAnalyzer({
      ...{ id: 'a', version: '1.0.0', title: 'A', queue: 'default', solves: [] },
      config: z.strictObject({ pause: durationMs.prefault('0ms') }),
      input: ({ pause }) => ({ sampling: { fps: pause + 1 }, frame: { widthPx: 8, heightPx: 8, fit: 'stretch', format: 'gray8' } }),
      create: ({ pause }) => {
        made.push(pause);
        return { process: () => undefined, dispose: () => void disposed.push(pause) };
      },
    });
    const configured = (written: JsonObject): Promise<RegisteredAnalyzer> =>
      configureAnalyzer('here', 'a', definition, { ...analyzerPlacement.parse({}), config: written });
    const own = await configured({});
    const registry = new FakePluginRegistry({ analyzers: [own] });
    instances = new AnalyzerInstances(registry, folder, new SilentLogger(), new ReferenceSets(() => undefined), () => Promise.resolve());
  });
  afterEach(() => rm(folder, { recursive: true }));

  const task = (pause: number, more: Partial<AnalyzerTask> = {}): AnalyzerTask => ({
    ...{ runId: 'r', attempt: 1, analyzerId: 'a', analyzerVersion: '1.0.0', solves: [], config: { pause } },
    configHash: configHash('a', '1.0.0', { pause }),
    writtenConfig: { pause: `${pause}ms` },
    ...more,
  });
  const use = async (one: AnalyzerTask): Promise<void> => {
    const lease = instances.lease();
    try {
      await lease.get(one);
    } finally {
      await lease.end();
    }
  };

  it('are one for each config, whose input is its own', async () => {
    const lease = instances.lease();
    const [own, other, again] = [await lease.get(task(0)), await lease.get(task(4)), await lease.get(task(4))];
    expect([own, other].map(({ registered }) => registered.input)).toMatchObject([{ sampling: { fps: 1 } }, { sampling: { fps: 5 } }]);
    expect(again.analyzer).toBe(other.analyzer);
    expect(made).toEqual([0, 4]);
    await lease.end();
  });

  it('are not made for a hash that the config does not have, nor for a config that is none', async () => {
    await expect(use(task(1, { configHash: 'ffffffffffffffff' }))).rejects.toMatchObject({ code: 'VD_ANALYSIS_CONFIG_MISMATCH' });
    await expect(use(task(1, { writtenConfig: { pause: 'long' } }))).rejects.toMatchObject({ code: 'VD_PLUGIN_CONFIG_INVALID' });
    await expect(use(task(1, { writtenConfig: { pause: '1ms', more: 1 } }))).rejects.toMatchObject({ code: 'VD_PLUGIN_CONFIG_INVALID' });
    await expect(use(task(1, { writtenConfig: undefined }))).rejects.toMatchObject({ code: 'VD_ANALYSIS_CONFIG_MISMATCH' });
    expect(made).toEqual([]);
    // A failure is not kept.
    await use(task(1));
    expect(made).toEqual([1]);
  });

  it('go when too many are idle, the longest unused first; never the own one, nor one in use', async () => {
    await use(task(0));
    const lease = instances.lease();
    await lease.get(task(1));
    for (let pause = 2; pause <= 17; pause++) await use(task(pause));
    expect(disposed).toEqual([]);
    await use(task(2));
    await use(task(18));
    expect(disposed).toEqual([3]);
    await lease.end();
    expect(disposed).toEqual([3, 1]);
    await use(task(0));
    expect(made.filter((pause) => pause === 0)).toHaveLength(1);
    await instances.close();
    expect(disposed).toHaveLength(made.length);
  });
});
