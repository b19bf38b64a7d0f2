import type { LoadedConfig } from '../../src/core/config/load-config.js';
import { vedetteConfigSchema, type VedetteConfig } from '../../src/core/config/schema.js';
import { defineAnalyzer, definePlugin, defineSource, defineStrategy, z, type Plugin } from '../../src/core/plugin-api/index.js';
import { PluginCatalogue } from '../../src/core/plugin-host/plugin-catalogue.js';
import { PluginGuard } from '../../src/core/plugin-host/plugin-guard.js';
import { PluginSource } from '../../src/core/plugin-host/plugin-source.js';

const notHere = (): never => {
  throw new Error('The API makes no instances of plugins');
};
const INPUT = { sampling: { keyframes: true }, frame: { widthPx: 64, heightPx: 64, fit: 'letterbox', format: 'rgb24' } } as const;

/** The plugin of the test's registry as a module has it, and one that ships with Vedette and runs only where somebody says so. */
const PLUGINS: Readonly<Record<string, Plugin>> = {
  'vedette/test': definePlugin({
    id: 'vedette.test',
    version: '1.0.0',
    api: '^1.0.0',
    analyzers: [
      defineAnalyzer({
        id: 'vedette.test.look',
        version: '1.0.0',
        title: 'Look',
        queue: 'default',
        solves: ['look'],
        config: z.object({
          minScore: z.number().min(0).max(1).default(0.5).describe('Least score that counts'),
          labels: z.array(z.string()).default(['cat']),
          token: z.string().meta({ secret: true }).optional(),
        }),
        input: INPUT,
        create: notHere,
      }),
    ],
    sources: [
      defineSource({
        id: 'rtmp',
        version: '1.0.0',
        title: 'RTMP',
        kind: 'listener',
        config: z.object({ port: z.number().int().min(0).max(65_535).default(1935) }),
        create: notHere,
      }),
    ],
    strategies: [defineStrategy({ id: 'local', version: '1.0.0', title: 'On this worker', config: z.object({}), create: notHere })],
  }),
  'vedette/spare': definePlugin({
    id: 'spare',
    version: '2.1.0',
    api: '^1.0.0',
    analyzers: [
      defineAnalyzer({
        id: 'spare.count',
        version: '2.1.0',
        title: 'Count',
        queue: 'default',
        solves: ['count'],
        config: z.object({ fps: z.number().positive().max(30).default(2) }),
        input: INPUT,
        create: notHere,
      }),
    ],
  }),
};

/** What the operator wrote in the config file of the test. */
const WRITTEN = [{ use: 'vedette/test', sources: { rtmp: { port: 1936 } } }];

export function apiCatalogue(config: VedetteConfig): PluginCatalogue {
  const loaded: LoadedConfig = {
    config: { ...config, plugins: vedetteConfigSchema.shape.plugins.parse(WRITTEN) },
    file: '/etc/vedette.config.yaml',
    baseDir: '/etc',
    written: { from: 'file', place: '/etc/vedette.config.yaml', entries: WRITTEN },
  };
  const builtins = Object.fromEntries(Object.entries(PLUGINS).map(([use, plugin]) => [use, () => Promise.resolve({ default: plugin })]));
  return new PluginCatalogue(loaded, Object.keys(builtins), new PluginSource({ builtins, baseDir: '/etc' }), new PluginGuard());
}
