import { describe, expect, it } from 'vitest';
import { ticksToPtsUs } from '../../../plugin-api/index.js';
import { SegmentTally } from './segment-tally.js';

const DAY_US = 86_400_000_000;
const tally = (pictures: readonly (readonly [ptsUs: number, keyframe?: boolean, isWhole?: boolean])[], sounds: readonly number[] = []) => {
  const made = new SegmentTally();
  for (const [ptsUs, keyframe = false, isWhole = keyframe] of pictures) {
    made.add({ track: 'video', ptsUs, dtsUs: ptsUs, keyframe, data: new Uint8Array(1) }, isWhole);
  }
  for (const ptsUs of sounds) made.add({ track: 'audio', ptsUs, dtsUs: ptsUs, keyframe: true, data: new Uint8Array(1) }, true);
  return made;
};
const describeAll = (made: SegmentTally, nextUs?: number, frameUs?: number) => made.describe(made.mark, nextUs, frameUs);

describe(SegmentTally, () => {
  it('measures from the earliest picture to where the next segment begins, whatever the order of decoding', () => {
    const made = tally([[120_000, true], [40_000], [80_000], [200_000], [160_000]], [30_000, 53_000]);
    expect(describeAll(made, 240_000)).toMatchObject({
      ...{ ptsStartUs: 40_000, ptsEndUs: 240_000, frameCount: 5, audioFrameCount: 2, keyframePtsUs: [120_000] },
    });
  });

  it('reckons the end of the last segment by the length of its pictures, and of a single one by those before', () => {
    expect(describeAll(tally([[0, true], [33_000], [67_000], [100_000]])).ptsEndUs).toBe(133_333);
    expect(describeAll(tally([[0, true], [40_000], [80_000], [500_000]])).ptsEndUs).toBe(540_000);
    expect(describeAll(tally([[5_000_000, true]]), undefined, 5_000_000).ptsEndUs).toBe(10_000_000);
    expect(describeAll(tally([[0, true]])).ptsEndUs).toBe(40_000);
  });

  it('describes what is in the file only', () => {
    const made = tally([[0, true], [40_000]], [0]);
    const { mark } = made;
    made.add({ track: 'video', ptsUs: 80_000, dtsUs: 80_000, keyframe: true, data: new Uint8Array(1) }, true);
    expect(made.describe(mark, undefined, undefined)).toMatchObject({
      frameCount: 2,
      audioFrameCount: 1,
      keyframePtsUs: [0],
      ptsEndUs: 80_000,
    });
  });

  it('counts no keyframe that is not shown whole: the beginnings of an intra refresh', () => {
    expect(describeAll(tally([[0, true, false], [40_000]]), 80_000)).toMatchObject({ frameCount: 2, keyframePtsUs: [] });
  });

  it('says times as they stand in the file, past a day and where the clock of 33 bits wraps', () => {
    for (const ptsUs of [24 * DAY_US, ticksToPtsUs(2 ** 33 - 1), ticksToPtsUs(2 ** 33 + 1)]) {
      expect(describeAll(tally([[ptsUs, true]]), ptsUs + 40_000)).toMatchObject({ ptsStartUs: ptsUs, ptsEndUs: ptsUs + 40_000 });
    }
    expect(describeAll(tally([[33_334, true]]), 66_668)).toMatchObject({ ptsStartUs: 33_333, ptsEndUs: 66_667 });
  });

  it('begins with its sound where that is what began it', () => {
    const made = tally([], [1_000_000, 1_021_000]);
    expect(describeAll(made, 1_042_000)).toMatchObject({ ptsStartUs: 1_000_000, ptsEndUs: 1_042_000, frameCount: 0, audioFrameCount: 2 });
  });
});
