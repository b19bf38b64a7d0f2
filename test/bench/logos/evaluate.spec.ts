import { describe, expect, it } from 'vitest';
import { averagePrecision, bestQuality, iou, joined, judgeClip, judgeFrame, qualityAt, type Claim } from './evaluate.js';
import type { Corners, TrueLogo } from './truth.js';

const there = (brand: string, box: Corners, more: Partial<TrueLogo> = {}): TrueLogo => ({
  brand,
  box,
  gallery: true,
  ignore: false,
  ...more,
});
const claim = (brand: string, score: number, box: Corners): Claim => ({ brand, score, box });
const HERE: Corners = [0, 0, 100, 100];
const ELSEWHERE: Corners = [500, 0, 600, 100];

describe(iou.name, () => {
  it.each<[Corners, number]>([
    [HERE, 1],
    [[50, 0, 150, 100], 5000 / 15000],
    [[0, 0, 50, 100], 0.5],
    [[100, 0, 200, 100], 0],
    [[200, 200, 300, 300], 0],
  ])('of a square and %j is %f', (other, expected) => expect(iou(HERE, other)).toBeCloseTo(expected, 12));
});

describe(judgeFrame.name, () => {
  it('takes a box that overlaps by half, not one that overlaps by less', () => {
    const half = judgeFrame([there('a', HERE)], [claim('a', 0.9, [0, 0, 50, 100])]);
    const less = judgeFrame([there('a', HERE)], [claim('a', 0.9, [0, 0, 49, 100])]);
    expect(half).toEqual({ judged: [{ score: 0.9, right: true }], positives: 1 });
    expect(less).toEqual({ judged: [{ score: 0.9, right: false }], positives: 1 });
  });

  it('lets the better claim have the logo and calls the second one wrong', () => {
    const { judged } = judgeFrame([there('a', HERE)], [claim('a', 0.5, HERE), claim('a', 0.8, [0, 0, 60, 100])]);
    expect(judged).toEqual([
      { score: 0.8, right: true },
      { score: 0.5, right: false },
    ]);
  });

  it('tells brands apart, and places of one brand', () => {
    const truth = [there('a', HERE), there('a', ELSEWHERE), there('b', [0, 300, 100, 400])];
    const { judged, positives } = judgeFrame(truth, [
      claim('a', 0.9, ELSEWHERE),
      claim('a', 0.8, HERE),
      claim('a', 0.7, [0, 300, 100, 400]),
    ]);
    expect(judged.map(({ right }) => right)).toEqual([true, true, false]);
    expect(positives).toBe(3);
  });

  it('neither asks for nor minds a logo that is to be ignored, but minds another brand there', () => {
    const truth = [there('a', HERE, { ignore: true })];
    expect(judgeFrame(truth, [claim('a', 0.9, [0, 0, 30, 100]), claim('b', 0.8, HERE)])).toEqual({
      judged: [{ score: 0.8, right: false }],
      positives: 0,
    });
  });

  it('counts a claim on a brand outside the gallery as wrong', () => {
    expect(judgeFrame([there('x', HERE, { gallery: false })], [claim('x', 0.9, HERE)])).toEqual({
      judged: [{ score: 0.9, right: false }],
      positives: 0,
    });
  });
});

describe('figures', () => {
  // From the top: right, wrong, right, wrong; four logos in all. Precision 1, 1/2, 2/3, 2/4; recall 1/4, 1/4, 2/4, 2/4.
  const judgement = {
    judged: [
      { score: 0.9, right: true },
      { score: 0.8, right: false },
      { score: 0.7, right: true },
      { score: 0.6, right: false },
    ],
    positives: 4,
  };

  it('AP is the area below the curve made monotone', () => {
    expect(averagePrecision(judgement)).toBeCloseTo(0.25 * 1 + 0.25 * (2 / 3), 12);
  });

  it('AP does not depend on the order of claims with one score', () => {
    const tied = (rights: boolean[]) => averagePrecision({ judged: rights.map((right) => ({ score: 1, right })), positives: 1 });
    expect(tied([true, false])).toBeCloseTo(0.5, 12);
    expect(tied([false, true])).toBeCloseTo(0.5, 12);
  });

  it('F1 at a threshold counts what lies at or above it', () => {
    expect(qualityAt(judgement, 0.7)).toEqual({ threshold: 0.7, precision: 2 / 3, recall: 0.5, f1: (2 * (2 / 3) * 0.5) / (2 / 3 + 0.5) });
    expect(qualityAt(judgement, 0.95)).toEqual({ threshold: 0.95, precision: 0, recall: 0, f1: 0 });
  });

  it('best F1 is where it is highest', () => {
    expect(bestQuality(judgement)).toEqual(qualityAt(judgement, 0.7));
    expect(bestQuality({ judged: [], positives: 3 }).f1).toBe(0);
  });

  it('is 1 where all is found and nothing else, and no number where nothing is there', () => {
    const perfect = { judged: [{ score: 0.5, right: true }], positives: 1 };
    expect([averagePrecision(perfect), bestQuality(perfect).f1]).toEqual([1, 1]);
    expect(averagePrecision({ judged: [], positives: 0 })).toBeNaN();
  });

  it('joins frames and clips before it divides', () => {
    const truth = { widthPx: 640, heightPx: 360, fps: 25, bitrateKbps: 600, frames: [[there('a', HERE)], [], [there('a', HERE)]] };
    const clip = judgeClip({
      truth,
      frames: [
        { index: 0, claims: [claim('a', 0.9, HERE)] },
        { index: 1, claims: [claim('a', 0.4, HERE)] },
        { index: 2, claims: [] },
      ],
    });
    expect(qualityAt(clip, 0)).toMatchObject({ precision: 0.5, recall: 0.5 });
    expect(qualityAt(joined([clip, { judged: [{ score: 1, right: true }], positives: 1 }]), 0)).toMatchObject({
      precision: 2 / 3,
      recall: 2 / 3,
    });
  });
});
