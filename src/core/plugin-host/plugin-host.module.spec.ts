import { SettingsInForce } from './settings-in-force.js';
import { StreamAssignments } from './stream-assignments.js';
import { Global, Inject, Injectable, Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { afterEach, describe, expect, it } from 'vitest';
import { ConfigModule } from '../config/config.module.js';
import { mergeDefaultPlugins } from '../config/default-plugins.js';
import { type PluginSettings, withPluginSettings } from '../config/plugin-settings.js';
import { vedetteConfigSchema, type VedetteConfigInput } from '../config/schema.js';
import { createLogger } from '../observability/logger.js';
import { ObservabilityModule } from '../observability/observability.module.js';

import {
  CodedError,
  defineAnalyzer,
  defineSource,
  defineStrategy,
  definePlugin,
  MODELS,
  z,
  type Analyzer,
  type AnalyzerDefinition,
  type Plugin,
  type PluginDefinition,
} from '../plugin-api/index.js';
import type { ContributionKind } from './plugin-module.js';
import { PluginHostModule } from './plugin-host.module.js';
import { PluginRegistry } from './plugin-registry.js';

const input = { sampling: { fps: 2 }, frame: { widthPx: 64, heightPx: 36, fit: 'letterbox', format: 'gray8' } } as const;
const analyzer = (more: Partial<AnalyzerDefinition> = {}): AnalyzerDefinition =>
  defineAnalyzer({
    id: 'acme.door',
    version: '1.0.0',
    title: 'Door',
    queue: 'default',
    solves: ['door'],
    config: z.object({ minScore: z.number().min(0).max(1).default(0.5), nested: z.object({ a: z.number().default(1) }).prefault({}) }),
    input,
    create: () => ({ process: () => undefined }),
    ...more,
  });
const plugin = (more: Partial<PluginDefinition> = {}): Plugin =>
  definePlugin({ id: 'acme', version: '1.0.0', api: '^1.0.0', analyzers: [analyzer()], ...more });
const local = definePlugin({
  id: 'strategy-local',
  version: '1.0.0',
  api: '^1.0.0',
  strategies: [
    defineStrategy({
      id: 'local',
      version: '1.0.0',
      title: 'Local',
      config: z.object({ hosts: z.number().default(2) }),
      create: (config) => ({
        supports: () => true,
        execute: () => Promise.reject(new Error('unused')),
        health: () => ({ status: 'up', detail: String(config.hosts) }),
      }),
    }),
  ],
});

let close: (() => Promise<void>) | undefined;
afterEach(async () => {
  await close?.();
  close = undefined;
});

interface Start {
  readonly acme?: unknown;
  readonly others?: Record<string, unknown>;
  readonly entries?: NonNullable<VedetteConfigInput['plugins']>;
  readonly instantiate?: readonly ContributionKind[];
  readonly modules?: readonly (new () => object)[];
  readonly timeoutMs?: number;
  /** What people set in the dashboard, by `use`. */
  readonly set?: Readonly<Record<string, PluginSettings>>;
}

async function start({
  acme = plugin(),
  others = {},
  entries = [{ use: 'vedette/acme' }],
  instantiate = ['analyzers', 'sources', 'strategies'],
  modules = [],
  timeoutMs = 2_000,
  set = {},
}: Start) {
  const available: Record<string, unknown> = { 'vedette/acme': acme, 'vedette/strategy-local': local, ...others };
  const builtins = Object.fromEntries(
    Object.entries(available).map(([use, one]) => [
      use,
      async () => (typeof one === 'function' ? ((await one()) as { default: Plugin }) : { default: one as Plugin }),
    ]),
  );
  const off = mergeDefaultPlugins([])
    .map(({ entry }) => entry as { use: string })
    .filter(({ use }) => use !== 'vedette/strategy-local')
    .map(({ use }) => ({ use, enabled: false }));
  const written = [...off, ...entries, { use: 'vedette/strategy-local' }];
  const loaded = withPluginSettings(
    {
      config: vedetteConfigSchema.parse({ plugins: written }),
      file: null,
      baseDir: process.cwd(),
      written: { from: 'file', place: 'vedette.config.yaml', entries: written },
    },
    '3',
    new Map(Object.entries(set)),
  );
  const lines: string[] = [];
  @Module({
    imports: [
      ConfigModule.forRoot(loaded),
      ObservabilityModule.forRole(
        createLogger({ role: 'test', level: 'info', format: 'json', destination: { write: (line) => lines.push(line) } }),
      ),
      ...modules,
      PluginHostModule.forRole({ builtins, instantiate, loadTimeoutMs: timeoutMs }),
    ],
  })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: false, abortOnError: false });
  close = () => app.close();
  return { app, lines, registry: app.get(PluginRegistry), assignments: app.get(StreamAssignments) };
}

