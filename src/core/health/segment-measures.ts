import type { MediaMeasures } from './stream-measures.js';

/** A segment as the ledger has it. */
export interface LedgerSegment {
  readonly sequence: number;
  readonly state: 'ready' | 'unreadable' | 'deleted';
  readonly error: string | null;
  /** Wall clock at its beginning, by its media time. */
  readonly atMs: number;
  readonly durationMs: number;
  readonly sizeBytes: number;
  readonly frameCount: number;
  readonly keyframeCount: number;
  /** From the segment's beginning; null without keyframes. */
  readonly firstKeyframeMs: number | null;
  readonly lastKeyframeMs: number | null;
  /** Null: nobody looked. */
  readonly hasSound: boolean | null;
  readonly registeredAtMs: number;
}

/** Measures go back so far, but over three segments at least. */
const WINDOW_MS = 60_000;
const LEAST_SEGMENTS = 3;
/** Of fewer, one late segment would be a tenth. */
const JITTER_SEGMENTS = 5;
const JITTER_PERCENTILE = 0.9;
/** Over less, jitter would pass for drift. */
const DRIFT_OVER_MS = 120_000;

/** What is known of the segments' epoch from its beginning. */
export interface EpochBeginning {
  readonly startedAtMs: number;
  /** How late, by its own clock, the promptest of its first segments came; null: not known. */
  readonly firstLatenessMs: number | null;
  readonly hadPicture: boolean;
  readonly hadSound: boolean;
}

/**
 * What the newest segments of one epoch show.
 * @param segments ascending, the newest last
 * @returns null without segments
 */
export function measureSegments(segments: readonly LedgerSegment[], epoch: EpochBeginning): MediaMeasures | null {
  const window = newest(segments);
  const [oldest, last] = [window[0], window.at(-1)];
  if (oldest === undefined || last === undefined) return null;
  const ready = window.filter(({ state, durationMs }) => state !== 'unreadable' && durationMs > 0);
  const lengthMs = sum(ready, ({ durationMs }) => durationMs);
  const pictures = ready.filter(({ frameCount }) => frameCount > 0);
  const isWhole = oldest.sequence === 0;
  return {
    sinceMs: isWhole ? epoch.startedAtMs : oldest.atMs,
    endsAtMs: endOf(ready.at(-1) ?? last),
    registeredAtMs: last.registeredAtMs,
    longestSegmentMs: Math.max(0, ...ready.map(({ durationMs }) => durationMs)),
    bitrateBps: lengthMs === 0 ? null : (sum(ready, ({ sizeBytes }) => sizeBytes) * 8000) / lengthMs,
    frameRateFps:
      pictures.length === 0 ? null : (sum(pictures, ({ frameCount }) => frameCount) * 1000) / sum(pictures, ({ durationMs }) => durationMs),
    ...keyframeIntervals(ready),
    hasSound: ready.at(-1)?.hasSound ?? null,
    soundGoneSinceMs:
      epoch.hadSound || ready.some(({ hasSound }) => hasSound === true) ? trailingSince(ready, ({ hasSound }) => hasSound === false) : null,
    pictureGoneSinceMs: epoch.hadPicture || pictures.length > 0 ? trailingSince(ready, ({ frameCount }) => frameCount === 0) : null,
    keyframesGoneSinceMs: trailingSince(pictures, ({ keyframeCount }) => keyframeCount === 0),
    unreadable: unreadableOf(window),
    ...lateness(ready, endOf(last) - epoch.startedAtMs, epoch.firstLatenessMs),
  };
}

function newest(segments: readonly LedgerSegment[]): readonly LedgerSegment[] {
  const last = segments.at(-1);
  if (last === undefined) return [];
  const from = segments.findIndex((segment) => endOf(segment) > endOf(last) - WINDOW_MS);
  return segments.slice(Math.max(0, Math.min(from, segments.length - LEAST_SEGMENTS)));
}

/** Between neighbours only: over a hole in the sequence nothing is known. */
function keyframeIntervals(
  segments: readonly LedgerSegment[],
): Pick<MediaMeasures, 'keyframeIntervalMs' | 'shortestKeyframeIntervalMs' | 'longestKeyframeIntervalMs'> {
  const intervals: { ms: number; count: number }[] = [];
  let before: { sequence: number; atMs: number } | undefined;
  for (const { sequence, atMs, keyframeCount, firstKeyframeMs, lastKeyframeMs } of segments) {
    if (firstKeyframeMs === null || lastKeyframeMs === null) continue;
    if (before?.sequence === sequence - 1) intervals.push({ ms: atMs + firstKeyframeMs - before.atMs, count: 1 });
    if (keyframeCount > 1) intervals.push({ ms: (lastKeyframeMs - firstKeyframeMs) / (keyframeCount - 1), count: keyframeCount - 1 });
    before = { sequence, atMs: atMs + lastKeyframeMs };
  }
  if (intervals.length === 0) return { keyframeIntervalMs: null, shortestKeyframeIntervalMs: null, longestKeyframeIntervalMs: null };
  const lengths = intervals.map(({ ms }) => ms);
  return {
    keyframeIntervalMs: sum(intervals, ({ ms, count }) => ms * count) / sum(intervals, ({ count }) => count),
    shortestKeyframeIntervalMs: Math.min(...lengths),
    longestKeyframeIntervalMs: Math.max(...lengths),
  };
}

/** When the last segments in a row began of which it holds; null: of the newest it does not. */
function trailingSince(segments: readonly LedgerSegment[], holds: (segment: LedgerSegment) => boolean): number | null {
  return segments[segments.findLastIndex((segment) => !holds(segment)) + 1]?.atMs ?? null;
}

function unreadableOf(segments: readonly LedgerSegment[]): MediaMeasures['unreadable'] {
  const found = segments.findLast(({ state }) => state === 'unreadable');
  if (found === undefined) return null;
  const { sequence, error, atMs } = found;
  return { sequence, error: error ?? 'unknown', atMs, isNewest: found === segments.at(-1) };
}

/** How late a segment came is counted from its own end: what matters is how that changes. */
function lateness(
  segments: readonly LedgerSegment[],
  epochMs: number,
  firstMs: number | null,
): Pick<MediaMeasures, 'driftMs' | 'jitterMs'> {
  const late = segments.map((segment) => segment.registeredAtMs - endOf(segment)).sort((a, b) => a - b);
  const least = late[0];
  if (least === undefined) return { driftMs: null, jitterMs: null };
  return {
    driftMs: firstMs === null || epochMs < DRIFT_OVER_MS ? null : least - firstMs,
    jitterMs: late.length < JITTER_SEGMENTS ? null : late[Math.ceil(late.length * JITTER_PERCENTILE) - 1]! - least,
  };
}

const endOf = ({ atMs, durationMs }: LedgerSegment): number => atMs + durationMs;
const sum = <T>(items: readonly T[], of: (item: T) => number): number => items.reduce((total, item) => total + of(item), 0);
