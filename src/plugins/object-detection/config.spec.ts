import { describe, expect, it } from 'vitest';
import type { TrackingSpec } from 'vedette/plugin';
import { objectDetectionConfig } from './config.js';
import plugin from './index.js';

const [definition] = plugin.analyzers!;
const trackingOf = (config: unknown): TrackingSpec | undefined => {
  const { tracking } = definition!;
  return typeof tracking === 'function' ? tracking(objectDetectionConfig.parse(config)) : tracking;
};

describe('the config of object detection', () => {
  it('asks for tracking by what is reported, unless told otherwise', () => {
    expect(trackingOf({})).toEqual({ startScore: 0.5, continueScore: 0.4, minIou: 0.2, maxGapMs: 2000, minHits: 2 });
    expect(trackingOf({ minScore: 0.8 })).toMatchObject({ startScore: 0.5, continueScore: 0.5 });
    expect(trackingOf({ tracking: { maxGap: '500ms', continueScore: 0.1 } })).toMatchObject({ continueScore: 0.1, maxGapMs: 500 });
    expect(trackingOf({ tracking: { enabled: false } })).toBeUndefined();
  });

  it.each([
    [{ names: ['a'], labels: 'a.txt' }, 'not both'],
    [{ tracking: { startScore: 0.3, continueScore: 0.4 } }, 'startScore'],
    [{ layout: 'yolo-v99' }, 'yolo-v8'],
    [{ normalise: { mean: [0, 0, 0], std: [1, 0, 1] } }, ''],
    [{ normalise: 'standard' }, ''],
    [{ classOffset: -1 }, ''],
  ])('refuses %j', (config, reason) => {
    const { success, error } = objectDetectionConfig.safeParse(config);
    expect(success).toBe(false);
    expect(JSON.stringify(error?.issues)).toContain(reason);
  });
});
