import { describe, expect, it } from 'vitest';
import type { EncodedFrame, PushedTrackKind } from '../../../plugin-api/index.js';
import type { MuxedTracks } from '../segment-muxer.js';
import { segmentLimits } from './segment-limits.js';
import { Segmenter } from './segmenter.js';

const VIDEO = { codec: 'h264', configuration: new Uint8Array() } as const;
const AUDIO = { codec: 'aac', configuration: new Uint8Array() } as const;
const BOTH: MuxedTracks = { video: VIDEO, audio: AUDIO };

interface FrameOptions {
  readonly keyframe?: boolean;
  readonly dtsMs?: number;
  readonly sizeBytes?: number;
}
const frame = (
  track: PushedTrackKind,
  ptsMs: number,
  { keyframe = false, dtsMs = ptsMs, sizeBytes = 10 }: FrameOptions = {},
): EncodedFrame => ({
  ...{ track, ptsUs: Math.round(ptsMs * 1000), dtsUs: Math.round(dtsMs * 1000), keyframe: keyframe || track === 'audio' },
  data: new Uint8Array(sizeBytes),
});
const picture = (ptsMs: number, options?: FrameOptions): EncodedFrame => frame('video', ptsMs, options);
const key = (ptsMs: number, options?: FrameOptions): EncodedFrame => picture(ptsMs, { ...options, keyframe: true });
const sound = (ptsMs: number): EncodedFrame => frame('audio', ptsMs);

/** What became of frames: segments as lists of "v0", "a23" …, where each says that it ends, and what was dropped. */
function cut(
  frames: readonly EncodedFrame[],
  options: { tracks?: MuxedTracks; isClosed?: boolean; durationMs?: number; damaged?: EncodedFrame } = {},
) {
  const { tracks = BOTH, isClosed = true, durationMs = 2000, damaged } = options;
  const segments: string[][] = [];
  const endsMs: (number | undefined)[] = [];
  const dropped: string[] = [];
  const name = ({ track, ptsUs }: EncodedFrame) => `${track[0]}${ptsUs / 1000}`;
  const segmenter = new Segmenter(segmentLimits(durationMs), tracks, {
    begin: () => segments.push([]),
    frame: (one) => one !== damaged && segments.at(-1)!.push(name(one)) > 0,
    end: (nextUs) => endsMs.push(nextUs === undefined ? undefined : nextUs / 1000),
    drop: (one) => dropped.push(name(one)),
    isClosed: () => isClosed,
  });
  for (const one of frames) segmenter.put(one);
  segmenter.finish();
  return { segments, endsMs, dropped, lengths: segments.map(({ length }) => length) };
}

const steps = (count: number, stepMs: number): number[] => Array.from({ length: count }, (_, i) => i * stepMs);
const byTime = (...frames: EncodedFrame[]): EncodedFrame[] => frames.sort((a, b) => a.dtsUs - b.dtsUs);

