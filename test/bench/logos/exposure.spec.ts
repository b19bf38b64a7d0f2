import { describe, expect, it } from 'vitest';
import { appearanceExposure, sampledExposure, summarise } from './exposure.js';
import type { ClipTruth, Corners, TrueLogo } from './truth.js';

const BOX: Corners = [0, 0, 10, 10];
const logo = (ignore = false, brand = 'a'): TrueLogo => ({ brand, box: BOX, gallery: true, ignore });
/** Ten frames at 10 a second: `a` fades in for two, is there for six, is gone for two. */
const truth: ClipTruth = {
  ...{ widthPx: 100, heightPx: 100, fps: 10, bitrateKbps: 600 },
  frames: Array.from({ length: 10 }, (_, i) => (i < 2 ? [logo(true)] : i < 8 ? [logo()] : [])),
};
const seen = (index: number, ...brands: string[]) => ({ index, claims: brands.map((brand) => ({ brand, score: 0.6, box: BOX })) });

describe(sampledExposure.name, () => {
  it('lets each sampled frame stand for its share of the clip', () => {
    const frames = [seen(1), seen(3, 'a'), seen(5), seen(7, 'a'), seen(9, 'b')];
    expect(sampledExposure({ truth, frames }, 0.5)).toEqual([
      { brand: 'a', trueS: expect.closeTo(0.6, 9), claimedS: expect.closeTo(0.4, 9) },
      { brand: 'b', trueS: 0, claimedS: expect.closeTo(0.2, 9) },
    ]);
  });

  it('does not count what lies below the threshold, nor frames where the brand need not be found', () => {
    expect(sampledExposure({ truth, frames: [seen(1, 'a'), seen(3, 'a')] }, 0.7)).toEqual([{ brand: 'a', trueS: 0.5, claimedS: 0 }]);
    expect(sampledExposure({ truth, frames: [seen(1, 'a')] }, 0.5)).toEqual([]);
  });
});

describe(appearanceExposure.name, () => {
  it.each([
    ['exactly', [{ brand: 'a', startS: 0.2, endS: 0.8 }], 0.6],
    ['with the fade', [{ brand: 'a', startS: 0, endS: 0.8 }], 0.6],
    ['too late', [{ brand: 'a', startS: 0.4, endS: 0.8 }], 0.4],
    ['too long', [{ brand: 'a', startS: 0.2, endS: 1 }], 0.8],
    ['with the fade and too long', [{ brand: 'a', startS: 0, endS: 1 }], 0.8],
    [
      'twice at once',
      [
        { brand: 'a', startS: 0.2, endS: 0.6 },
        { brand: 'a', startS: 0.3, endS: 0.8 },
      ],
      0.6,
    ],
    ['not at all', [], 0],
  ])('claimed %s', (_, appearances, claimedS) => {
    expect(appearanceExposure(truth, appearances)).toEqual([{ brand: 'a', trueS: 0.6, claimedS: expect.closeTo(claimedS, 9) }]);
  });
});

describe(summarise.name, () => {
  it('adds up errors brand by brand, lets them cancel out in the total, and keeps false seconds apart', () => {
    const exposures = [
      { brand: 'a', trueS: 4, claimedS: 3 },
      { brand: 'b', trueS: 6, claimedS: 7 },
      { brand: 'c', trueS: 0, claimedS: 2 },
    ];
    expect(summarise(exposures, 30)).toEqual({ relativeError: 0.2, totalError: 0, falseSecondsPerMinute: 4 });
  });
});
