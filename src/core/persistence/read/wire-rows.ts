import type { DetectionWire, EpochWire, EventWire, MetricWire, ObservationWire, RunWire, SegmentWire } from '../../wire/wire.js';
import { evidenceFromRow, evidenceValue, type EvidenceRow } from './evidence-rows.js';

/** Rows as PostgreSQL gives them: bigint as text, timestamptz as Date. Each SELECT list stands beside its mapping. */
export interface EpochRow {
  id: string;
  stream_id: string;
  ordinal: number;
  state: 'open' | 'closed';
  started_at: Date;
  ended_at: Date | null;
  end_reason: string | null;
  pts_origin_us: string | null;
  video_codec: string | null;
  audio_codec: string | null;
  width_px: number | null;
  height_px: number | null;
}

export const epochColumns = `e.id, e.stream_id, e.ordinal, e.state, e.started_at, e.ended_at, e.end_reason, e.pts_origin_us,
  e.video_codec, e.audio_codec, e.width_px, e.height_px`;

export function epochFromRow(row: EpochRow): EpochWire {
  return {
    id: row.id,
    streamId: row.stream_id,
    ordinal: row.ordinal,
    state: row.state,
    startedAt: row.started_at.toISOString(),
    endedAt: isoOrNull(row.ended_at),
    endReason: row.end_reason,
    ptsOriginUs: numberOrNull(row.pts_origin_us),
    videoCodec: row.video_codec,
    audioCodec: row.audio_codec,
    widthPx: row.width_px,
    heightPx: row.height_px,
  };
}

export interface SegmentRow {
  id: string;
  stream_id: string;
  epoch_id: string;
  sequence: number;
  state: SegmentWire['state'];
  path: string;
  size_bytes: string;
  pts_start_us: string;
  pts_end_us: string;
  frame_count: number;
  keyframe_count: number;
  at: Date;
  at_us: string;
}

export const segmentColumns = `s.id, s.stream_id, s.epoch_id, s.sequence, s.state, s.path, s.size_bytes, s.pts_start_us, s.pts_end_us,
  s.frame_count, cardinality(s.keyframe_pts_us) AS keyframe_count, s.at, (extract(epoch FROM s.at) * 1000000)::bigint AS at_us`;

export function segmentFromRow(row: SegmentRow): SegmentWire {
  return {
    id: row.id,
    streamId: row.stream_id,
    epochId: row.epoch_id,
    sequence: row.sequence,
    state: row.state,
    url: `/streaming/${row.path}`,
    sizeBytes: Number(row.size_bytes),
    ptsStartUs: Number(row.pts_start_us),
    ptsEndUs: Number(row.pts_end_us),
    frameCount: row.frame_count,
    keyframeCount: row.keyframe_count,
    at: row.at.toISOString(),
  };
}

export interface RunRow {
  id: string;
  segment_id: string;
  stream_id: string;
  epoch_id: string;
  sequence: number;
  queue: string;
  analyzer_id: string;
  analyzer_version: string;
  config_hash: string;
  state: RunWire['state'];
  attempt: number;
  reason: string | null;
  error_code: string | null;
  error_message: string | null;
  strategy: string | null;
  strategy_reason: string | null;
  executed_by: string | null;
  frames_seen: number | null;
  frames_expected: number | null;
  result_count: number | null;
  wall_ms: number | null;
  cpu_ms: number | null;
  decode_cpu_ms: number | null;
  cost: number | null;
  created_at: Date;
  finished_at: Date | null;
}

export const runColumns = `r.id, r.segment_id, r.stream_id, r.epoch_id, r.sequence, r.queue, r.analyzer_id, r.analyzer_version,
  r.config_hash, r.state, r.attempt, r.reason, r.error_code, r.error_message, r.strategy, r.strategy_reason, r.executed_by, r.frames_seen,
  r.frames_expected, r.result_count, r.wall_ms, r.cpu_ms, r.decode_cpu_ms, r.cost, r.created_at, r.finished_at`;