async function refusal(options: Start): Promise<CodedError> {
  const error = await start(options).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  expect(error).toBeInstanceOf(CodedError);
  return error as CodedError;
}

describe(PluginHostModule.name, () => {
  it('registers what the plugins contribute, with parsed configs and their hash', async () => {
    const { registry } = await start({ entries: [{ use: 'vedette/acme', analyzers: { 'acme.door': { config: { minScore: 0.7 } } } }] });
    expect(registry.analyzers).toHaveLength(1);
    expect(registry.analyzers[0]).toMatchObject({ pluginId: 'acme', config: { minScore: 0.7, nested: { a: 1 } }, input });
    expect(registry.analyzers[0]?.configHash).toMatch(/^[0-9a-f]{16}$/);
    expect(registry.queues).toEqual(['logo_detection', 'visual_analysis', 'default']);
    expect(registry.plugins.filter(({ state }) => state === 'loaded').map(({ id }) => id)).toEqual(['acme', 'strategy-local']);
    expect((await registry.createStrategy('local')).health()).toEqual({ status: 'up', detail: '2' });
  });

  it('loads with what the dashboard sets, and tells with which revision of it', async () => {
    const set = { 'vedette/acme': { analyzers: { 'acme.door': { config: { minScore: 0.9 } } } } };
    const { app, registry } = await start({ set });
    expect(registry.analyzers[0]).toMatchObject({ config: { minScore: 0.9 } });
    expect(app.get(SettingsInForce).report()).toEqual({ settings: { revision: '3', faults: [] } });
  });

  it('starts without what the dashboard sets where it cannot start with it, and says why', async () => {
    const set = { 'vedette/acme': { analyzers: { 'acme.door': { config: { minScore: 7 } } } } };
    const { app, registry, lines } = await start({ set });
    expect(registry.analyzers[0]).toMatchObject({ config: { minScore: 0.5 } });
    expect(app.get(SettingsInForce).report()).toMatchObject({
      settings: { faults: [{ use: '*', message: expect.stringContaining('got 7') }] },
    });
    expect(lines.join('')).toContain('cannot be loaded with what the dashboard sets');
    expect((await refusal({ entries: [{ use: 'vedette/acme', ...set['vedette/acme'] }] })).code).toBe('VD_PLUGIN_CONFIG_INVALID');
  });

  it('gives the same hash for the same config however it is written, and another for another', async () => {
    const hash = async (config: Record<string, unknown>) => {
      const { registry } = await start({ entries: [{ use: 'vedette/acme', analyzers: { 'acme.door': { config } } }] });
      return registry.analyzers[0]?.configHash;
    };
    const first = await hash({});
    expect(await hash({ nested: { a: 1 }, minScore: 0.5 })).toBe(first);
    expect(await hash({ minScore: 0.6 })).not.toBe(first);
  });

  it("injects from the plugin's own module and from core's global providers", async () => {
    const events: string[] = [];
    @Injectable()
    class Doors implements OnModuleInit, OnModuleDestroy {
      constructor(@Inject(MODELS) readonly models: unknown) {}
      onModuleInit(): void {
        events.push('init');
      }
      onModuleDestroy(): void {
        events.push('destroy');
      }
    }
    @Global()
    @Module({ providers: [{ provide: MODELS, useValue: 'the models' }], exports: [MODELS] })
    class ModelsModule {}
    let injected: unknown[] = [];
    const create = (...args: unknown[]): Analyzer => {
      injected = args;
      return { process: () => undefined };
    };
    const acme = plugin({ providers: [Doors], analyzers: [analyzer({ inject: [Doors, MODELS], create })] });
    const { registry, app } = await start({ acme, modules: [ModelsModule] });
    await registry.createAnalyzer('acme.door');
    expect(injected[0]).toEqual({ minScore: 0.5, nested: { a: 1 } });
    expect((injected[1] as Doors).models).toBe('the models');
    expect(injected[2]).toBe('the models');
    close = undefined;
    await app.close();
    expect(events).toEqual(['init', 'destroy']);
  });

  it('resolves nothing for kinds the role does not run', async () => {
    const acme = plugin({ analyzers: [analyzer({ inject: ['nobody provides this'] })] });
    const { registry } = await start({ acme, instantiate: ['sources'] });
    expect(registry.analyzers).toHaveLength(1);
    await expect(registry.createAnalyzer('acme.door')).rejects.toMatchObject({ code: 'VD_PLUGIN_NOT_INSTANTIATED' });
    await expect(registry.createAnalyzer('acme.window')).rejects.toMatchObject({ code: 'VD_PLUGIN_UNKNOWN_CONTRIBUTION' });
  });

  it('logs why an optional plugin is left out, with the stack of what it threw', async () => {
    const lockDoor = (): never => {
      throw new TypeError('no key for this door');
    };
    const acme = plugin({ providers: [{ provide: 'x', useFactory: lockDoor }] });
    const { lines } = await start({ acme, entries: [{ use: 'vedette/acme', optional: true }] });
    const line = lines
      .map((text) => JSON.parse(text) as { error?: { cause?: { name: string; stack: string } } })
      .find(({ error }) => error);
    expect(line?.error?.cause).toMatchObject({ name: 'TypeError', stack: expect.stringContaining('lockDoor') as string });
  });

  it('routes streams by the patterns of each enabled analyzer', async () => {
    const acme = plugin({ analyzers: [analyzer(), analyzer({ id: 'acme.gate', queue: 'gates' }), analyzer({ id: 'acme.off' })] });
    const entries = [{ use: 'vedette/acme', analyzers: { 'acme.gate': { streams: ['yard-?', 'roof'] }, 'acme.off': { enabled: false } } }];
    const { assignments, registry } = await start({ acme, entries });
    const ids = (name: string) => assignments.analyzersFor({ id: 'x', name }).map(({ analyzerId, queue }) => `${analyzerId}@${queue}`);
    expect(ids('yard-1')).toEqual(['acme.door@default', 'acme.gate@gates']);
    expect(ids('yard-12')).toEqual(['acme.door@default']);
    expect(registry.queues).toContain('gates');
  });

  it('leaves out a disabled plugin', async () => {
    const { registry } = await start({
      acme: () => Promise.reject(new Error('must not be loaded')),
      entries: [{ use: 'vedette/acme', enabled: false }],
    });
    expect(registry.plugins.find(({ use }) => use === 'vedette/acme')?.state).toBe('disabled');
    expect(registry.analyzers).toEqual([]);
  });

  it.each([
    ['throws while it is imported', () => Promise.reject(new Error('no such camera')), 'VD_PLUGIN_LOAD_FAILED'],
    ['hangs while it is imported', () => new Promise(() => undefined), 'VD_PLUGIN_LOAD_TIMEOUT'],
    [
      'hangs in a provider',
      plugin({ providers: [{ provide: 'x', useFactory: () => new Promise(() => undefined) }] }),
      'VD_PLUGIN_LOAD_TIMEOUT',
    ],
    [
      'throws in a provider',
      plugin({
        providers: [
          {
            provide: 'x',
            useFactory: () => {
              throw new Error('no database');
            },
          },
        ],
      }),
      'VD_PLUGIN_LOAD_FAILED',
    ],
    ['asks for what nobody provides', plugin({ analyzers: [analyzer({ inject: ['nobody'] })] }), 'VD_PLUGIN_LOAD_FAILED'],
    ['has no default export', () => Promise.resolve({}), 'VD_PLUGIN_INVALID'],
    ['is not made by definePlugin', { id: 'acme', version: '1.0.0', api: '^1.0.0' }, 'VD_PLUGIN_INVALID'],
    ['has an id that is no id', plugin({ id: 'Acme Door' }), 'VD_PLUGIN_INVALID'],
    ['has an analyzer outside its id', plugin({ analyzers: [analyzer({ id: 'other.door' })] }), 'VD_PLUGIN_INVALID'],
    ['has an analyzer without create', plugin({ analyzers: [{ ...analyzer(), create: undefined as never }] }), 'VD_PLUGIN_INVALID'],
    [
      'asks for a frame of no size',
      plugin({ analyzers: [analyzer({ input: { ...input, frame: { ...input.frame, widthPx: 0 } } })] }),
      'VD_PLUGIN_INVALID',
    ],
    ['looks at no stream by itself', plugin({ analyzers: [analyzer({ streams: [] })] }), 'VD_PLUGIN_INVALID'],
    ['computes an input that is none', plugin({ analyzers: [analyzer({ input: () => ({}) as never })] }), 'VD_PLUGIN_INVALID'],
    [
      'has a config JSON cannot carry',
      plugin({ analyzers: [analyzer({ config: z.object({}).transform(() => ({ when: new Date() })) })] }),
      'VD_PLUGIN_INVALID',
    ],
    ['is for another API', plugin({ api: '^2.0.0' }), 'VD_PLUGIN_API_MISMATCH'],
    ['has an API range that is none', plugin({ api: 'newest' }), 'VD_PLUGIN_INVALID'],
    ['names a queue with a dash', plugin({ analyzers: [analyzer({ queue: 'my-queue' })] }), 'VD_PLUGIN_QUEUE_INVALID'],
    ['names a reserved queue', plugin({ analyzers: [analyzer({ queue: 'vedette_internal' })] }), 'VD_PLUGIN_QUEUE_INVALID'],
    ['has one id twice', plugin({ analyzers: [analyzer(), analyzer()] }), 'VD_PLUGIN_DUPLICATE_ID'],
    [
      'has a schema that throws',
      plugin({
        analyzers: [
          analyzer({
            config: z.object({}).transform(() => {
              throw new Error('boom');
            }),
          }),
        ],
      }),
      'VD_PLUGIN_CONFIG_INVALID',
    ],
  ])('refuses a plugin that %s, and goes on without it where it is optional', async (_, acme, code) => {
    const timeoutMs = code === 'VD_PLUGIN_LOAD_TIMEOUT' ? 50 : 2_000;
    const error = await refusal({ acme, timeoutMs });
    expect(error.code).toBe(code);
    expect(error.message).toContain('vedette/acme');
    expect(error.fix).toBeTruthy();

    const { registry, lines } = await start({ acme, timeoutMs, entries: [{ use: 'vedette/acme', optional: true }] });
    expect(registry.plugins.find(({ use }) => use === 'vedette/acme')).toMatchObject({ state: 'failed', error: { code } });
    expect(registry.analyzers).toEqual([]);
    expect(registry.strategies).toHaveLength(1);
    expect(lines.join('')).toContain(code);
    await expect(registry.createAnalyzer('acme.door')).rejects.toThrow(`vedette/acme failed here: ${code}`);
  });

  it.each([
    ['an unknown analyzer', { analyzers: { 'acme.dor': {} } }, 'VD_PLUGIN_UNKNOWN_CONTRIBUTION', 'has acme.door'],
    ['an unknown source', { sources: { rtmp: {} } }, 'VD_PLUGIN_UNKNOWN_CONTRIBUTION', 'has no sources'],
    [
      'an unknown option',
      { analyzers: { 'acme.door': { config: { minscore: 1 } } } },
      'VD_PLUGIN_CONFIG_INVALID',
      'minscore is not an option; did you mean minScore?',
    ],
    [
      'an unknown nested option',
      { analyzers: { 'acme.door': { config: { nested: { b: 1 } } } } },
      'VD_PLUGIN_CONFIG_INVALID',
      'nested.b is not an option',
    ],
    [
      'a wrong option',
      { analyzers: { 'acme.door': { config: { minScore: 2 } } } },
      'VD_PLUGIN_CONFIG_INVALID',
      'minScore: expected at most 1, got 2',
    ],
    [
      'an unknown strategy',
      { analyzers: { 'acme.door': { execution: { prefer: ['moon'] } } } },
      'VD_PLUGIN_STRATEGY_UNKNOWN',
      'prefers "moon"; loaded are local',
    ],
  ])('refuses a config with %s', async (_, entry, code, message) => {
    const error = await refusal({ entries: [{ use: 'vedette/acme', ...entry }] });
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  const answers = { supports: () => true, execute: () => Promise.reject(new Error('unused')), health: () => ({ status: 'up' as const }) };
  const cloud = plugin({
    id: 'cloud',
    analyzers: [],
    strategies: [
      defineStrategy({
        id: 'cloud',
        version: '1.0.0',
        title: 'Cloud',
        reach: 'cloud',
        state: 'none',
        solves: ['door', 'logo'],
        config: z.object({}),
        create: () => answers,
      }),
      defineStrategy({ id: 'lan', version: '1.0.0', title: 'LAN', reach: 'lan', config: z.object({}), create: () => answers }),
    ],
  });
  it.each([
    [
      'a stateful analyzer on a strategy without state',
      { prefer: ['local', 'cloud'] },
      { state: 'stream' as const },
      'acme.door prefers cloud: the analyzer keeps state',
    ],
    [
      'a stateful analyzer in the shadow of one',
      { shadow: { strategy: 'cloud' } },
      { state: 'stream' as const },
      'acme.door shadow: cloud: the analyzer keeps state',
    ],
    [
      'a task that the strategy does not do',
      { prefer: ['cloud'] },
      { solves: ['smell'] },
      'it does door, logo, and the analyzer solves smell',
    ],
    [
      'a strategy that carries media too far',
      { prefer: ['cloud'], reach: 'lan' as const },
      {},
      'execution.reach is lan, and this strategy carries media to the cloud',
    ],
    ['a strategy that leaves the worker', { prefer: ['lan'], reach: 'worker' as const }, {}, 'carries media to other machines'],
    ['a strategy twice', { prefer: ['local', 'local'] }, {}, 'prefers local twice'],
    ['a shadow of itself', { shadow: { strategy: 'local' } }, {}, 'there is nothing to compare'],
  ])('refuses a config with %s', async (_, execution, more, message) => {
    const error = await refusal({
      acme: plugin({ analyzers: [analyzer(more)] }),
      others: { 'vedette/cloud': cloud },
      entries: [{ use: 'vedette/acme', analyzers: { 'acme.door': { execution } } }, { use: 'vedette/cloud' }],
    });
    expect(error.code).toBe('VD_PLUGIN_STRATEGY_UNFIT');
    expect(error.message).toContain(message);
  });

  it('leaves an analyzer without code of its own off until it is placed, and refuses it on strategies that run analyzers', async () => {
    const acme = plugin({ analyzers: [analyzer({ needsStandIn: true })] });
    const entries = (analyzers: Record<string, object>) => [{ use: 'vedette/acme', analyzers }, { use: 'vedette/cloud' }];
    const others = { 'vedette/cloud': cloud };
    expect((await start({ acme, others, entries: entries({}) })).registry.analyzers).toEqual([]);
    await close?.();
    const error = await refusal({ acme, others, entries: entries({ 'acme.door': {} }) });
    expect([error.code, error.message]).toEqual([
      'VD_PLUGIN_STRATEGY_UNFIT',
      expect.stringContaining('acme.door prefers local: the analyzer has no code of its own'),
    ]);
    expect(
      (await start({ acme, others, entries: entries({ 'acme.door': { execution: { prefer: ['cloud'] } } }) })).registry.analyzers,
    ).toHaveLength(1);
  });

  it('takes a config whose strategies fit, and refuses a gate before one that runs no analyzers', async () => {
    const entries = (placement: object) => [
      { use: 'vedette/acme', analyzers: { 'acme.door': placement } },
      { use: 'vedette/cloud' },
      { use: 'vedette/light' },
    ];
    const light = plugin({ id: 'light', analyzers: [analyzer({ id: 'light', gate: 'light' })] });
    const others = { 'vedette/cloud': cloud, 'vedette/light': light };
    const execution = { prefer: ['lan', 'local'], deadline: '4s', budget: { perDay: 2 }, shadow: { strategy: 'cloud', share: 0.5 } };
    const { registry } = await start({ others, entries: entries({ execution }) });
    expect(registry.analyzers[0]?.placement.execution).toEqual({ ...execution, deadline: 4_000, reach: 'cloud' });
    await close?.();
    const short = await start({ others, entries: entries({ execution: { shadow: 'cloud' } }) });
    expect(short.registry.analyzers[0]?.placement.execution.shadow).toEqual({ strategy: 'cloud', share: 0.1 });
    expect((await refusal({ others, entries: entries({ execution: { prefer: ['local', 'cloud'] }, when: 'light' }) })).message).toContain(
      'gates are judged where analyzers run',
    );
  });

  it.each([
    [
      'a gate that there is not',
      { when: 'motion' },
      {},
      'VD_PLUGIN_GATE_UNKNOWN',
      'acme.door: when: there is no gate "motion"; gates are light',
    ],
    [
      'a gate for sound alone',
      { when: 'light' },
      { input: { audio: { channels: 'mono' } } as const },
      'VD_PLUGIN_GATE_UNKNOWN',
      'it asks for sound alone',
    ],
    ['two gates of one name', {}, { gate: 'light' }, 'VD_PLUGIN_DUPLICATE_ID', 'are both the gate light'],
  ])('refuses a config with %s', async (_, placement, more, code, message) => {
    const light = plugin({ id: 'light', analyzers: [analyzer({ id: 'light', gate: 'light' })] });
    const error = await refusal({
      acme: plugin({ analyzers: [analyzer(more)] }),
      others: { 'vedette/light': light },
      entries: [{ use: 'vedette/acme', analyzers: { 'acme.door': placement } }, { use: 'vedette/light' }],
    });
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('takes a gate of a plugin that is listed later, and none of a plugin that is switched off', async () => {
    const light = plugin({ id: 'light', analyzers: [analyzer({ id: 'light', gate: 'light' })] });
    const entries = (enabled: boolean) => [
      { use: 'vedette/acme', analyzers: { 'acme.door': { when: 'light' } } },
      { use: 'vedette/light', enabled },
    ];
    const { registry } = await start({ others: { 'vedette/light': light }, entries: entries(true) });
    expect(registry.analyzers.map(({ definition, placement }) => [definition.id, placement.when])).toEqual([
      ['acme.door', 'light'],
      ['light', undefined],
    ]);
    expect((await refusal({ others: { 'vedette/light': light }, entries: entries(false) })).message).toContain(
      'no enabled analyzer is a gate',
    );
  });

  it('refuses options for a source that is configured per stream, and parses those of a listener', async () => {
    const source = (kind: 'listener' | 'stream') =>
      defineSource({
        id: 'cam',
        version: '1.0.0',
        title: 'Cam',
        kind,
        config: z.object({ port: z.number().default(1) }),
        create: () => ({ open: () => Promise.reject(new Error('unused')) }),
      });
    const entries = [{ use: 'vedette/acme', sources: { cam: { port: 5 } } }];
    expect((await refusal({ acme: plugin({ sources: [source('stream')] }), entries })).code).toBe('VD_PLUGIN_CONFIG_INVALID');
    const { registry } = await start({ acme: plugin({ sources: [source('listener')] }), entries });
    expect(registry.sources[0]?.config).toEqual({ port: 5 });
    expect(await registry.createSource('cam')).toHaveProperty('open');
  });

  it.each([
    ['the same plugin', plugin(), 'are both plugin acme'],
    ['the same analyzer', plugin({ id: 'acme.door', analyzers: [analyzer()] }), 'both bring analyzers acme.door'],
  ])('refuses two entries that bring %s', async (_, other, message) => {
    const error = await refusal({ others: { 'vedette/other': other }, entries: [{ use: 'vedette/acme' }, { use: 'vedette/other' }] });
    expect(error.code).toBe('VD_PLUGIN_DUPLICATE_ID');
    expect(error.message).toContain(message);
  });

  it.each(['vedette/nothing', './nothing.js', './package.json'])('says that %s cannot be found', async (use) => {
    expect((await refusal({ entries: [{ use }] })).code).toBe('VD_PLUGIN_NOT_FOUND');
  });
});
