import type { GapMeasures, MediaMeasures, StreamMeasures } from './stream-measures.js';
import type { Severity } from './severity.js';
import { issueOf, type HealthIssue } from './health-issue.js';

const GAPS_BAD = 5;
const RECONNECTS = 3;
const RECONNECTS_BAD = 12;
const UNEVEN_MS = 2_000;
const UNEVEN_BAD_MS = 10_000;
const OVERDUE_MS = 10_000;
const OVERDUE_SEGMENTS = 3;
const OVERDUE_BAD = 3;

/** Whether media comes without holes, in time and by one clock. */
export function judgeContinuity({ atMs, gaps, reconnectsLastHour, media }: StreamMeasures): HealthIssue[] {
  return [...missing(gaps, atMs), ...reconnects(reconnectsLastHour, atMs), ...(media === null ? [] : [...drift(media), ...jitter(media)])];
}

/** @param sinceMs when the epoch began, for one without segments */
export function judgeOverdue(media: MediaMeasures | null, sinceMs: number, atMs: number): HealthIssue[] {
  const lastMs = media?.registeredAtMs ?? sinceMs;
  const allowedMs = Math.max(OVERDUE_MS, OVERDUE_SEGMENTS * (media?.longestSegmentMs ?? 0));
  const ageMs = atMs - lastMs;
  if (ageMs <= allowedMs) return [];
  const severity = ageMs > OVERDUE_BAD * allowedMs ? 'error' : 'warning';
  const reason = `No segment ${media === null ? 'came' : 'has come'} for ${(ageMs / 1000).toFixed(0)} s`;
  return [issueOf('segment-overdue', { severity, reason, sinceMs: lastMs, analysedUpToMs: atMs })];
}

function missing(gaps: readonly GapMeasures[], atMs: number): HealthIssue[] {
  const recent = gaps.filter(({ last10Minutes }) => last10Minutes > 0);
  const count = recent.reduce((sum, gap) => sum + gap.last10Minutes, 0);
  if (count === 0) return [];
  const since = recent.flatMap(({ since10MinutesMs }) => (since10MinutesMs === null ? [] : [since10MinutesMs]));
  const lengths = recent.map(({ lost10MinutesMs }) => lost10MinutesMs);
  const lost = lengths.includes(null) ? 'of unknown length' : `${(lengths.reduce<number>((a, b) => a + b!, 0) / 1000).toFixed(1)} s long`;
  const why = recent.map(({ reason, last10Minutes }) => `${last10Minutes} ${reason}`).join(', ');
  const reason = `${count} ${count === 1 ? 'gap' : 'gaps'} within 10 minutes (${why}), ${lost}`;
  const severity = count >= GAPS_BAD ? 'error' : 'warning';
  return [issueOf('gaps', { severity, reason, sinceMs: since.length === 0 ? null : Math.min(...since), analysedUpToMs: atMs })];
}

function reconnects(count: number, atMs: number): HealthIssue[] {
  if (count < RECONNECTS) return [];
  const severity = count >= RECONNECTS_BAD ? 'error' : 'warning';
  const reason = `The source reconnected ${count} times within an hour`;
  return [issueOf('reconnecting', { severity, reason, sinceMs: null, analysedUpToMs: atMs })];
}

function drift({ driftMs, sinceMs, endsAtMs }: MediaMeasures): HealthIssue[] {
  const severity = driftMs === null ? null : unevenness(Math.abs(driftMs));
  if (driftMs === null || severity === null) return [];
  const reason = `Media time is ${(Math.abs(driftMs) / 1000).toFixed(1)} s ${driftMs > 0 ? 'behind' : 'ahead of'} the wall clock`;
  return [issueOf('drift', { severity, reason, sinceMs, analysedUpToMs: endsAtMs })];
}

function jitter({ jitterMs, sinceMs, endsAtMs }: MediaMeasures): HealthIssue[] {
  const severity = jitterMs === null ? null : unevenness(jitterMs);
  if (jitterMs === null || severity === null) return [];
  const reason = `Segments come up to ${(jitterMs / 1000).toFixed(1)} s late`;
  return [issueOf('jitter', { severity, reason, sinceMs, analysedUpToMs: endsAtMs })];
}

const unevenness = (ms: number): Severity | null => (ms >= UNEVEN_BAD_MS ? 'error' : ms > UNEVEN_MS ? 'warning' : null);
