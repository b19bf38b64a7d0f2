import { describe, expect, it } from 'vitest';
import { ExposureMeter } from './exposure-meter.js';
import { exclusivityFactor, gridCell, positionFactor, sizeFactor } from './formula.js';
import type { Sighting } from './brand-sighting.js';

const EPOCH_AT_MS = Date.UTC(2026, 5, 1, 12);
const centred = { x: 0.4, y: 0.4, width: 0.2, height: 0.2 };

function sighting(atS: number, changes: Partial<Sighting> = {}): Sighting {
  return {
    epochId: 'e1',
    ptsUs: Math.round(atS * 1e6),
    atMs: EPOCH_AT_MS + atS * 1000,
    subjectId: 'acme',
    label: 'Acme',
    score: 0.9,
    box: centred,
    clarity: 1,
    sampleMs: 400,
    ...changes,
  };
}

function measured(sightings: readonly Sighting[], options: { maxGapMs?: number; bucketMs?: number; toMs?: number } = {}) {
  const meter = new ExposureMeter({ maxGapMs: 1_000, ...options });
  for (const one of sightings) meter.add(one);
  return meter.finish();
}

describe(ExposureMeter.name, () => {
  it('adds up the time that frames stand for', () => {
    const { brands, appearances } = measured([0, 0.4, 0.8].map((at) => sighting(at)));
    expect(brands).toMatchObject([
      {
        label: 'Acme',
        visibleSeconds: 1.2,
        meanShare: 0.04,
        peakShare: 0.04,
        meanOthers: 0,
        aloneSeconds: 1.2,
        shareOfVoice: 1,
        appearances: 1,
      },
    ]);
    expect(appearances).toMatchObject([
      { startPtsUs: 0, endPtsUs: 1_200_000, startAtMs: EPOCH_AT_MS, endAtMs: EPOCH_AT_MS + 1_200, visibleSeconds: 1.2 },
    ]);
    // 0.04 of the frame is 0.8 of full size, whose root is the factor; the centre, sharp and alone take nothing away.
    expect(brands[0]!.weightedSeconds).toBeCloseTo(1.2 * Math.sqrt(0.8), 5);
    expect(brands[0]!.gridSeconds).toEqual([0, 0, 0, 0, 1.2, 0, 0, 0, 0]);
  });

  it('counts no moment twice, however close frames lie', () => {
    const { brands, appearances } = measured([0, 0.1, 0.2, 0.3].map((at) => sighting(at)));
    expect(brands[0]!.visibleSeconds).toBe(0.7);
    expect(appearances[0]!.endPtsUs).toBe(700_000);
  });

  it('counts two logos of a brand in one frame once in time and both in size', () => {
    const corner = { x: 0, y: 0, width: 0.1, height: 0.1 };
    const { brands } = measured([sighting(0), sighting(0, { box: corner, clarity: 0.5, score: 0.6 })]);
    expect(brands[0]).toMatchObject({ visibleSeconds: 0.4, meanShare: 0.05, meanInstances: 2, meanScore: 0.9 });
    expect(brands[0]!.meanClarity).toBeCloseTo((0.04 * 1 + 0.01 * 0.5) / 0.05, 6);
    expect(brands[0]!.gridSeconds[4]).toBe(0.4);
  });

  it('ends an appearance after a gap, at an epoch, and not before', () => {
    const times = [0, 0.4, 1.8, 3.4];
    expect(measured(times.map((at) => sighting(at))).appearances.map(({ startPtsUs }) => startPtsUs)).toEqual([0, 3_400_000]);
    expect(measured([sighting(0), sighting(0.4, { epochId: 'e2' })]).appearances).toHaveLength(2);
    expect(
      measured(
        times.map((at) => sighting(at)),
        { maxGapMs: 0 },
      ).appearances,
    ).toHaveLength(3);
  });

  it('shares voice and frame among brands', () => {
    const both = [0, 0.4].flatMap((at) => [sighting(at), sighting(at, { subjectId: 'bolt', label: 'Bolt' })]);
    const { brands } = measured([...both, sighting(0.8), sighting(1.2)]);
    expect(
      brands.map(({ label, visibleSeconds, shareOfVoice, meanOthers, aloneSeconds }) => ({
        label,
        visibleSeconds,
        shareOfVoice,
        meanOthers,
        aloneSeconds,
      })),
    ).toEqual([
      { label: 'Acme', visibleSeconds: 1.6, shareOfVoice: 0.666667, meanOthers: 0.5, aloneSeconds: 0.8 },
      { label: 'Bolt', visibleSeconds: 0.8, shareOfVoice: 0.333333, meanOthers: 1, aloneSeconds: 0 },
    ]);
    expect(brands[1]!.factors.exclusivity).toBe(0.5);
  });

  it('cuts at the end of the range, and keeps the newest name', () => {
    const { brands } = measured([sighting(0), sighting(0.4, { label: 'Acme & Sons' })], { toMs: EPOCH_AT_MS + 500 });
    expect(brands).toMatchObject([{ label: 'Acme & Sons', visibleSeconds: 0.5 }]);
    expect(measured([sighting(1)], { toMs: EPOCH_AT_MS + 500 }).brands[0]?.visibleSeconds ?? 0).toBe(0);
  });

  it('draws where it was seen, to the cell', () => {
    const [brand] = measured([sighting(0, { box: { x: 0, y: 0, width: 1.5 / 32, height: 1 / 18 } })]).brands;
    expect(brand!.heat.slice(0, 3)).toEqual([0.4, 0.2, 0]);
    expect(brand!.heat.reduce((sum, one) => sum + one, 0)).toBeCloseTo(0.6, 6);
  });

  it('spreads seconds over buckets of time', () => {
    const { series } = measured(
      [0, 0.4, 0.8, 5].map((at) => sighting(at)),
      { bucketMs: 1_000 },
    );
    expect(series).toEqual([
      { startAtMs: EPOCH_AT_MS, seconds: { acme: 1.2 } },
      { startAtMs: EPOCH_AT_MS + 5_000, seconds: { acme: 0.4 } },
    ]);
  });
});

describe('the formula', () => {
  it('is one for a large, central logo alone and falls with each factor', () => {
    expect([sizeFactor(0.05), sizeFactor(0.5), positionFactor(4), exclusivityFactor(0)]).toEqual([1, 1, 1, 1]);
    expect(sizeFactor(0.0125)).toBe(0.5);
    expect([positionFactor(0), positionFactor(1), exclusivityFactor(3)]).toEqual([0.6, 0.8, 0.25]);
  });

  it('places boxes by their centre', () => {
    expect(gridCell({ x: 0, y: 0, width: 0.1, height: 0.1 })).toBe(0);
    expect(gridCell({ x: 0.9, y: 0.9, width: 0.1, height: 0.1 })).toBe(8);
    expect(gridCell({ x: 0, y: 0, width: 1, height: 1 })).toBe(4);
    expect(gridCell({ x: 1, y: 0.5, width: 0, height: 0 })).toBe(5);
  });
});
