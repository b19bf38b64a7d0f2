import { describe, expect, it } from 'vitest';
import { aStep } from '../../testing/work-samples';
import { isAllSet, settingsOfSteps, withSettings, type Setting } from './plugin-setting';

const fps = (value: number): Setting => ({ pluginId: 'objects', analyzerId: 'objects.find', path: ['config', 'fps'], value });

describe(settingsOfSteps.name, () => {
  it('is all that the steps set, of one key what the last one says', () => {
    expect(settingsOfSteps([aStep({ settings: [fps(5)] }), aStep({ settings: [fps(2.5)] })])).toEqual([fps(2.5)]);
  });
  it('is nothing where a step is done in another way', () => {
    expect(settingsOfSteps([aStep({ settings: [fps(5)] }), aStep({ kind: 'add-hosts' })])).toBeNull();
    expect(settingsOfSteps([])).toBeNull();
  });
});

describe(withSettings.name, () => {
  const before = { enabled: true, analyzers: { 'objects.find': { config: { fps: 5, labels: ['cat'] } } } };
  it('leaves what it is not about, and what it was given', () => {
    expect(withSettings(before, [fps(2.5)])).toEqual({
      enabled: true,
      analyzers: { 'objects.find': { config: { fps: 2.5, labels: ['cat'] } } },
    });
    expect(before.analyzers['objects.find'].config.fps).toBe(5);
    expect(withSettings({}, [fps(2.5)])).toEqual({ analyzers: { 'objects.find': { config: { fps: 2.5 } } } });
  });
  it('is seen to be set', () => {
    expect([isAllSet(before, [fps(5)]), isAllSet(before, [fps(2.5)]), isAllSet(undefined, [fps(5)])]).toEqual([true, false, false]);
  });
});
