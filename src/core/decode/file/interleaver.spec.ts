import { describe, expect, it } from 'vitest';
import type { EncodedFrame } from '../../plugin-api/index.js';
import { Interleaver } from './interleaver.js';

const frame = (track: EncodedFrame['track'], ms: number): EncodedFrame => ({
  track,
  ...{ dtsUs: ms * 1000, ptsUs: ms * 1000, keyframe: true, data: Uint8Array.of(1) },
});
function order(hasSound: boolean, frames: EncodedFrame[]): string {
  const interleaver = new Interleaver(hasSound);
  const given = [...frames.flatMap((each) => interleaver.put(each)), ...interleaver.finish()];
  return given.map(({ track, dtsUs }) => `${track[0]}${dtsUs / 1000}`).join(' ');
}
const [v, a] = [(ms: number) => frame('video', ms), (ms: number) => frame('audio', ms)];

describe(Interleaver, () => {
  it('gives frames by when they are decoded, however they come', () => {
    expect(order(true, [v(0), v(40), v(80), a(0), a(20), a(41), a(60)])).toBe('v0 a0 a20 v40 a41 a60 v80');
  });

  it('gives the first picture before what is heard before it', () => {
    expect(order(true, [a(0), a(20), v(30), v(70), a(40)])).toBe('v30 a0 a20 a40 v70');
  });

  it('does not wait for ever for a track that has nothing to say', () => {
    const interleaver = new Interleaver(true);
    const given = Array.from({ length: 200 }, (_, index) => interleaver.put(v(index * 40))).flat();
    expect(given.length).toBeGreaterThan(100);
  });

  it('gives pictures at once where there is no sound', () => {
    expect(new Interleaver(false).put(v(0))).toHaveLength(1);
  });
});
