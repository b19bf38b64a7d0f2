import { defineAnalyzer, definePlugin, z, type Analyzer } from '../../../src/core/plugin-api/index.js';

const behaviours: Readonly<Record<string, () => void | Promise<void>>> = {
  throws: () => {
    throw new Error('boom');
  },
  exits: () => process.exit(3),
  segfaults: () => void process.kill(process.pid, 'SIGSEGV'),
  'spins for ever': () => {
    for (;;);
  },
  'waits for ever': () => new Promise<void>(() => undefined),
  'rejects unheard': () => void Promise.reject(new Error('nobody listens')),
  'eats memory': async () => {
    const eaten: Buffer[] = [];
    while (process.uptime() > 0) {
      eaten.push(Buffer.alloc(32 * 1024 * 1024, eaten.length));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },
  'emits nonsense': () => undefined,
};

/** One analyzer per way in which a plugin can go wrong: `misbehaving.throws`, `misbehaving.exits` … */
export const misbehaving = definePlugin({
  id: 'misbehaving',
  version: '1.0.0',
  api: '^1.0.0',
  analyzers: Object.entries(behaviours).map(([name, behave]) =>
    defineAnalyzer({
      id: `misbehaving.${name}`,
      version: '1.0.0',
      title: name,
      queue: 'default',
      solves: [],
      config: z.strictObject({}),
      input: { sampling: { keyframes: true }, frame: { widthPx: 32, heightPx: 32, fit: 'stretch', format: 'gray8' } },
      create: (): Analyzer => ({
        process(frames, emit) {
          if (name === 'emits nonsense') emit({ type: 'metric', ptsUs: frames[0]?.ptsUs ?? 0, name: 'x', value: NaN, unit: '1' });
          return behave();
        },
      }),
    }),
  ),
});
