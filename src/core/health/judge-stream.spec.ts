import { describe, expect, it } from 'vitest';
import { judgeStream } from './judge-stream.js';
import { streamCodes, type StreamHealthCode } from './stream-codes.js';
import type { GapMeasures, LiveMeasures, RunEndings, StreamMeasures } from './stream-measures.js';
import { anEpochOf, BEGAN_MS, NOW_MS, someAnalysis, someMeasures, someMedia } from './testing/sample-measures.js';

type Source = NonNullable<StreamMeasures['source']>;
const source = (over: Partial<Source>): Partial<StreamMeasures> => ({ source: { ...someMeasures().source!, ...over } });
const media = (over: Parameters<typeof someMedia>[0]): Partial<StreamMeasures> => ({ media: someMedia(over) });
const epoch = (over: Parameters<typeof anEpochOf>[0]): Partial<StreamMeasures> => ({ epoch: anEpochOf(over) });
const live = (over: Partial<LiveMeasures>): Partial<StreamMeasures> => ({
  live: { measures: { ...someMeasures().live!.measures, ...over }, atMs: NOW_MS - 500 },
});
const gap = (over: Partial<GapMeasures>): GapMeasures => ({
  ...{ reason: 'missing-frames', lastHour: 1, last10Minutes: 1, since10MinutesMs: NOW_MS - 60_000, lost10MinutesMs: 1_200, ...over },
});
const ending = (over: Partial<RunEndings>): RunEndings => ({
  ...{ analyzerId: 'acme.door', state: 'failed', reason: 'ACME_BROKEN', count: 1, firstAtMs: NOW_MS - 50_000, ...over },
});
const ended = (...endings: RunEndings[]): Partial<StreamMeasures> => ({ analysis: someAnalysis({ endings }) });
const closed = { epoch: anEpochOf({ isOpen: false }), media: null, live: null, analysis: null };

