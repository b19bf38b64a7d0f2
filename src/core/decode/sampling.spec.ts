import { describe, expect, it } from 'vitest';
import { takes, type TimedFrame } from './sampling.js';

/** Frames of a constant rate, as MPEG-TS stores them: whole ticks, then microseconds. */
const frames = (fps: number, from: number, count: number, originUs = 1_400_000): TimedFrame[] =>
  Array.from({ length: count }, (_, i) => ({
    ptsUs: Math.round((Math.round(((from + i) * 90_000) / fps) * 1_000_000) / 90_000) + originUs,
    keyframe: (from + i) % 50 === 0,
  }));
/** As RTMP stamps them: whole milliseconds. */
const rtmpFrames = (fps: number, from: number, count: number): TimedFrame[] =>
  Array.from({ length: count }, (_, i) => ({ ptsUs: Math.round(((from + i) * 1000) / fps) * 1000, keyframe: false }));
const picked = (sampling: Parameters<typeof takes>[0], list: readonly TimedFrame[]): number[] =>
  takes(sampling, list).flatMap((taken, i) => (taken ? [list[i]!.ptsUs] : []));

describe(takes.name, () => {
  it('takes every frame, or the keyframes', () => {
    expect(takes({ all: true }, frames(25, 0, 3))).toEqual([true, true, true]);
    expect(takes({ keyframes: true }, frames(25, 49, 3))).toEqual([false, true, false]);
  });

  it('takes the first frame at or after each point of the grid', () => {
    expect(picked({ fps: 5 }, frames(30, 0, 30, 0))).toEqual([0, 200_000, 400_000, 600_000, 800_000]);
  });

  it('spaces frames evenly where the rate divides the stream rate', () => {
    const at = picked({ fps: 3 }, frames(30, 0, 300, 0));
    expect(at.slice(1).map((pts, i) => Math.round((pts - at[i]!) / 1000))).toEqual(at.slice(1).map(() => expect.closeTo(333, 0)));
  });

  it.each([
    ['constant 30', frames(30, 0, 300)],
    ['constant 25', frames(25, 0, 300)],
    ['constant 29.97', frames(30_000 / 1001, 0, 300)],
    ['milliseconds of 30', rtmpFrames(30, 0, 300)],
    ['milliseconds of 60', rtmpFrames(60, 0, 300)],
  ])('takes the same frames however the stream is cut (%s)', (_, stream) => {
    for (const fps of [1, 2, 5, 7, 12.5]) {
      const whole = picked({ fps }, stream);
      for (const length of [7, 50, 60, 91]) {
        const cut: number[] = [];
        for (let from = 0; from < stream.length; from += length) cut.push(...picked({ fps }, stream.slice(from, from + length)));
        expect(cut, `${fps} fps in segments of ${length}`).toEqual(whole);
      }
    }
  });

  it('never takes more than there is', () => {
    expect(picked({ fps: 60 }, frames(25, 0, 50))).toHaveLength(50);
  });

  it('takes about as many as asked for from a stream of variable rate', () => {
    const variable: TimedFrame[] = [];
    for (let ptsUs = 0, i = 0; ptsUs < 10_000_000; ptsUs += [10_000, 40_000, 100_000][i++ % 3]!) variable.push({ ptsUs, keyframe: false });
    expect(picked({ fps: 5 }, variable).length).toBeGreaterThanOrEqual(49);
    expect(picked({ fps: 5 }, variable).length).toBeLessThanOrEqual(51);
  });

  it('judges a lone frame by the length of its segment', () => {
    const lone = (ptsUs: number): boolean => takes({ fps: 1 }, [{ ptsUs, keyframe: true }], 40_000)[0]!;
    expect(lone(1_000_000)).toBe(true);
    expect(lone(1_040_000)).toBe(false);
  });

  it('takes nothing from nothing', () => {
    expect(takes({ fps: 5 }, [])).toEqual([]);
  });
});
