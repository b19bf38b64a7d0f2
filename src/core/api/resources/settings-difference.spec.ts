import { describe, expect, it } from 'vitest';
import { settingsDifference } from './settings-difference.js';

describe(settingsDifference.name, () => {
  it('names each value that was set, changed or taken back', () => {
    expect(
      settingsDifference(
        { analyzers: { 'a.b': { streams: ['x'], config: { fps: 2, size: { w: 1 } } } } },
        { enabled: false, analyzers: { 'a.b': { streams: ['x'], config: { fps: 3 } } } },
      ),
    ).toEqual([
      { path: 'analyzers["a.b"].config.fps', before: 2, after: 3 },
      { path: 'analyzers["a.b"].config.size.w', before: 1 },
      { path: 'enabled', after: false },
    ]);
  });

  it('says nothing of what is the same', () => {
    expect(settingsDifference({}, {})).toEqual([]);
    expect(settingsDifference({ enabled: true }, { enabled: true, analyzers: {} })).toEqual([]);
  });
});
