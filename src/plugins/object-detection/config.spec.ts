import { describe, expect, it } from 'vitest';
import type { TrackingSpec } from 'vedette/plugin';
import { objectDetectionConfig, wantedClasses, wantedSize } from './config.js';
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

  it('asks for what people watch for with the model that comes along, and for all with any other', () => {
    const wanted = (config: object) => wantedClasses(objectDetectionConfig.parse(config));
    const usual = ['person', 'bicycle', 'car', 'motorcycle', 'bus', 'truck', 'dog', 'cat', 'bird'];
    expect(wanted({})).toEqual(usual);
    expect(wanted({ model: 'nanodet-coco' })).toEqual(usual);
    expect(wanted({ model: 'yolo11n' })).toBeUndefined();
    expect(wanted({ only: 'all' })).toBeUndefined();
    expect(wanted({ only: ['tie'] })).toEqual(['tie']);
  });

  it('leaves the size to model and stream, unless it is given by today’s keys or by those of before', () => {
    const wanted = (config: object) => wantedSize(objectDetectionConfig.parse(config));
    expect(wanted({})).toBeUndefined();
    expect(wanted({ input: 'auto' })).toBeUndefined();
    expect(wanted({ input: { widthPx: 640, heightPx: 384 } })).toEqual({ widthPx: 640, heightPx: 384 });
    expect(wanted({ inputWidthPx: 640, inputHeightPx: 384 })).toEqual({ widthPx: 640, heightPx: 384 });
  });

  it.each([
    [{ names: ['a'], labels: 'a.txt' }, 'not both'],
    [{ tracking: { startScore: 0.3, continueScore: 0.4 } }, 'startScore'],
    [{ layout: 'yolo-v99' }, 'yolo-v8'],
    [{ normalise: { mean: [0, 0, 0], std: [1, 0, 1] } }, ''],
    [{ normalise: 'standard' }, ''],
    [{ classOffset: -1 }, ''],
    [{ input: { widthPx: 640 } }, ''],
    [{ inputWidthPx: 640 }, 'inputHeightPx'],
    [{ only: 'some' }, ''],
  ])('refuses %j', (config, reason) => {
    const { success, error } = objectDetectionConfig.safeParse(config);
    expect(success).toBe(false);
    expect(JSON.stringify(error?.issues)).toContain(reason);
  });
});
