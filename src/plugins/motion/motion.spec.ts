import { describe, expect, it } from 'vitest';
import type { AnalysisResult, EventResult, Frame, JsonValue, SegmentGlance, StreamInfo } from 'vedette/plugin';
import { motionConfig } from './config.js';
import { motionAnalyzer } from './motion.js';

const [WIDTH, HEIGHT] = [320, 180];
const stream: StreamInfo = { streamId: 's', streamName: 's', epochId: 'e', widthPx: 640, heightPx: 360, codec: 'h264' };
const never = new AbortController().signal;
const fit = { frameWidthPx: WIDTH, frameHeightPx: HEIGHT, offsetXPx: 0, offsetYPx: 0, contentWidthPx: WIDTH, contentHeightPx: HEIGHT };

/** A wall with a pattern, five pictures a second, lit as `gain` says, with a bright square of 20 px wherever `at` says. */
function picture(index: number, at?: number, gain = 1): Frame {
  const data = new Uint8Array(WIDTH * HEIGHT);
  for (let i = 0; i < data.length; i++) {
    const [x, y] = [i % WIDTH, Math.floor(i / WIDTH)];
    const inside = at !== undefined && x >= at && x < at + 20 && y >= 80 && y < 100;
    data[i] = Math.min(255, (70 + ((x >> 5) + (y >> 5)) * 6 + ((index * 31 + i * 7) % 3)) * gain + (inside ? 60 : 0));
  }
  return { ptsUs: index * 200_000, index, keyframe: false, widthPx: WIDTH, heightPx: HEIGHT, format: 'gray8', data, fit };
}
const still = (from: number, count: number, gain = 1): Frame[] =>
  Array.from({ length: count }, (_, i) => picture(from + i, undefined, gain));
const walking = (from: number, count: number): Frame[] => Array.from({ length: count }, (_, i) => picture(from + i, 40 + 6 * i));

function watch(
  frames: readonly Frame[],
  config: Record<string, unknown> = {},
  checkpoint?: JsonValue,
): { results: AnalysisResult[]; checkpoint: JsonValue } {
  const motion = motionAnalyzer(motionConfig.parse(config));
  const results: AnalysisResult[] = [];
  void motion.openStream(stream, checkpoint);
  void motion.process(frames, (result) => results.push(result), never, stream);
  return { results, checkpoint: motion.checkpoint(stream) };
}
const eventsIn = (results: readonly AnalysisResult[]): [string, number][] =>
  results.filter((result): result is EventResult => result.type === 'event').map(({ phase, ptsUs }) => [phase, ptsUs]);

