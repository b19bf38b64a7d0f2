import { describe, expect, it } from 'vitest';
import type { PluginDetailWire } from '../../api/models';
import { draftChanges, draftOf, settingsOf, type SettingsDraft } from './settings-draft';

const SCHEMA = {
  type: 'object',
  properties: {
    minScore: { type: 'number', default: 0.5 },
    names: { type: 'array', items: { type: 'string' } },
    black: {
      type: 'object',
      default: {},
      properties: { share: { type: 'number', default: 0.9 }, level: { type: 'number', default: 0.1 } },
    },
    port: { type: 'integer', default: 1 },
    size: { anyOf: [], default: { w: 1, h: 1 } },
  },
};

function aPlugin(over: Partial<PluginDetailWire> = {}): PluginDetailWire {
  return {
    id: 'p',
    use: 'vedette/p',
    version: '1.0.0',
    origin: 'built-in',
    state: 'loaded',
    error: null,
    api: null,
    enabled: { value: true, source: 'default' },
    contributes: { analyzers: 1, sources: 0, strategies: 0 },
    health: 'well',
    cpuShare: null,
    runs: { done: 0, skipped: 0, failed: 0 },
    lastError: null,
    changed: null,
    restartNeeded: false,
    place: null,
    revision: null,
    settings: {},
    roles: [],
    contributions: [
      {
        kind: 'analyzer',
        id: 'p.look',
        title: 'Look',
        queue: 'default',
        schema: SCHEMA,
        secrets: [],
        options: {
          minScore: { value: 0.5, source: 'default' },
          names: { value: null, source: 'default' },
          black: { value: { share: 0.7 }, source: 'dashboard' },
          port: { value: 9, source: 'file' },
        },
        enabled: { value: true, source: 'default' },
        streams: { value: ['*'], source: 'default' },
      },
    ],
    ...over,
  };
}
const changed = (draft: SettingsDraft, options: object, more: object = {}): SettingsDraft => {
  const now = draft.contributions['analyzer p.look']!;
  return { ...draft, contributions: { 'analyzer p.look': { ...now, ...more, options: { ...now.options, ...options } } } };
};

describe('the draft of settings', () => {
  it('begins with what holds, groups with their defaults', () => {
    expect(draftOf(aPlugin())).toEqual({
      enabled: true,
      contributions: {
        'analyzer p.look': { enabled: true, streams: ['*'], options: { minScore: 0.5, black: { share: 0.7, level: 0.1 }, port: 9 } },
      },
    });
  });

  it('sets only what differs from its default and is not set elsewhere', () => {
    const plugin = aPlugin();
    expect(settingsOf(plugin, draftOf(plugin))).toEqual({ analyzers: { 'p.look': { config: { black: { share: 0.7 } } } } });
    const draft = changed(draftOf(plugin), { minScore: 0.8, names: ['cat'], port: 7 }, { streams: ['door'] });
    expect(settingsOf(plugin, draft)).toEqual({
      analyzers: { 'p.look': { streams: ['door'], config: { minScore: 0.8, names: ['cat'], black: { share: 0.7 } } } },
    });
  });

  it('sets what has no control as a whole', () => {
    const plugin = aPlugin();
    expect(settingsOf(plugin, changed(draftOf(plugin), { size: { w: 2, h: 1 } }))).toMatchObject({
      analyzers: { 'p.look': { config: { size: { w: 2, h: 1 } } } },
    });
  });

  it('takes back what is set to its default again', () => {
    const plugin = aPlugin();
    expect(settingsOf(plugin, changed(draftOf(plugin), { black: { share: 0.9, level: 0.1 } }))).toEqual({});
  });

  it('keeps what is set here and has no control, and what was switched here before', () => {
    const plugin = aPlugin({
      enabled: { value: false, source: 'dashboard' },
      settings: { enabled: false, analyzers: { 'p.look': { when: 'motion' } } },
    });
    expect(settingsOf(plugin, draftOf(plugin))).toMatchObject({ enabled: false, analyzers: { 'p.look': { when: 'motion' } } });
  });

  it('lists what would change, value by value', () => {
    const plugin = aPlugin();
    const draft = { ...changed(draftOf(plugin), { black: { share: 0.7, level: 0.2 } }, { enabled: false }), enabled: false };
    expect(draftChanges(plugin, draft)).toMatchObject([
      { contribution: null, path: ['enabled'], before: true, after: false },
      { contribution: { id: 'p.look' }, path: ['enabled'], before: true, after: false },
      { path: ['black', 'level'], before: 0.1, after: 0.2 },
    ]);
    expect(draftChanges(plugin, draftOf(plugin))).toEqual([]);
  });
});
