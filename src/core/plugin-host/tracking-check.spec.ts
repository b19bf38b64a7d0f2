import { describe, expect, it } from 'vitest';
import type { TrackingSpec } from '../plugin-api/index.js';
import { checkedTracking } from './tracking-check.js';

const TRACKING: TrackingSpec = { startScore: 0.5, continueScore: 0.1, minIou: 0.2, maxGapMs: 2_000, minHits: 1 };

describe(checkedTracking, () => {
  it('takes numbers that can be meant, as they stand or by config', () => {
    expect(checkedTracking('p', { id: 'a', tracking: TRACKING }, {})).toEqual(TRACKING);
    expect(checkedTracking('p', { id: 'a', tracking: () => TRACKING }, {})).toEqual(TRACKING);
    expect(checkedTracking('p', { id: 'a', tracking: () => undefined }, {})).toBeUndefined();
    expect(checkedTracking('p', { id: 'a' }, {})).toBeUndefined();
  });

  it.each([
    ['startScore', { ...TRACKING, startScore: 1.5 }],
    ['continueScore', { ...TRACKING, continueScore: 0.9 }],
    ['minIou', { ...TRACKING, minIou: Number.NaN }],
    ['maxGapMs', { ...TRACKING, maxGapMs: -1 }],
    ['minHits', { ...TRACKING, minHits: 0 }],
  ])('refuses tracking.%s that cannot be meant', (field, tracking) => {
    expect(() => checkedTracking('plugins: acme', { id: 'a', tracking }, {})).toThrow(
      expect.objectContaining({
        code: 'VD_PLUGIN_INVALID',
        message: expect.stringContaining(`plugins: acme: a: tracking.${field}`) as string,
      }) as Error,
    );
  });
});
