import type { LedgerSegment } from '../segment-measures.js';
import type { AnalysisMeasures, EpochMeasures, MediaMeasures, StreamMeasures } from '../stream-measures.js';

/** The moment at which samples are judged, and when their epoch began. */
export const NOW_MS = Date.parse('2026-11-23T10:10:00.000Z');
export const BEGAN_MS = NOW_MS - 600_000;

/** 720p30 in 4:2:0 of which all is well. */
export const anEpochOf = (over: Partial<EpochMeasures> = {}): EpochMeasures => ({
  isOpen: true,
  startedAtMs: BEGAN_MS,
  videoCodec: 'h264',
  audioCodec: 'aac',
  widthPx: 1280,
  heightPx: 720,
  profileIdc: 100,
  chroma: '4:2:0',
  bitDepth: 8,
  declaredFrameRateFps: 30,
  ...over,
});

export const someMedia = (over: Partial<MediaMeasures> = {}): MediaMeasures => ({
  sinceMs: NOW_MS - 62_000,
  endsAtMs: NOW_MS - 2_000,
  registeredAtMs: NOW_MS - 1_900,
  longestSegmentMs: 2_000,
  bitrateBps: 3_000_000,
  frameRateFps: 30,
  keyframeIntervalMs: 2_000,
  shortestKeyframeIntervalMs: 2_000,
  longestKeyframeIntervalMs: 2_000,
  hasSound: true,
  soundGoneSinceMs: null,
  pictureGoneSinceMs: null,
  keyframesGoneSinceMs: null,
  unreadable: null,
  driftMs: 20,
  jitterMs: 40,
  ...over,
});

export const someAnalysis = (over: Partial<AnalysisMeasures> = {}): AnalysisMeasures => ({
  upToMs: NOW_MS - 4_000,
  waitingSinceMs: NOW_MS - 1_000,
  endings: [{ analyzerId: 'acme.door', state: 'done', reason: null, count: 60, firstAtMs: NOW_MS - 119_000 }],
  ...over,
});

export const someMeasures = (over: Partial<StreamMeasures> = {}): StreamMeasures => ({
  atMs: NOW_MS,
  source: { isEnabled: true, state: 'live', stateAtMs: BEGAN_MS, silentSinceMs: null },
  epoch: anEpochOf(),
  media: someMedia(),
  live: {
    measures: { noPictureMs: null, noKeyframeMs: null, writeFault: null, declaredFrameRateFps: null, framesLostByCause: null },
    atMs: NOW_MS - 500,
  },
  gaps: [],
  reconnectsLastHour: 0,
  analysis: someAnalysis(),
  ...over,
});

/** Two seconds of 30 frames a second in half a megabyte, registered 100 ms after its end. */
export function aLedgerSegment(sequence: number, over: Partial<LedgerSegment> = {}): LedgerSegment {
  const atMs = BEGAN_MS + sequence * 2_000;
  return {
    sequence,
    state: 'ready',
    error: null,
    atMs,
    durationMs: 2_000,
    sizeBytes: 500_000,
    frameCount: 60,
    keyframeCount: 1,
    firstKeyframeMs: 0,
    lastKeyframeMs: 0,
    hasSound: true,
    registeredAtMs: atMs + 2_100,
    ...over,
  };
}
