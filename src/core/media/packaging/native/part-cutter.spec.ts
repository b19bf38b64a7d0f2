import { describe, expect, it } from 'vitest';
import type { EncodedFrame } from '../../../plugin-api/index.js';
import { type CutPart, PartCutter } from './part-cutter.js';

const picture = (i: number, stepUs: number, laterUs = 0): EncodedFrame => ({
  ...{ track: 'video', data: Buffer.of(1), dtsUs: i * stepUs, ptsUs: i * stepUs + laterUs, keyframe: i === 0 },
});

/** The parts of a segment of so many pictures, the next of which follows. */
function partsOf(pictures: number, stepUs: number, { laterUs = 0, isWhole = true } = {}): CutPart[] {
  const cutter = new PartCutter(true);
  cutter.begin(true);
  const parts: (CutPart | undefined)[] = [];
  for (let i = 0; i < pictures; i += 1) {
    const frame = picture(i, stepUs, laterUs);
    parts.push(cutter.before(frame));
    cutter.add(frame, frame.keyframe && isWhole);
  }
  parts.push(cutter.end(pictures * stepUs + laterUs));
  return parts.filter((part) => part !== undefined);
}

describe('PartCutter', () => {
  it.each([
    ['25 pictures a second', 50, 40_000, [320, 320, 320, 320, 320, 320, 80]],
    ['30, rounded to milliseconds', 60, 33_333, [300, 300, 300, 300, 300, 300, 200]],
    ['60', 120, 16_667, [300, 300, 300, 300, 300, 300, 200]],
  ])('ends parts before a picture from 300 ms on: %s', (_, pictures, stepUs, durationsMs) => {
    const parts = partsOf(pictures, stepUs);
    expect(parts.map(({ durationUs }) => Math.round(durationUs / 1000))).toEqual(durationsMs);
    expect(parts.map(({ isIndependent }) => isIndependent)).toEqual([true, false, false, false, false, false, false]);
    expect(parts.map(({ isLast }) => isLast)).toEqual([false, false, false, false, false, false, true]);
  });

  it('measures the last part as the others, however much later pictures are shown than decoded', () => {
    expect(partsOf(50, 40_000, { laterUs: 80_000 })).toEqual(partsOf(50, 40_000));
  });

  it('calls no part independent of a segment that a decoder cannot start at', () => {
    expect(partsOf(50, 40_000, { isWhole: false }).some(({ isIndependent }) => isIndependent)).toBe(false);
  });

  it('makes none of a picture in more than a second, nor where nobody wants them', () => {
    expect(partsOf(4, 1_100_000)).toEqual([]);
    const cutter = new PartCutter(true);
    cutter.begin(false);
    cutter.add(picture(0, 1), true);
    expect([cutter.before(picture(1, 400_000)), cutter.end(400_000)]).toEqual([undefined, undefined]);
  });

  it('goes by sound where there are no pictures, and by nothing where they are awaited', () => {
    const sound = (ptsUs: number): EncodedFrame => ({ track: 'audio', data: Buffer.of(1), dtsUs: ptsUs, ptsUs, keyframe: true });
    const [alone, beside] = [new PartCutter(false), new PartCutter(true)];
    for (const cutter of [alone, beside]) {
      cutter.begin(true);
      cutter.add(sound(0), true);
    }
    expect(alone.before(sound(300_000))).toEqual({ durationUs: 300_000, isIndependent: true, isLast: false });
    expect([beside.before(sound(300_000)), beside.end(undefined)]).toEqual([undefined, undefined]);
  });

  it('lets the last part of an epoch last as long as its pictures did', () => {
    const cutter = new PartCutter(true);
    cutter.begin(true);
    for (let i = 0; i < 3; i += 1) cutter.add(picture(i, 40_000), i === 0);
    expect(cutter.end(undefined)).toEqual({ durationUs: 120_000, isIndependent: true, isLast: true });
  });
});
