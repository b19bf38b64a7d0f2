import { describe, expect, it } from 'vitest';
import { anAnalyzer } from '../../../test/support/capacity-facts.js';
import { settingsOf } from './setting.js';

const facts = { analyzers: [anAnalyzer('look.at', { pluginId: 'acme.look' })] };

describe(settingsOf.name, () => {
  it('names each value below its analyzer, and the plugin that has it', () => {
    const edit = {
      config: { fps: 2.5, keyframesOnly: true },
      when: 'motion',
      prefer: ['lan', 'local'],
      streams: ['yard'],
      enabled: false,
    } as const;
    expect(settingsOf({ subject: 'look.at', edit }, facts)).toEqual(
      [
        { path: ['enabled'], value: false },
        { path: ['streams'], value: ['yard'] },
        { path: ['when'], value: 'motion' },
        { path: ['config', 'fps'], value: 2.5 },
        { path: ['config', 'keyframesOnly'], value: true },
        { path: ['execution', 'prefer'], value: ['lan', 'local'] },
      ].map((setting) => ({ pluginId: 'acme.look', analyzerId: 'look.at', ...setting })),
    );
  });

  it('has nothing for what is no setting of a plugin', () => {
    expect(settingsOf({ subject: 'studio', edit: null }, facts)).toEqual([]);
    expect(settingsOf({ subject: 'gone', edit: { enabled: false } }, facts)).toEqual([]);
  });
});