/** What just is an issue, and what just is none; of each severity. */
const CASES: readonly [StreamHealthCode, 'info' | 'warning' | 'error', Partial<StreamMeasures>, Partial<StreamMeasures>, string][] = [
  [
    'source-failed',
    'error',
    { ...closed, ...source({ state: 'failed' }) },
    { ...closed, ...source({ state: 'failed', isEnabled: false }) },
    'The source failed',
  ],
  [
    'source-retrying',
    'warning',
    { ...closed, ...source({ state: 'retrying' }) },
    source({ state: 'retrying' }),
    'The source does not answer',
  ],
  [
    'ingest-silent',
    'error',
    source({ silentSinceMs: NOW_MS - 30_000 }),
    { ...closed, ...source({ state: 'stopped', silentSinceMs: 1 }) },
    'Nothing was heard of its ingest node for 30 s',
  ],
  [
    'segment-unreadable',
    'error',
    media({ unreadable: { sequence: 7, error: 'VD_MEDIA_EMPTY: 0 bytes', atMs: 5, isNewest: true } }),
    {},
    'Segment 7 is lost (VD_MEDIA_EMPTY)',
  ],
  [
    'segment-unreadable',
    'warning',
    media({ unreadable: { sequence: 7, error: 'x', atMs: 5, isNewest: false } }),
    {},
    'Segment 7 is lost (x)',
  ],
  [
    'recording-interrupted',
    'error',
    live({ writeFault: 'ENOSPC: no space left on device' }),
    live({}),
    'Recording is interrupted, which is no fault of the source: ENOSPC: no space left on device',
  ],
  ['no-picture', 'error', live({ noPictureMs: 3_000 }), live({}), 'No picture for 3 s while the sound goes on'],
  ['no-picture', 'error', media({ pictureGoneSinceMs: NOW_MS - 8_000 }), media({}), 'No picture for 6 s while the sound goes on'],
  ['no-keyframe', 'error', live({ noKeyframeMs: 9_000 }), live({}), 'No keyframe for 9 s, so that no segment ends and nothing is analysed'],
  [
    'segment-overdue',
    'warning',
    media({ registeredAtMs: NOW_MS - 10_001 }),
    media({ registeredAtMs: NOW_MS - 10_000 }),
    'No segment has come for 10 s',
  ],
  [
    'segment-overdue',
    'warning',
    media({ registeredAtMs: NOW_MS - 24_001, longestSegmentMs: 8_000 }),
    media({ registeredAtMs: NOW_MS - 24_000, longestSegmentMs: 8_000 }),
    'No segment has come for 24 s',
  ],
  ['segment-overdue', 'error', media({ registeredAtMs: NOW_MS - 30_001 }), {}, 'No segment has come for 30 s'],
  ['segment-overdue', 'error', { media: null }, { media: null, ...epoch({ startedAtMs: NOW_MS - 10_000 }) }, 'No segment came for 600 s'],
  ['intra-refresh', 'warning', media({ keyframesGoneSinceMs: 5 }), {}, 'The pictures have no keyframes (intra refresh)'],
  [
    'keyframe-interval-long',
    'warning',
    media({ keyframeIntervalMs: 8_333.3, longestKeyframeIntervalMs: 8_333.3 }),
    media({ keyframeIntervalMs: 4_000, shortestKeyframeIntervalMs: 4_000, longestKeyframeIntervalMs: 4_000 }),
    'Keyframes come every 8.3 s',
  ],
  ['keyframe-interval-long', 'error', media({ keyframeIntervalMs: 10_000 }), {}, 'Keyframes come every 10.0 s'],
  [
    'keyframes-irregular',
    'info',
    media({ shortestKeyframeIntervalMs: 400, longestKeyframeIntervalMs: 3_800 }),
    media({ shortestKeyframeIntervalMs: 1_000, longestKeyframeIntervalMs: 2_000 }),
    'Keyframes come every 0.4 to 3.8 s',
  ],
  ['frame-rate-low', 'warning', media({ frameRateFps: 23.9 }), media({ frameRateFps: 24 }), '23.9 of 30 frames a second come'],
  [
    'frame-rate-low',
    'error',
    media({ frameRateFps: 14.9 }),
    { ...media({ frameRateFps: 14.9 }), ...epoch({ declaredFrameRateFps: null }) },
    '14.9 of 30 frames a second come',
  ],
  ['frame-rate-low', 'error', live({ declaredFrameRateFps: 61 }), live({ declaredFrameRateFps: 30 }), '30 of 61 frames a second come'],
  ['bitrate-high', 'warning', media({ bitrateBps: 50_000_001 }), media({ bitrateBps: 50_000_000 }), '50.0 Mbit/s come'],
  [
    'bitrate-low',
    'info',
    media({ bitrateBps: 276_479 }),
    media({ bitrateBps: 276_480 }),
    '0.28 Mbit/s for 1280×720 at 30 frames a second come',
  ],
  [
    'sound-gone',
    'warning',
    media({ soundGoneSinceMs: NOW_MS - 12_000, hasSound: false }),
    media({ hasSound: false }),
    'No sound for 10.0 s, which there was before',
  ],
  ['profile-unplayable', 'warning', epoch({ chroma: '4:2:2' }), epoch({ chroma: null }), 'Browsers do not play H.264 in 4:2:2'],
  ['profile-unplayable', 'warning', epoch({ chroma: '4:4:4' }), epoch({ chroma: '4:0:0' }), 'Browsers do not play H.264 in 4:4:4'],
  ['profile-unplayable', 'warning', epoch({ bitDepth: 10 }), epoch({ bitDepth: 8 }), 'Browsers do not play H.264 in 4:2:0 of 10 bits'],
  [
    'codec-unplayable',
    'warning',
    epoch({ videoCodec: 'hevc', bitDepth: 10 }),
    epoch({ videoCodec: null, chroma: null, bitDepth: null }),
    'Many browsers do not play HEVC',
  ],
  [
    'gaps',
    'warning',
    { gaps: [gap({}), gap({ reason: 'packager-failed', lost10MinutesMs: 800 })] },
    { gaps: [gap({ last10Minutes: 0, since10MinutesMs: null })] },
    '2 gaps within 10 minutes (1 missing-frames, 1 packager-failed), 2.0 s long',
  ],
  [
    'gaps',
    'error',
    { gaps: [gap({ last10Minutes: 5, lost10MinutesMs: null })] },
    {},
    '5 gaps within 10 minutes (5 missing-frames), of unknown length',
  ],
  ['reconnecting', 'warning', { reconnectsLastHour: 3 }, { reconnectsLastHour: 2 }, 'The source reconnected 3 times within an hour'],
  ['reconnecting', 'error', { reconnectsLastHour: 12 }, {}, 'The source reconnected 12 times within an hour'],
  ['drift', 'warning', media({ driftMs: -2_001 }), media({ driftMs: -2_000 }), 'Media time is 2.0 s ahead of the wall clock'],
  ['drift', 'error', media({ driftMs: 10_000 }), media({ driftMs: null }), 'Media time is 10.0 s behind the wall clock'],
  ['jitter', 'warning', media({ jitterMs: 2_001 }), media({ jitterMs: 2_000 }), 'Segments come up to 2.0 s late'],
  ['jitter', 'error', media({ jitterMs: 10_000 }), media({ jitterMs: null }), 'Segments come up to 10.0 s late'],
  [
    'runs-failed',
    'warning',
    ended(ending({}), ending({ state: 'done', reason: null, count: 199 })),
    ended(ending({ state: 'done', reason: null })),
    'Less than 1 % of the runs within 2 minutes failed (acme.door: ACME_BROKEN)',
  ],
  [
    'runs-failed',
    'error',
    ended(ending({}), ending({ state: 'partial', reason: null })),
    ended(),
    '50 % of the runs within 2 minutes failed (acme.door: ACME_BROKEN)',
  ],
  [
    'runs-skipped',
    'warning',
    ended(ending({ state: 'skipped', reason: 'overload', count: 5 }), ending({ state: 'done', count: 95 })),
    ended(ending({ state: 'skipped', reason: 'overload', count: 4 }), ending({ state: 'done', count: 96 })),
    '5 % of the runs within 2 minutes were skipped (acme.door: overload)',
  ],
  [
    'runs-skipped',
    'error',
    ended(ending({ state: 'skipped', reason: 'missing', count: 1 }), ending({ state: 'skipped', reason: 'overload', count: 2 })),
    ended(ending({ state: 'skipped', reason: 'no-motion', count: 9 }), ending({ state: 'skipped', reason: 'config-changed' })),
    '100 % of the runs within 2 minutes were skipped (acme.door: overload, and 1 more)',
  ],
  [
    'analysis-lag',
    'warning',
    { analysis: someAnalysis({ waitingSinceMs: NOW_MS - 30_001 }) },
    { analysis: someAnalysis({ waitingSinceMs: NOW_MS - 30_000 }) },
    'The oldest segment waits for its analysis since 30 s',
  ],
  [
    'analysis-lag',
    'error',
    { analysis: someAnalysis({ waitingSinceMs: NOW_MS - 120_000 }) },
    { analysis: null },
    'The oldest segment waits for its analysis since 120 s',
  ],
];