describe(motionAnalyzer.name, () => {
  const frames = [...still(0, 20), ...walking(20, 10), ...still(30, 20)];

  it('sees what walks through, where it is, and for how long', () => {
    const { results } = watch(frames);
    expect(eventsIn(results)).toEqual([
      ['start', 4_000_000],
      ['end', 5_800_000],
    ]);
    const [box] = results.flatMap((result) => (result.type === 'detection' && result.ptsUs === 5_000_000 ? [result.box] : []));
    const left = (40 + 6 * 5) / WIDTH;
    expect(box!.x).toBeLessThanOrEqual(left);
    expect(box!.x + box!.width).toBeGreaterThanOrEqual(left + 20 / WIDTH);
    expect(box!.width).toBeLessThan(36 / WIDTH);
    const shares = results.flatMap((result) => (result.type === 'metric' ? [result.value] : []));
    expect(shares).toHaveLength(frames.length);
    expect(shares[10]).toBe(0);
    expect(shares[25]).toBeCloseTo((20 * 20) / (WIDTH * HEIGHT), 2);
  });

  it('leaves out what happens behind a mask, and outside the areas it is to watch', () => {
    const band = { box: [0, 0.4, 1, 0.2] };
    expect(watch(frames, { masks: [band] }).results.filter(({ type }) => type !== 'metric')).toEqual([]);
    expect(watch(frames, { areas: [{ box: [0, 0.7, 1, 0.3] }] }).results.filter(({ type }) => type !== 'metric')).toEqual([]);
    expect(eventsIn(watch(frames, { areas: [band] }).results)).toHaveLength(2);
  });

  it('takes a lamp for a lamp, slowly or at once', () => {
    const slowly = Array.from({ length: 60 }, (_, i) => picture(i, undefined, 1 + i / 200));
    const atOnce = [...still(0, 20), ...still(20, 20, 1.4)];
    for (const lit of [slowly, atOnce]) expect(watch(lit).results.filter(({ type }) => type !== 'metric')).toEqual([]);
  });

  it('lets be what has come and stands, and sees it go', () => {
    const parked = Array.from({ length: 80 }, (_, i) => picture(20 + i, 100));
    const { results } = watch([...still(0, 20), ...parked, ...still(100, 20)], { minDuration: '0ms' });
    const [came, , went] = eventsIn(results).map(([, ptsUs]) => ptsUs);
    expect([came, went]).toEqual([4_000_000, 20_000_000]);
    const seen = results.filter(({ type }) => type === 'detection');
    expect(seen.length).toBeLessThan(10);
  });

  it('goes on from a checkpoint as if nothing had been', () => {
    const half = watch(frames.slice(0, 25));
    const rest = watch(frames.slice(25), {}, JSON.parse(JSON.stringify(half.checkpoint)) as JsonValue);
    expect([...half.results, ...rest.results]).toEqual(watch(frames).results);
  });

  it('ends at a gap what cannot be known to have gone on', () => {
    const motion = motionAnalyzer(motionConfig.parse({}));
    const results: AnalysisResult[] = [];
    void motion.openStream(stream);
    void motion.process(frames.slice(0, 26), (result) => results.push(result), never, stream);
    void motion.gap(5_200_000, 60_000_000, (result) => results.push(result), stream);
    expect(eventsIn(results)).toEqual([
      ['start', 4_000_000],
      ['end', 5_000_000],
    ]);
  });
});

describe('the gate of motion', () => {
  /** Segments of two seconds; `changed`: its keyframe shows something new; `bytes`: what pictures between keyframes take. */
  async function verdicts(
    segments: readonly { readonly changed?: boolean; readonly bytes?: number; readonly lost?: boolean }[],
    config = {},
  ): Promise<string> {
    const motion = motionAnalyzer(motionConfig.parse(config));
    let said = '';
    for (const [sequence, { changed = false, bytes = 25, lost = false }] of segments.entries()) {
      const from = sequence * 2_000_000;
      const glance: SegmentGlance = {
        segment: { streamId: 's', epochId: 'e', sequence, ptsStartUs: from, ptsEndUs: from + 2_000_000 },
        pictures: Array.from({ length: 50 }, (_, i) => ({
          ptsUs: from + i * 40_000,
          keyframe: i === 0,
          sizeBytes: i === 0 ? 9000 : bytes + (i % 2),
        })),
        keyframes: () => Promise.resolve(lost ? [] : [picture(sequence, changed ? 150 : undefined)]),
      };
      const verdict = await motion.judge(glance, stream);
      said += verdict.gate === 'open' ? 'o' : 'c';
    }
    return said;
  }
  const quiet = (count: number): object[] => Array.from({ length: count }, () => ({}));

  it('is open until it has learnt, then closed while nothing moves', async () => {
    expect(await verdicts(quiet(16))).toBe('ooooooooooo' + 'ccccc');
  });

  it('opens for a change between keyframes, for dear pictures, and for a keyframe that cannot be seen', async () => {
    expect(await verdicts([...quiet(13), { bytes: 40 }, {}, { lost: true }, {}])).toBe('ooooooooooocc' + 'ococ');
    expect((await verdicts([...quiet(13), { changed: true }, {}])).at(13)).toBe('o');
  });

  it('closes on keyframes alone only where it is told to', async () => {
    const noisy = quiet(16).map(() => ({ bytes: 3000 }));
    expect(await verdicts(noisy)).toBe('o'.repeat(16));
    expect(await verdicts(noisy, { gate: { keyframesSuffice: true } })).toMatch(/^oooc+$/);
  });
});
