import { describe, expect, it } from 'vitest';
import { measureSegments, type EpochBeginning, type LedgerSegment } from './segment-measures.js';
import { aLedgerSegment, BEGAN_MS } from './testing/sample-measures.js';

const BEGINNING: EpochBeginning = { startedAtMs: BEGAN_MS, firstLatenessMs: 100, hadPicture: true, hadSound: true };
const segments = (count: number, over: (sequence: number) => Partial<LedgerSegment> = () => ({}), from = 0): LedgerSegment[] =>
  Array.from({ length: count }, (_, i) => aLedgerSegment(from + i, over(from + i)));
const measure = (from: readonly LedgerSegment[], beginning: Partial<EpochBeginning> = {}) =>
  measureSegments(from, { ...BEGINNING, ...beginning })!;

describe(measureSegments.name, () => {
  it('knows nothing without segments', () => {
    expect(measureSegments([], BEGINNING)).toBeNull();
  });

  it('measures bitrate, frame rate and keyframes of what is there, and leaves unknown what one segment cannot tell', () => {
    expect(measure(segments(1))).toMatchObject({
      ...{ bitrateBps: 2_000_000, frameRateFps: 30, keyframeIntervalMs: null, longestKeyframeIntervalMs: null, jitterMs: null },
      ...{ driftMs: null, hasSound: true, sinceMs: BEGAN_MS, endsAtMs: BEGAN_MS + 2_000, registeredAtMs: BEGAN_MS + 2_100 },
    });
    expect(measure(segments(10))).toMatchObject({ keyframeIntervalMs: 2_000, shortestKeyframeIntervalMs: 2_000, jitterMs: 0 });
  });

  it('looks at the last minute, and says since when', () => {
    const slow = measure(segments(60, (sequence) => ({ frameCount: sequence < 30 ? 6 : 60 })));
    expect([slow.frameRateFps, slow.sinceMs]).toEqual([30, BEGAN_MS + 60_000]);
    // Segments longer than that: three at least.
    const long = segments(4).map((each, i) => ({ ...each, atMs: BEGAN_MS + i * 90_000, durationMs: 90_000 }));
    expect([measure(long).keyframeIntervalMs, measure(long).sinceMs]).toEqual([90_000, BEGAN_MS + 90_000]);
  });

  it('counts keyframes within a segment, between neighbours, and not over a hole', () => {
    const two = { keyframeCount: 2, firstKeyframeMs: 0, lastKeyframeMs: 500 };
    expect(measure(segments(2, () => two))).toMatchObject({
      ...{ keyframeIntervalMs: 2_500 / 3, shortestKeyframeIntervalMs: 500, longestKeyframeIntervalMs: 1_500 },
    });
    const holed = [...segments(2), ...segments(2, () => ({}), 12)];
    expect(measure(holed)).toMatchObject({ keyframeIntervalMs: 2_000, longestKeyframeIntervalMs: 2_000 });
  });

  it('tells since when there is no sound, no picture or no keyframe, and nothing where there never was any', () => {
    const silent = segments(6, (sequence) => ({ hasSound: sequence < 4 }));
    expect(measure(silent)).toMatchObject({ hasSound: false, soundGoneSinceMs: BEGAN_MS + 8_000 });
    expect(
      measure(
        segments(6, () => ({ hasSound: false })),
        { hadSound: false },
      ),
    ).toMatchObject({ hasSound: false, soundGoneSinceMs: null });
    expect(measure(segments(6, () => ({ hasSound: null })))).toMatchObject({ hasSound: null, soundGoneSinceMs: null });
    const blind = { frameCount: 0, keyframeCount: 0, firstKeyframeMs: null, lastKeyframeMs: null };
    expect(measure(segments(6, (sequence) => (sequence < 3 ? {} : blind)))).toMatchObject({
      ...{ pictureGoneSinceMs: BEGAN_MS + 6_000, frameRateFps: 30, keyframesGoneSinceMs: null },
    });
    expect(
      measure(
        segments(2, () => blind),
        { hadPicture: false },
      ),
    ).toMatchObject({ pictureGoneSinceMs: null, frameRateFps: null });
    const refreshed = { keyframeCount: 0, firstKeyframeMs: null, lastKeyframeMs: null };
    expect(measure(segments(4, (sequence) => (sequence === 0 ? {} : refreshed))).keyframesGoneSinceMs).toBe(BEGAN_MS + 2_000);
  });

  it('names a segment that cannot be read, and takes none of its figures', () => {
    const lost = {
      state: 'unreadable',
      error: 'VD_MEDIA_EMPTY: 0 bytes',
      durationMs: 0,
      sizeBytes: 0,
      frameCount: 0,
      hasSound: null,
    } as const;
    const last = measure(segments(3, (sequence) => (sequence === 2 ? lost : {})));
    expect(last.unreadable).toMatchObject({ sequence: 2, error: 'VD_MEDIA_EMPTY: 0 bytes', isNewest: true });
    expect(last).toMatchObject({ bitrateBps: 2_000_000, soundGoneSinceMs: null });
    expect(measure(segments(3, (sequence) => (sequence === 1 ? lost : {}))).unreadable?.isNewest).toBe(false);
    expect(measure(segments(1, () => lost))).toMatchObject({ bitrateBps: null, frameRateFps: null, jitterMs: null, hasSound: null });
  });

  it('tells drift by the promptest segments, from two minutes on, and not where the beginning is not known', () => {
    const late = (ms: number) => (sequence: number) => ({ registeredAtMs: BEGAN_MS + sequence * 2_000 + 2_100 + ms });
    expect(measure(segments(30, late(5_000), 30)).driftMs).toBe(5_000);
    expect(measure(segments(30, late(-3_000), 30)).driftMs).toBe(-3_000);
    expect(measure(segments(29, late(5_000), 30)).driftMs).toBeNull();
    expect(measure(segments(30, late(5_000), 30), { firstLatenessMs: null }).driftMs).toBeNull();
    // The database was away for a while: what came after it is prompt again.
    expect(measure(segments(30, (sequence) => late(sequence < 55 ? 40_000 : 0)(sequence), 30)).driftMs).toBe(0);
  });

  it('takes for jitter what nine in ten segments stay below, from five segments on', () => {
    const one = (sequence: number) => ({ registeredAtMs: BEGAN_MS + sequence * 2_000 + 2_100 + (sequence === 7 ? 9_000 : sequence * 10) });
    expect(measure(segments(10, one)).jitterMs).toBe(90);
    expect(
      measure(segments(5, (sequence) => ({ registeredAtMs: BEGAN_MS + sequence * 2_000 + 2_100 + (sequence === 4 ? 700 : 0) }))).jitterMs,
    ).toBe(700);
    expect(measure(segments(4)).jitterMs).toBeNull();
  });
});
