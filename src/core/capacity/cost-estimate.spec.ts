import { describe, expect, it } from 'vitest';
import { aCost, anAnalyzer, aStream } from '../../../test/support/capacity-facts.js';
import { confidence, estimateCost } from './cost-estimate.js';

const look = anAnalyzer('look');
const [hall, yard] = [aStream('hall'), aStream('yard')];

describe('estimateCost', () => {
  it('goes by the runs on the stream itself', () => {
    expect(estimateCost(hall, look, [aCost(hall, look, 0.2, { decodeRate: 0.1 }), aCost(yard, look, 9)])).toMatchObject({
      average: { analysis: 0.2, decode: 0.1 },
      samples: 30,
      source: 'measured',
      confidence: 'high',
    });
  });

  it('counts a closed gate at its small cost on average, and not at all in the worst case', () => {
    // 30 runs at 0.4 and 90 at 0.02: (30 x 0.4 + 90 x 0.02) / 120 = 0.115.
    const estimate = estimateCost(hall, look, [aCost(hall, look, 0.4, { closedRuns: 90, gatedRuns: 90, closedRate: 0.02 })]);
    expect(estimate.average!.analysis + estimate.average!.decode).toBeCloseTo(0.115, 12);
    expect(estimate.gatesOpen).toEqual({ analysis: 0.4, decode: 0 });
    expect(estimate.gateClosedShare).toBe(0.75);
  });

  it('weighs strategies by their runs', () => {
    const costs = [aCost(hall, look, 0.4, { openRuns: 10 }), aCost(hall, look, 0.1, { openRuns: 30, strategy: 'remote-lan' })];
    expect(estimateCost(hall, look, costs).average!.analysis).toBeCloseTo(0.175, 12);
  });

  it('takes other streams where its own runs are too few: decode by pixels, analysis by the pixels it is given', () => {
    const costs = [aCost(hall, look, 5, { openRuns: 2 }), aCost(yard, look, 0.2, { decodeRate: 0.1, pixels: 1280 * 720 })];
    const uhd = { ...hall, pixels: 4 * 1280 * 720 };
    expect(estimateCost(uhd, look, costs)).toMatchObject({
      average: { analysis: 0.2, decode: 0.4 },
      confidence: 'low',
      source: 'other-streams',
    });
    const inside = anAnalyzer('look', { picture: { pixels: 1920 * 1080, isFixedSize: false } });
    expect(estimateCost(uhd, inside, costs).average!.analysis).toBeCloseTo(0.2 * 2.25, 12); // 1280x720 seen there, 1920x1080 here
  });

  it('names runs that do not say what their decode cost', () => {
    const old = [aCost(hall, look, 0.2, { decodeRate: null })];
    expect(estimateCost(hall, look, old).lacksDecode).toBe(true);
    expect(estimateCost(hall, anAnalyzer('look', { wantsPictures: false }), old).lacksDecode).toBe(false);
    expect(estimateCost(hall, look, [aCost(hall, look, 0.2)]).lacksDecode).toBe(false);
  });

  it('says that it does not know rather than guess', () => {
    expect(estimateCost(hall, look, [])).toMatchObject({ average: null, gatesOpen: null, source: 'unknown', confidence: 'none' });
    expect(estimateCost(hall, look, [aCost(hall, look, 1, { openRuns: 2 })]).average).toBeNull();
    expect(estimateCost(hall, look, [aCost(hall, look, 1, { configHash: 'another' })]).average).toBeNull();
  });

  it('knows what nothing to look for costs, but not what it would cost if there were something', () => {
    expect(estimateCost(hall, look, [aCost(hall, look, 0, { openRuns: 0, closedRuns: 50, spread: null })])).toMatchObject({
      average: { analysis: 0, decode: 0 },
      gatesOpen: null,
      gateClosedShare: null,
      source: 'measured',
    });
  });
});

describe('confidence', () => {
  it.each([
    [2, 0, 'none'],
    [3, 0, 'low'],
    [10, 0.4, 'medium'], // 0.4 / sqrt(10) = 0.126
    [10, 0.5, 'low'],
    [30, 0.25, 'high'], // 0.046
    [30, 0.3, 'medium'],
    [500, null, 'high'],
  ] as const)('%i runs that spread by %s: %s', (samples, spread, expected) => expect(confidence(samples, spread)).toBe(expected));
});