export function runFromRow(row: RunRow): RunWire {
  return {
    id: row.id,
    segmentId: row.segment_id,
    streamId: row.stream_id,
    epochId: row.epoch_id,
    sequence: row.sequence,
    queue: row.queue,
    analyzerId: row.analyzer_id,
    analyzerVersion: row.analyzer_version,
    configHash: row.config_hash,
    state: row.state,
    attempt: row.attempt,
    reason: row.reason,
    errorCode: row.error_code,
    errorMessage: row.error_message,
    strategy: row.strategy,
    strategyReason: row.strategy_reason,
    executedBy: row.executed_by,
    framesSeen: row.frames_seen,
    framesExpected: row.frames_expected,
    resultCount: row.result_count,
    wallMs: row.wall_ms,
    cpuMs: row.cpu_ms,
    decodeCpuMs: row.decode_cpu_ms,
    cost: row.cost,
    createdAt: row.created_at.toISOString(),
    finishedAt: isoOrNull(row.finished_at),
  };
}

/** What detections, metrics and observations have in common. */
export interface ResultRow {
  run_id: string;
  ordinal: number;
  stream_id: string;
  epoch_id: string;
  analyzer_id: string;
  pts_us: string;
  at: Date;
  at_us: string;
}

const resultColumns = `t.run_id, t.ordinal, t.stream_id, t.epoch_id, t.analyzer_id, t.pts_us, t.at,
  (extract(epoch FROM t.at) * 1000000)::bigint AS at_us`;

export function resultFields(row: ResultRow) {
  return {
    runId: row.run_id,
    ordinal: row.ordinal,
    streamId: row.stream_id,
    epochId: row.epoch_id,
    analyzerId: row.analyzer_id,
    ptsUs: Number(row.pts_us),
    at: row.at.toISOString(),
  };
}

export interface DetectionRow extends ResultRow {
  label: string;
  score: number;
  x: number;
  y: number;
  width: number;
  height: number;
  track_id: string | null;
  attributes: Record<string, unknown> | null;
}
export const detectionColumns = `${resultColumns}, t.label, t.score, t.x, t.y, t.width, t.height, t.track_id, t.attributes`;
export function detectionFromRow(row: DetectionRow): DetectionWire {
  return {
    ...resultFields(row),
    label: row.label,
    score: row.score,
    box: { x: row.x, y: row.y, width: row.width, height: row.height },
    trackId: row.track_id,
    attributes: row.attributes,
  };
}

export interface MetricRow extends ResultRow {
  name: string;
  unit: string;
  value: number;
}
export const metricColumns = `${resultColumns}, t.name, t.unit, t.value`;
export function metricFromRow(row: MetricRow): MetricWire {
  return { ...resultFields(row), name: row.name, unit: row.unit, value: row.value };
}

export interface ObservationRow extends ResultRow {
  type: string;
  data: Record<string, unknown>;
}
export const observationColumns = `${resultColumns}, t.type, t.data`;
export function observationFromRow(row: ObservationRow): ObservationWire {
  return { ...resultFields(row), type: row.type, data: row.data };
}

export interface EventRow {
  id: string;
  stream_id: string;
  epoch_id: string;
  analyzer_id: string;
  key: string;
  name: string;
  state: 'open' | 'closed';
  start_pts_us: string;
  start_at: Date;
  end_pts_us: string | null;
  end_at: Date | null;
  end_reason: string | null;
  data: Record<string, unknown> | null;
  evidence: EvidenceRow | null;
  last_run_id: string;
  at_us: string;
}
export const eventColumns = `v.id, v.stream_id, v.epoch_id, v.analyzer_id, v.key, v.name, v.state, v.start_pts_us, v.start_at,
  v.end_pts_us, v.end_at, v.end_reason, v.data,
  (SELECT ${evidenceValue} FROM evidence k WHERE k.event_id = v.id) AS evidence, v.last_run_id,
  (extract(epoch FROM v.start_at) * 1000000)::bigint AS at_us`;
export function eventFromRow(row: EventRow): EventWire {
  return {
    id: row.id,
    streamId: row.stream_id,
    epochId: row.epoch_id,
    analyzerId: row.analyzer_id,
    key: row.key,
    name: row.name,
    state: row.state,
    startPtsUs: Number(row.start_pts_us),
    startAt: row.start_at.toISOString(),
    endPtsUs: numberOrNull(row.end_pts_us),
    endAt: isoOrNull(row.end_at),
    endReason: row.end_reason,
    data: row.data,
    evidence: row.evidence && evidenceFromRow(row.id, row.evidence),
  };
}

export const isoOrNull = (value: Date | null): string | null => value?.toISOString() ?? null;
const numberOrNull = (value: string | null): number | null => (value === null ? null : Number(value));
