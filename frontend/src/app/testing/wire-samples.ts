import type {
  DetectionWire,
  EpochWire,
  EventWire,
  EvidenceWire,
  MetricWire,
  ObservationWire,
  RunFinished,
  RunWire,
  SegmentWire,
  StreamHealthWire,
  StreamVerdictWire,
  StreamWire,
} from '../api/models';

/** Samples of what the server sends, for tests; each takes what the test is about. */
export const T0 = Date.parse('2026-11-23T10:00:00.000Z');
export const at = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString();

export const anEpoch = (over: Partial<EpochWire> = {}): EpochWire => ({
  id: 'epoch-1',
  streamId: 'stream-1',
  ordinal: 1,
  state: 'open',
  startedAt: at(0),
  endedAt: null,
  endReason: null,
  ptsOriginUs: 1_466_667,
  videoCodec: 'h264',
  audioCodec: 'aac',
  widthPx: 1280,
  heightPx: 720,
  ...over,
});

export const aStream = (over: Partial<StreamWire> = {}): StreamWire => ({
  id: 'stream-1',
  name: 'front-gate',
  title: 'Front gate',
  adapterId: 'rtmp',
  enabled: true,
  private: false,
  pinnedTo: null,
  node: null,
  state: 'live',
  stateDetail: null,
  stateAt: at(0),
  createdAt: at(0),
  epoch: anEpoch(),
  playlistUrl: '/streaming/stream-1/live.m3u8',
  ...over,
});

export const anIssue = (over: Partial<StreamVerdictWire['issues'][number]> = {}): StreamVerdictWire['issues'][number] => ({
  code: 'keyframe-interval-long',
  severity: 'warning',
  since: at(0),
  reason: 'Keyframes come every 8.3 s',
  fix: 'set 2 s in OBS, Settings, Output',
  analysedUpTo: at(60_000),
  ...over,
});

/** Keyframes come seldom; all else is well. */
export const aStreamHealth = (over: Partial<StreamHealthWire> = {}): StreamHealthWire => ({
  streamId: 'stream-1',
  status: 'ok',
  issues: [anIssue()],
  at: at(60_000),
  measures: {
    ...{ videoCodec: 'h264', videoProfile: 'High', chroma: '4:2:0', bitDepth: 8, playableIn: 'all', audioCodec: 'aac', hasSound: true },
    ...{ bitrateBps: 3_000_000, frameRateFps: 29.94, declaredFrameRateFps: 30, keyframeIntervalMs: 8_333 },
    ...{ shortestKeyframeIntervalMs: 8_333, longestKeyframeIntervalMs: 8_333, noPictureMs: null, noKeyframeMs: null },
    ...{ mediaUpTo: at(60_000), segmentAgeMs: 900, driftMs: null, jitterMs: 40, gapsLastHour: [], reconnectsLastHour: 0 },
    ...{
      framesLostByCause: null,
      analysedUpTo: at(58_000),
      analysisLagMs: 1_200,
      failedShare: 0,
      failures: [],
      skippedShare: 0,
      skips: [],
    },
  },
  ...over,
});

/** Two seconds, 60 frames, beginning `sequence` times two seconds into the epoch. */
export const aSegment = (sequence: number, over: Partial<SegmentWire> = {}): SegmentWire => ({
  id: String(100 + sequence),
  streamId: 'stream-1',
  epochId: 'epoch-1',
  sequence,
  state: 'ready',
  url: `/streaming/stream-1/epoch-1/${String(sequence).padStart(6, '0')}.ts`,
  sizeBytes: 100_000,
  ptsStartUs: 1_466_667 + sequence * 2_000_000,
  ptsEndUs: 1_466_667 + (sequence + 1) * 2_000_000,
  frameCount: 60,
  keyframeCount: 1,
  at: at(sequence * 2_000),
  ...over,
});

export const aRun = (sequence: number, over: Partial<RunWire> = {}): RunWire => ({
  id: `run-${sequence}-${over.analyzerId ?? 'objects'}`,
  segmentId: String(100 + sequence),
  streamId: 'stream-1',
  epochId: 'epoch-1',
  sequence,
  queue: 'default',
  analyzerId: 'objects',
  analyzerVersion: '1.0.0',
  configHash: 'c',
  state: 'done',
  attempt: 1,
  reason: null,
  errorCode: null,
  errorMessage: null,
  strategy: 'local',
  strategyReason: 'preferred',
  executedBy: 'host',
  framesSeen: 10,
  framesExpected: 10,
  resultCount: 0,
  wallMs: 10,
  cpuMs: 10,
  decodeCpuMs: 2,
  cost: null,
  createdAt: at(sequence * 2_000),
  finishedAt: at(sequence * 2_000 + 900),
  ...over,
});

const result = { streamId: 'stream-1', epochId: 'epoch-1', runId: 'run-0-objects', ordinal: 0, analyzerId: 'objects' };

export const aDetection = (ptsUs: number, over: Partial<DetectionWire> = {}): DetectionWire => ({
  ...result,
  ptsUs,
  at: at(ptsUs / 1000),
  label: 'car',
  score: 0.9,
  box: { x: 0.1, y: 0.2, width: 0.3, height: 0.4 },
  trackId: null,
  attributes: null,
  ...over,
});

export const aMetric = (atMs: number, value: number, over: Partial<MetricWire> = {}): MetricWire => ({
  ...result,
  ptsUs: atMs * 1000,
  at: at(atMs),
  name: 'brightness',
  unit: '0..1',
  value,
  ...over,
});

export const anObservation = (atMs: number, over: Partial<ObservationWire> = {}): ObservationWire => ({
  ...result,
  ptsUs: atMs * 1000,
  at: at(atMs),
  type: 'classification',
  data: {},
  ...over,
});

export const anEvent = (id: number, over: Partial<EventWire> = {}): EventWire => ({
  id: String(id),
  streamId: 'stream-1',
  epochId: 'epoch-1',
  analyzerId: 'picture',
  key: `black-${id}`,
  name: 'black',
  state: 'open',
  startPtsUs: id * 1_000_000,
  startAt: at(id * 1_000),
  endPtsUs: null,
  endAt: null,
  endReason: null,
  data: null,
  evidence: null,
  ...over,
});

export const someEvidence = (over: Partial<EvidenceWire> = {}): EvidenceWire => ({
  eventId: '1',
  url: '/api/events/1/evidence?ptsUs=1000000',
  ptsUs: 1_000_000,
  rank: 0.5,
  box: { x: 0.4, y: 0.4, width: 0.2, height: 0.1 },
  region: { x: 0.3, y: 0.3, width: 0.4, height: 0.4 },
  widthPx: 480,
  heightPx: 270,
  ...over,
});

export const finished = (run: RunWire, over: Partial<RunFinished> = {}): RunFinished => ({
  type: 'run.finished',
  cursor: '1.1',
  run,
  detections: [],
  metrics: [],
  events: [],
  observations: [],
  truncated: false,
  ...over,
});
