import { z } from 'zod';
import { FakePluginRegistry } from './fakes/fake-plugin-registry.js';

const notHere = (): never => {
  throw new Error('The API makes no instances of plugins');
};

/** What the API's analyzer says of itself, for a test to change. */
export interface SaidOfAnalyzer {
  /** What it reports; undefined: anything. */
  labels: readonly string[] | undefined;
}

/** One plugin of each kind as the API sees them: manifests only. */
export function apiPlugins(said: SaidOfAnalyzer = { labels: undefined }): FakePluginRegistry {
  return new FakePluginRegistry({
    plugins: [
      { use: 'vedette/test', id: 'vedette.test', version: '1.0.0', state: 'loaded' },
      {
        use: './broken.js',
        id: 'broken',
        version: '0.0.0',
        state: 'failed',
        error: { code: 'VD_PLUGIN_X', message: 'It does not load', fix: 'Mend it' },
      },
    ],
    analyzers: [
      {
        pluginId: 'vedette.test',
        definition: {
          id: 'vedette.test.look',
          version: '1.0.0',
          title: 'Look',
          queue: 'default',
          solves: ['look'],
          references: 'logo',
          config: z.object({ minScore: z.number().min(0).max(1).optional() }),
          input: { sampling: { keyframes: true }, frame: { widthPx: 64, heightPx: 64, fit: 'letterbox', format: 'rgb24' } },
          labels: () => Promise.resolve(said.labels),
          create: notHere,
        },
        placement: { enabled: true, config: {}, streams: ['*'], execution: { prefer: ['local'], reach: 'cloud' } },
        config: {},
        configHash: '0123456789abcdef',
        input: { sampling: { keyframes: true }, frame: { widthPx: 64, heightPx: 64, fit: 'letterbox', format: 'rgb24' } },
      },
    ],
    sources: [
      {
        pluginId: 'vedette.test',
        definition: {
          id: 'rtmp',
          version: '1.0.0',
          title: 'RTMP',
          kind: 'listener',
          config: z.object({}),
          publishUrl: ({ port }: { port: number }, hostName) => `rtmp://${hostName}:${port}/live`,
          create: notHere,
        },
        config: { host: '0.0.0.0', port: 1935 },
      },
      {
        pluginId: 'vedette.test',
        definition: {
          id: 'webcam',
          version: '1.0.0',
          title: 'Webcam',
          kind: 'stream',
          config: z.strictObject({
            device: z.string().min(1),
            fps: z.number().int().max(60).default(30),
            password: z.string().min(4).meta({ secret: true }).optional(),
          }),
          create: notHere,
        },
        config: undefined,
      },
      {
        pluginId: 'vedette.test',
        definition: {
          id: 'file',
          version: '1.0.0',
          title: 'Files',
          kind: 'stream',
          pace: 'file',
          config: z.strictObject({}),
          create: notHere,
        },
        config: undefined,
      },
    ],
    strategies: [
      {
        pluginId: 'vedette.test',
        definition: { id: 'local', version: '1.0.0', title: 'On this worker', config: z.object({}), create: notHere },
        config: {},
      },
    ],
  });
}
