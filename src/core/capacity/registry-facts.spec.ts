import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { apiPlugins } from '../../../test/support/api-plugins.js';
import { FakePluginRegistry } from '../../../test/support/fakes/fake-plugin-registry.js';
import { aCost, anAnalyzer, aStream } from '../../../test/support/capacity-facts.js';
import { vedetteConfigSchema } from '../config/schema.js';
import { durationMs, type AnalyzerDefinition, type JsonValue } from '../plugin-api/index.js';
import { analyzerFacts, unloadedAnalyzer } from './registry-facts.js';

const frame = { widthPx: 320, heightPx: 180, fit: 'inside', format: 'rgb24' } as const;

function factsOf(
  config: JsonValue,
  definition: Partial<AnalyzerDefinition>,
  written: Record<string, unknown> = config as Record<string, JsonValue>,
) {
  const { plugins, analyzers, strategies } = apiPlugins();
  const [known] = analyzers;
  const whole = { ...known!.definition, ...definition };
  const input = typeof whole.input === 'function' ? whole.input(config) : whole.input;
  const [facts] = analyzerFacts(
    new FakePluginRegistry({
      plugins,
      strategies,
      analyzers: [{ ...known!, definition: whole, placement: { ...known!.placement, config: written }, config, input }],
    }),
  );
  return facts!;
}

describe('analyzerFacts', () => {
  it('says what the manifest and the placement say', () => {
    expect(factsOf({}, {})).toMatchObject({
      id: 'vedette.test.look',
      use: 'vedette/test',
      queue: 'default',
      configHash: '0123456789abcdef',
      sampling: { keyframes: true },
      picture: { pixels: 4096, isFixedSize: true },
      cheaperSampling: [],
      when: null,
      isGate: false,
      prefer: ['local'],
    });
  });

  it('proposes only what the analyzer itself takes: half the frames, thrice, down to its least, then keyframes', () => {
    const config = z.object({ fps: z.number().min(1).default(5), keyframesOnly: z.boolean().default(false) });
    const input = ({ fps, keyframesOnly }: z.output<typeof config>) => ({
      sampling: keyframesOnly ? { keyframes: true as const } : { fps },
      frame,
    });
    expect(factsOf({ fps: 5, keyframesOnly: false }, { config, input }).cheaperSampling).toEqual([
      { config: { fps: 2.5 }, sampling: { fps: 2.5 } },
      { config: { fps: 1.25 }, sampling: { fps: 1.25 } },
      { config: { keyframesOnly: true }, sampling: { keyframes: true } },
    ]);
    expect(factsOf({ fps: 5, keyframesOnly: true }, { config, input }).cheaperSampling).toEqual([]);
  });

  it('puts the option beside what was written, not beside what the schema made of it', () => {
    const config = z.strictObject({ fps: z.number().default(5), quiet: durationMs.prefault('10s') });
    const input = ({ fps }: z.output<typeof config>) => ({ sampling: { fps }, frame });
    expect(factsOf({ fps: 5, quiet: 10_000 }, { config, input }, { quiet: '10s' }).cheaperSampling).toHaveLength(3);
  });

  it('proposes nothing where the option does something else, or the schema cannot be asked', () => {
    const config = z.object({ fps: z.number() });
    expect(factsOf({ fps: 5 }, { config, input: { sampling: { fps: 5 }, frame } }).cheaperSampling).toEqual([]);
    expect(
      factsOf({ fps: 5 }, { config: config.refine(() => Promise.resolve(true)), input: ({ fps }) => ({ sampling: { fps }, frame }) })
        .cheaperSampling,
    ).toEqual([]);
  });
});

describe('unloadedAnalyzer', () => {
  const config = vedetteConfigSchema.parse({
    plugins: [{ use: './door.ts', analyzers: { 'acme.door': { enabled: false, when: 'motion' } } }],
  });
  it('knows what the config names or the ledger has runs of, and nothing else', () => {
    expect(unloadedAnalyzer('acme.door', config, [])).toMatchObject({
      id: 'acme.door',
      use: './door.ts',
      queue: 'default',
      when: 'motion',
    });
    expect(
      unloadedAnalyzer('acme.gone', config, [aCost(aStream('a'), anAnalyzer('acme.gone', { queue: 'logo_detection' }), 1)]),
    ).toMatchObject({ queue: 'logo_detection' });
    expect(unloadedAnalyzer('acme.typo', config, [])).toBeNull();
    expect(unloadedAnalyzer('constructor', config, [])).toBeNull();
  });
});