describe(judgeStream.name, () => {
  it('finds nothing wrong with a stream of which all is well', () => {
    expect(judgeStream(someMeasures())).toEqual({ status: 'good', issues: [] });
  });

  it.each(CASES)('%s (%s)', (code, severity, wrong, right, reason) => {
    const verdict = judgeStream(someMeasures(wrong));
    expect(verdict.issues.map((issue) => issue.code)).toEqual([code]);
    expect(verdict.issues[0]).toMatchObject({ code, severity, reason, fix: streamCodes[code].fix });
    expect(streamCodes[code].severities as readonly string[]).toContain(severity);
    const hasData = someMeasures(wrong).epoch?.isOpen === true && someMeasures(wrong).media !== null;
    const expected = severity === 'error' ? 'bad' : hasData ? (severity === 'warning' ? 'ok' : 'good') : 'noData';
    expect(verdict.status).toBe(expected);
    expect(judgeStream(someMeasures(right)).issues.map((issue) => issue.code)).not.toContain(code);
  });

  it('has a case for every code and severity of the table', () => {
    const tried = new Set(CASES.map(([code, severity]) => `${code} ${severity}`));
    const listed = Object.entries(streamCodes).flatMap(([code, { severities }]) => severities.map((severity) => `${code} ${severity}`));
    expect(listed.filter((each) => !tried.has(each))).toEqual([]);
  });

  it('says that there is no data, and nothing of media, where nothing comes in', () => {
    const stale = { media: someMedia({ keyframeIntervalMs: 20_000, registeredAtMs: 0 }), reconnectsLastHour: 9 };
    expect(judgeStream(someMeasures({ ...closed, ...stale }))).toEqual({ status: 'noData', issues: [] });
    expect(judgeStream(someMeasures({ epoch: null, media: null, live: null, analysis: null })).status).toBe('noData');
    expect(judgeStream(someMeasures({ media: null, ...epoch({ startedAtMs: NOW_MS }) })).status).toBe('noData');
  });

  it('judges the past by what is known of it', () => {
    expect(judgeStream(someMeasures({ source: null, live: null })).status).toBe('good');
    expect(judgeStream(someMeasures({ source: null, live: null, ...media({ driftMs: 3_000 }) })).status).toBe('ok');
  });

  it('tells when it began and up to when it was looked', () => {
    const { issues } = judgeStream(
      someMeasures({ ...live({ noPictureMs: 4_000 }), ...media({ driftMs: 3_000 }), ...epoch({ chroma: '4:2:2' }) }),
    );
    expect(issues.map(({ code, sinceMs, analysedUpToMs }) => [code, sinceMs, analysedUpToMs])).toEqual([
      ['no-picture', NOW_MS - 4_500, NOW_MS - 500],
      ['profile-unplayable', BEGAN_MS, NOW_MS - 2_000],
      ['drift', NOW_MS - 62_000, NOW_MS - 2_000],
    ]);
  });

  it('tells once what both the live epoch and its segments show, and not what follows from it', () => {
    const both = { ...live({ noPictureMs: 20_000 }), ...media({ pictureGoneSinceMs: 5, registeredAtMs: NOW_MS - 20_000 }) };
    expect(judgeStream(someMeasures(both)).issues.map(({ code }) => code)).toEqual(['no-picture']);
  });
});
