import { describe, expect, it } from 'vitest';
import { defineSource, z, type RunningSource, type SourceAdapter, type SourceContext } from '../plugin-api/index.js';
import { describeSourceContract, type SourceContractOptions } from './source-contract.js';

const SECRET = 'hunter2-hunter2';
const opening = {
  startedAtMs: 1,
  input: { kind: 'ffmpeg', format: 'x', url: 'x', protocols: [], video: 'copy', audio: 'none' },
} as const;

/** Does as it should. */
class Camera implements SourceAdapter<{ url: string }> {
  async open({ url }: { url: string }, context: SourceContext | undefined, signal: AbortSignal): Promise<RunningSource> {
    if (context === undefined) throw new TypeError('for a stream');
    context.report('starting', `opens ${new URL(url).host}`);
    const epoch = await context.openEpoch(opening);
    if (signal.aborted) await epoch.end('aborted');
    return { stop: (reason) => epoch.end(reason), done: epoch.done };
  }
}

const camera = (create: () => SourceAdapter, config: z.ZodType = z.strictObject({ url: z.url() })) =>
  defineSource({ id: 'test.camera', version: '1.0.0', title: 'Camera', kind: 'stream', config, create });

const options: SourceContractOptions = {
  config: () => ({ url: 'rtsp://camera' }),
  refused: [{}],
  credentials: { config: () => ({ url: `rtsp://me:${SECRET}@camera` }), secrets: [SECRET] },
};

/** Runs the suite by itself. @returns the tests that fail */
async function failures(definition: ReturnType<typeof camera>): Promise<string[]> {
  const tests: [string, () => Promise<void> | void][] = [];
  describeSourceContract({ describe: (_, body) => body(), it: (name, body) => tests.push([name, body]) }, definition, options);
  const failed = tests.map(([name, body]) =>
    Promise.resolve()
      .then(body)
      .then(
        () => [],
        () => [name],
      ),
  );
  return (await Promise.all(failed)).flat();
}

const HANGS = 'ends, or opens another epoch, when its packager fails';
const SILENT = 'stops within five seconds, as often as it is told to, settles, and is silent from then on';

describe.concurrent(describeSourceContract.name, () => {
  it('is content with a source that does as it should', async () => {
    expect(await failures(camera(() => new Camera()))).toEqual([]);
  });

  it.each<[string, string, () => SourceAdapter]>([
    [
      'forgets what it was given when it is called off',
      'ends an epoch that it is given after it was called off',
      () => ({
        async open(config, context, signal) {
          const running = await new Camera().open(config, context, new AbortController().signal);
          signal.throwIfAborted();
          return running;
        },
      }),
    ],
    [
      'goes on talking',
      SILENT,
      () => ({
        async open(config, context, signal) {
          const running = await new Camera().open(config, context, signal);
          return { ...running, stop: async (reason) => (await running.stop(reason), void setTimeout(() => context!.report('live'), 10)) };
        },
      }),
    ],
    [
      'takes a packager that failed for one that works',
      HANGS,
      () => ({
        async open(config, context, signal) {
          const running = await new Camera().open(config, context, signal);
          const done = Promise.withResolvers<{ reason: string }>();
          return { stop: async (reason) => (await running.stop(reason), done.resolve({ reason })), done: done.promise };
        },
      }),
    ],
    [
      'shows its password in its state',
      'tells nobody its credentials',
      () => ({
        async open(config, context, signal) {
          context!.report('retrying', `cannot open ${config.url}`);
          return new Camera().open(config, context, signal);
        },
      }),
    ],
    [
      'writes its password into the log',
      'tells nobody its credentials',
      () => ({
        async open(config, context, signal) {
          context!.logger.info('Opens', { at: { url: config.url } });
          return new Camera().open(config, context, signal);
        },
      }),
    ],
    [
      'fails with its password in the cause',
      'tells nobody its credentials',
      () => ({
        async probe(config) {
          if (String(config.url).includes('me:')) throw new Error('no answer', { cause: new Error(`GET ${config.url}`) });
        },
        open: (config, context, signal) => new Camera().open(config, context, signal),
      }),
    ],
  ])('finds a source that %s', async (_what, test, create) => {
    expect(await failures(camera(create))).toContain(test);
  });

  it('finds a config that takes everything', async () => {
    expect(await failures(camera(() => new Camera(), z.looseObject({ url: z.url() })))).toEqual(['refuses config it does not understand']);
  });
});
