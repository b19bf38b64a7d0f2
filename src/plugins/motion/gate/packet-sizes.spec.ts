import { describe, expect, it } from 'vitest';
import type { CodedPicture } from 'vedette/plugin';
import { QuietSizes, sizeFacts } from './packet-sizes.js';

const BLOCKS = 920;
/** Two seconds of pictures of about that size; `extra` bytes on some of them in the middle. */
const pictures = (sizeBytes: number, wobble = 0, extra = 0): CodedPicture[] =>
  Array.from({ length: 50 }, (_, i) => ({
    ptsUs: i * 40_000,
    keyframe: i === 0,
    sizeBytes: i === 0 ? 20_000 : sizeBytes + ((i * 7) % 3) * wobble + (i > 20 && i < 30 ? extra : 0),
  }));
function learnt(sizeBytes: number, wobble: number, segments = 8): QuietSizes {
  const sizes = new QuietSizes(8);
  for (let i = 0; i < segments; i++) sizes.learn(sizeFacts(pictures(sizeBytes + (i % 3) * wobble, wobble))!);
  return sizes;
}

describe(QuietSizes.name, () => {
  it('tells nothing before it has learnt', () => {
    expect(learnt(25, 1, 7).isTelling(BLOCKS)).toBe(false);
    expect(learnt(25, 1, 8).isTelling(BLOCKS)).toBe(true);
  });

  it('knows a segment that costs what it always costs from one with a little more in the middle', () => {
    const sizes = learnt(25, 1);
    expect(sizes.isQuiet(sizeFacts(pictures(26, 1))!)).toBe(true);
    expect(sizes.isQuiet(sizeFacts(pictures(26, 1, 15))!)).toBe(false);
  });

  it('tells nothing where every picture costs a lot: noise, or a constant bit rate', () => {
    expect(learnt(2000, 0).isTelling(BLOCKS)).toBe(false);
    expect(learnt(800, 40).isTelling(BLOCKS)).toBe(false);
  });

  it('does not learn motion, however often it comes', () => {
    const sizes = learnt(25, 1);
    const moving = sizeFacts(pictures(26, 1, 15))!;
    for (let i = 0; i < 100; i++) sizes.learn(moving);
    expect(sizes.isQuiet(moving)).toBe(false);
  });

  it('has nothing to say of a segment too short', () => {
    expect(sizeFacts(pictures(25).slice(0, 8))).toBeUndefined();
    expect(sizeFacts([])).toBeUndefined();
  });
});