describe(Segmenter, () => {
  it('begins each segment with the first keyframe whose time has come, and ends it where the next begins', () => {
    const frames = steps(60, 100).map((ms) => picture(ms, { keyframe: ms % 1000 === 0 }));
    const { lengths, endsMs } = cut(frames, { tracks: { video: VIDEO } });
    expect(lengths).toEqual([20, 20, 20]);
    expect(endsMs).toEqual([2000, 4000, undefined]);
  });

  it('takes a keyframe that comes a little early, and at 120 frames per second, as at any rate, the next one of its rounded times', () => {
    const frames = steps(600, 1000 / 120).map((ms, i) => picture(Math.round(ms), { keyframe: i % 239 === 0 }));
    const { lengths, endsMs } = cut(frames, { tracks: { video: VIDEO } });
    expect(lengths).toEqual([239, 239, 122]);
    expect(endsMs).toEqual([1992, 3983, undefined]);
  });

  it('ends a segment of a variable frame rate where the next begins, however long its last picture is on show', () => {
    const frames = [key(0), picture(40), picture(1200), key(2100), picture(2140), key(9000), picture(9040)];
    expect(cut(frames, { tracks: { video: VIDEO } }).endsMs).toEqual([2100, 9000, undefined]);
  });

  it('puts sound with the pictures of its time, though it comes after the keyframe of the next segment', () => {
    const frames = [key(0), sound(0), picture(1000), sound(1950), key(2000), sound(1980), picture(2040), sound(2001), sound(2022)];
    const { segments, endsMs } = cut(frames);
    expect(segments).toEqual([
      ['v0', 'a0', 'v1000', 'a1950', 'a1980'],
      ['v2000', 'v2040', 'a2001', 'a2022'],
    ]);
    expect(endsMs).toEqual([2000, undefined]);
  });

  it('waits half a second for sound at most, and not at all for one that has fallen silent', () => {
    const late = [key(0), sound(1950), key(2000), ...steps(20, 40).map((ms) => picture(2040 + ms)), sound(1990)];
    expect(cut(late).segments[1]!.at(-1)).toBe('a1990');
    const silent = [key(0), sound(500), key(2000), sound(1990)];
    expect(cut(silent).segments).toEqual([
      ['v0', 'a500'],
      ['v2000', 'a1990'],
    ]);
  });

  it('begins a segment of an open GOP with the earliest of its pictures', () => {
    const frames = [
      key(80, { dtsMs: 0 }),
      picture(1000),
      key(2080, { dtsMs: 2000 }),
      picture(2000, { dtsMs: 2040 }),
      picture(2040, { dtsMs: 2080 }),
    ];
    const all = [...frames, picture(2160, { dtsMs: 2120 })];
    const { segments, endsMs } = cut(all, { tracks: { video: VIDEO }, isClosed: false });
    expect(segments[1]).toEqual(['v2080', 'v2000', 'v2040', 'v2160']);
    expect(endsMs).toEqual([2000, undefined]);
    expect(cut(frames, { tracks: { video: VIDEO }, isClosed: false }).endsMs, 'at the end of the epoch, too').toEqual([2000, undefined]);
  });

  it('cuts sound alone by time', () => {
    const { lengths, endsMs } = cut(steps(300, 20).map(sound), { tracks: { audio: AUDIO } });
    expect(lengths).toEqual([100, 100, 100]);
    expect(endsMs).toEqual([2000, 4000, undefined]);
  });

  it('cuts sound by time when pictures have stopped, and begins anew with the keyframe that they come back with', () => {
    const pictures = [key(0), picture(500), key(12_000), picture(12_040)];
    const { segments, endsMs } = cut(byTime(...pictures, ...steps(130, 100).map(sound)));
    expect(segments[0]!.at(-1)).toBe('a4400');
    expect(endsMs).toEqual([4500, 6500, 8500, 10_500, 12_000, undefined]);
    expect(segments.flat().filter((name) => name.startsWith('v'))).toEqual(['v0', 'v500', 'v12000', 'v12040']);
    expect(segments.at(-1)!).toContain('v12040');
  });

  it('ends a segment without a keyframe when it is long or large enough, with a picture that is shown after all before it', () => {
    const long = cut([key(0), ...steps(70, 1000).map((ms) => picture(ms + 1000))], { tracks: { video: VIDEO } });
    expect(long.endsMs).toEqual([30_000, 60_000, undefined]);
    const large = steps(10, 40).map((ms, i) => picture(ms, { keyframe: i === 0, sizeBytes: 16 * 1024 ** 2 }));
    expect(cut(large, { tracks: { video: VIDEO } }).lengths).toEqual([4, 4, 2]);
    const reordered = [30_080, 30_040, 30_120].map((ms, i) => picture(ms, { dtsMs: 30_000 + i }));
    const { segments } = cut([key(0), picture(29_000), ...reordered, picture(30_200)], { tracks: { video: VIDEO } });
    expect(segments[1]).toEqual(['v30080', 'v30040', 'v30120', 'v30200']);
  });

  it('drops pictures before the first keyframe, and those that need one that is damaged', () => {
    const damaged = key(2000);
    const frames = [picture(0), key(40), picture(80), damaged, picture(2040), key(3000), picture(3040)];
    const { segments, dropped } = cut(frames, { tracks: { video: VIDEO }, damaged });
    expect(dropped).toEqual(['v0', 'v2040']);
    expect(segments).toEqual([
      ['v40', 'v80'],
      ['v3000', 'v3040'],
    ]);
  });

  it('judges each track by its own clock: sound stamped 20 s away neither ends segments nor keeps them open', () => {
    const frames = steps(60, 100).flatMap((ms) => [picture(ms, { keyframe: ms % 2000 === 0 }), sound(ms + 20_000)]);
    expect(cut(frames).lengths).toEqual([40, 40, 40]);
    const before = steps(60, 100).flatMap((ms) => [picture(ms + 20_000, { keyframe: ms % 2000 === 0 }), sound(ms)]);
    expect(cut(before).lengths).toEqual([40, 40, 40]);
  });

  it('holds little, whatever comes: pictures of one time end a cut that waits for sound', () => {
    const same = steps(10, 0).map(() => picture(2000, { dtsMs: 2000, sizeBytes: 1024 ** 2 }));
    const { lengths } = cut([key(0), sound(1990), key(2000, { sizeBytes: 10 }), ...same]);
    expect(lengths).toEqual([2, 11]);
  });
});
