/**
 * The shapes of REST and WebSocket, by the names of `src/core/api/wire`. The rest of the dashboard imports them from
 * here and nowhere else. Media time is `ptsUs` (microseconds of the epoch's own clock); wall time is ISO 8601 in UTC.
 */
export type StreamState = 'pending' | 'starting' | 'live' | 'retrying' | 'failed' | 'stopped';
export type RunState = 'queued' | 'running' | 'done' | 'partial' | 'skipped' | 'failed';
export type Role = 'admin' | 'viewer';

export interface EpochWire {
  id: string;
  streamId: string;
  ordinal: number;
  state: 'open' | 'closed';
  startedAt: string;
  endedAt: string | null;
  endReason: string | null;
  ptsOriginUs: number | null;
  videoCodec: string | null;
  audioCodec: string | null;
  widthPx: number | null;
  heightPx: number | null;
}

export interface StreamWire {
  id: string;
  name: string;
  title: string;
  adapterId: string;
  enabled: boolean;
  private: boolean;
  state: StreamState;
  stateDetail: string | null;
  stateAt: string;
  createdAt: string;
  epoch: EpochWire | null;
  playlistUrl: string;
}

export interface SegmentWire {
  id: string;
  streamId: string;
  epochId: string;
  sequence: number;
  state: 'ready' | 'unreadable' | 'deleted';
  url: string;
  sizeBytes: number;
  ptsStartUs: number;
  ptsEndUs: number;
  frameCount: number;
  keyframeCount: number;
  at: string;
}

export interface RunWire {
  id: string;
  segmentId: string;
  streamId: string;
  epochId: string;
  sequence: number;
  queue: string;
  analyzerId: string;
  analyzerVersion: string;
  configHash: string;
  state: RunState;
  attempt: number;
  reason: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  strategy: string | null;
  executedBy: string | null;
  framesSeen: number | null;
  framesExpected: number | null;
  resultCount: number | null;
  wallMs: number | null;
  cpuMs: number | null;
  createdAt: string;
  finishedAt: string | null;
}

/** 0..1 of the displayed frame, origin top-left. */
export interface BoxWire {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface ResultWire {
  runId: string;
  ordinal: number;
  streamId: string;
  epochId: string;
  analyzerId: string;
  ptsUs: number;
  at: string;
}

export interface DetectionWire extends ResultWire {
  label: string;
  score: number;
  box: BoxWire;
  trackId: string | null;
}

export interface MetricWire extends ResultWire {
  name: string;
  unit: string;
  value: number;
}

export interface ObservationWire extends ResultWire {
  type: string;
  data: Record<string, unknown>;
}

export interface EventWire {
  id: string;
  streamId: string;
  epochId: string;
  analyzerId: string;
  key: string;
  name: string;
  state: 'open' | 'closed';
  startPtsUs: number;
  startAt: string;
  endPtsUs: number | null;
  endAt: string | null;
  endReason: string | null;
  data: Record<string, unknown> | null;
}

export interface QueueWire {
  name: string;
  backend: 'postgres' | 'redis';
  waiting: number;
  active: number;
  delayed: number;
  failed: number;
  runsQueued: number;
  runsRunning: number;
  /** Age of the oldest segment not yet analysed, 0 when none. */
  lagMs: number;
  lastMinute: { done: number; partial: number; skipped: number; failed: number };
}

export interface PluginWire {
  id: string;
  version: string;
  use: string;
  state: 'loaded' | 'failed' | 'disabled';
  error: { code: string; message: string; fix: string | null } | null;
  analyzers: { id: string; title: string; queue: string; version: string; enabled: boolean; streams: string[] }[];
  sources: { id: string; title: string; kind: 'listener' | 'stream' }[];
  strategies: { id: string; title: string }[];
}

export interface SystemWire {
  version: string;
  status: 'ok' | 'degraded';
  problems: string[];
  instances: { id: string; role: string; host: string; pid: number; startedAt: string; heartbeatAt: string; alive: boolean }[];
  queueBackend: 'postgres' | 'redis';
  rtmpUrl: string | null;
}

export interface SessionWire {
  user: { id: string; name: string; role: Role };
  kind: 'session' | 'api';
  expiresAt: string | null;
}

export interface NewStreamKeyWire {
  id: string;
  hint: string;
  key: string;
}

export interface NewStreamWire extends StreamWire {
  sourceConfig: Record<string, unknown>;
  key: NewStreamKeyWire | null;
}

/** application/problem+json with our code and the fix. */
export interface ProblemWire {
  type: string;
  title: string;
  status: number;
  detail: string;
  code: string;
  fix?: string;
  instance?: string;
  errors?: { path: string; message: string }[];
}

export interface Page<T> {
  readonly items: T[];
  readonly next: string | null;
}

export type ServerMessage =
  | { type: 'hello'; cursor: string; serverTime: string }
  | { type: 'subscribed'; topics: string[]; cursor: string }
  | { type: 'reset'; cursor: string; reason: string }
  | { type: 'stream.changed'; cursor: string; stream: StreamWire }
  | { type: 'stream.removed'; cursor: string; streamId: string }
  | { type: 'epoch.opened'; cursor: string; epoch: EpochWire }
  | { type: 'epoch.closed'; cursor: string; epoch: EpochWire }
  | { type: 'segment.ready'; cursor: string; segment: SegmentWire }
  | {
      type: 'run.finished';
      cursor: string;
      run: RunWire;
      detections: DetectionWire[];
      metrics: MetricWire[];
      events: EventWire[];
      observations: ObservationWire[];
      truncated?: boolean;
    }
  | { type: 'cursor'; cursor: string }
  | { type: 'queues'; queues: QueueWire[] }
  | { type: 'error'; code: string; message: string; fix?: string }
  | { type: 'pong' };

export type RunFinished = Extract<ServerMessage, { type: 'run.finished' }>;

export type ClientMessage =
  | { type: 'auth'; token: string }
  | { type: 'subscribe'; topics: string[]; cursor?: string }
  | { type: 'ping' };

/** What `GET /api/streams/:id/<collection>` pages through. */
export interface StreamCollections {
  epochs: EpochWire;
  segments: SegmentWire;
  runs: RunWire;
  detections: DetectionWire;
  metrics: MetricWire;
  events: EventWire;
  observations: ObservationWire;
}
