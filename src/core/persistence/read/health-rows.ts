import type { ChromaFormat } from '../../decode/codec/index.js';
import type { LedgerSegment } from '../../health/segment-measures.js';
import type { EpochMeasures, GapMeasures, LiveMeasures, RunEndings, StreamMeasures } from '../../health/stream-measures.js';
import type { SourceState } from '../../plugin-api/index.js';

/** What the statements of a stream's health give, and what of it is measured. */
export interface OfStream {
  readonly stream_id: string;
}

export interface StreamRow {
  readonly id: string;
  readonly at_ms: number;
  readonly enabled: boolean;
  readonly state: SourceState;
  readonly state_at_ms: number;
  readonly silent_since_ms: number | null;
  readonly epoch_id: string | null;
  readonly epoch_open: boolean | null;
  readonly epoch_started_at_ms: number | null;
  readonly video_codec: string | null;
  readonly audio_codec: string | null;
  readonly width_px: number | null;
  readonly height_px: number | null;
  readonly video_profile_idc: number | null;
  readonly chroma: ChromaFormat | null;
  readonly bit_depth: number | null;
  readonly declared_fps: number | null;
  readonly live: LiveMeasures | null;
  readonly live_at_ms: number | null;
}

export const sourceFromRow = (row: StreamRow): NonNullable<StreamMeasures['source']> => ({
  isEnabled: row.enabled,
  state: row.state,
  stateAtMs: row.state_at_ms,
  silentSinceMs: row.silent_since_ms,
});

export function epochFromRow(row: StreamRow): EpochMeasures | null {
  if (row.epoch_started_at_ms === null) return null;
  return {
    isOpen: row.epoch_open === true,
    startedAtMs: row.epoch_started_at_ms,
    videoCodec: row.video_codec,
    audioCodec: row.audio_codec,
    widthPx: row.width_px,
    heightPx: row.height_px,
    profileIdc: row.video_profile_idc,
    chroma: row.chroma,
    bitDepth: row.bit_depth,
    declaredFrameRateFps: row.declared_fps,
  };
}

export interface SegmentRow extends OfStream {
  readonly sequence: number;
  readonly state: LedgerSegment['state'];
  readonly error: string | null;
  readonly at_ms: number;
  readonly duration_ms: number;
  readonly size_bytes: number;
  readonly frame_count: number;
  readonly keyframe_count: number;
  readonly first_keyframe_ms: number | null;
  readonly last_keyframe_ms: number | null;
  readonly has_sound: boolean | null;
  readonly registered_at_ms: number;
}

export const segmentFromRow = (row: SegmentRow): LedgerSegment => ({
  sequence: row.sequence,
  state: row.state,
  error: row.error,
  atMs: row.at_ms,
  durationMs: row.duration_ms,
  sizeBytes: row.size_bytes,
  frameCount: row.frame_count,
  keyframeCount: row.keyframe_count,
  firstKeyframeMs: row.first_keyframe_ms,
  lastKeyframeMs: row.last_keyframe_ms,
  hasSound: row.has_sound,
  registeredAtMs: row.registered_at_ms,
});

export interface LatenessRow extends OfStream {
  readonly late_ms: number;
}

export interface GapRow extends OfStream {
  readonly reason: string;
  readonly last_hour: number;
  readonly last_10_minutes: number;
  readonly since_ms: number | null;
  readonly lost_ms: number | null;
}

export const gapFromRow = (row: GapRow): GapMeasures => ({
  reason: row.reason,
  lastHour: row.last_hour,
  last10Minutes: row.last_10_minutes,
  since10MinutesMs: row.since_ms,
  lost10MinutesMs: row.lost_ms,
});

export interface ReconnectRow extends OfStream {
  readonly reconnects: number;
}

export interface WaitingRow extends OfStream {
  readonly since_ms: number;
  readonly at_ms: number;
}

export interface EndingRow extends OfStream {
  readonly analyzer_id: string;
  readonly state: RunEndings['state'];
  readonly reason: string | null;
  readonly count: number;
  readonly first_at_ms: number;
}

export const endingFromRow = (row: EndingRow): RunEndings => ({
  analyzerId: row.analyzer_id,
  state: row.state,
  reason: row.reason,
  count: row.count,
  firstAtMs: row.first_at_ms,
});
