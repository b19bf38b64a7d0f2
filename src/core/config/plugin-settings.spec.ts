import { describe, expect, it } from 'vitest';
import type { LoadedConfig } from './load-config.js';
import { layered, lockedPaths, pluginSettings, withPluginSettings, type PluginSettings } from './plugin-settings.js';
import { mergeDefaultPlugins } from './default-plugins.js';
import { vedetteConfigSchema } from './schema.js';

function loadedWith(entries: readonly object[]): LoadedConfig {
  const plugins = mergeDefaultPlugins(entries).map(({ entry }) => entry);
  return {
    config: vedetteConfigSchema.parse({ plugins }),
    file: '/etc/vedette.config.yaml',
    baseDir: '/etc',
    written: { from: 'file', place: '/etc/vedette.config.yaml', entries },
  };
}
const settings = (of: Record<string, PluginSettings>): Map<string, PluginSettings> => new Map(Object.entries(of));

describe(withPluginSettings.name, () => {
  it('puts settings above the defaults and below what is written, key by key', () => {
    const loaded = loadedWith([
      { use: 'vedette/object-detection', analyzers: { 'object-detection.watch': { config: { minScore: 0.7 } } } },
    ]);
    const { config, settings: taken } = withPluginSettings(
      loaded,
      '7',
      settings({
        'vedette/object-detection': {
          analyzers: { 'object-detection.watch': { streams: ['door'], config: { minScore: 0.2, fps: 3 } } },
        },
      }),
    );
    const entry = config.plugins.find(({ use }) => use === 'vedette/object-detection')!;
    expect(entry.analyzers['object-detection.watch']).toMatchObject({
      enabled: true,
      streams: ['door'],
      config: { minScore: 0.7, fps: 3 },
    });
    expect(taken).toMatchObject({ revision: '7', faults: [], entriesWithout: loaded.config.plugins });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('adds plugins that ship with Vedette and are switched on, and no others', () => {
    const { config } = withPluginSettings(
      loadedWith([]),
      '1',
      settings({
        'vedette/motion': { enabled: true },
        'vedette/text-detection': { analyzers: {} },
        './from-elsewhere.js': { enabled: true },
      }),
    );
    expect(config.plugins.map(({ use }) => use)).toContain('vedette/motion');
    expect(config.plugins.map(({ use }) => use)).not.toContain('./from-elsewhere.js');
    expect(config.plugins.map(({ use }) => use)).not.toContain('vedette/text-detection');
  });

  it('leaves out settings that make no entry any more, and says so', () => {
    const bad = { analyzers: { a: { streams: 'door' } } } as unknown as PluginSettings;
    const loaded = loadedWith([]);
    const { config, settings: taken } = withPluginSettings(loaded, '2', settings({ 'vedette/rtmp': bad }));
    expect(config.plugins).toEqual(loaded.config.plugins);
    expect(taken.faults).toMatchObject([{ use: 'vedette/rtmp', message: expect.stringContaining('analyzers.a.streams') }]);
  });
});

describe(lockedPaths.name, () => {
  it('names what both set, and nothing that only one of them does', () => {
    const set: PluginSettings = { enabled: true, analyzers: { 'a.b': { enabled: false, config: { fps: 2, size: 1 } } } };
    expect(lockedPaths(set, { use: 'x', analyzers: { 'a.b': { config: { fps: 5 } } } })).toEqual(['analyzers["a.b"].config.fps']);
    expect(lockedPaths(set, { use: 'x', enabled: false })).toEqual(['enabled']);
    expect(lockedPaths(set, undefined)).toEqual([]);
  });
});

describe(layered.name, () => {
  it('takes lists whole', () => {
    expect(layered({ a: [1, 2], b: 1 }, { a: [3] })).toEqual({ a: [3], b: 1 });
  });
});

describe('pluginSettings', () => {
  it('refuses what is no key of an entry, what names code, and what is too much', () => {
    expect(pluginSettings.safeParse({ use: './evil.js' }).success).toBe(false);
    expect(pluginSettings.safeParse({ analyzers: { a: { execution: { reach: 'cloud' } } } }).success).toBe(false);
    expect(pluginSettings.safeParse({ sources: { a: { text: 'x'.repeat(70_000) } } }).success).toBe(false);
    expect(pluginSettings.safeParse({ sources: { a: { text: 'a\0b' } } }).success).toBe(false);
  });
});
