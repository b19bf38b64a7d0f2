import { Box, type Box01 } from '../box.js';
import type { JsonValue } from '../json.js';
import type { DetectionResult } from '../result.js';
import type { PtsUs } from '../time.js';
import type { TrackingSpec } from './tracking-spec.js';
import { bestMatching, type Pair } from './assignment.js';
import { corrected, expectedBox, firstSeen, type Motion, predicted, uncertainty, widened } from './motion-model.js';
import { memoryFromJson, memoryToJson, type Track, type TrackerMemory } from './track.js';

/** Most tracks at a time, which keeps the state below 48 kB; the track that was unseen for longest is dropped for a new one. */
export const MAX_LIVE_TRACKS = 256;
/** Most detections of one frame that get a track; those of the lowest score get none. */
const MAX_DETECTIONS = 512;
/** Matches at exactly the least overlap are worth this little more than none. */
const BARELY = 1e-9;

/** What the tracker needs of a detection. */
export type Trackable = Pick<DetectionResult, 'label' | 'score' | 'box'>;

export interface TrackerOptions {
  /** The result of {@link Tracker.state} after an earlier frame. Any other value starts a new tracker. */
  readonly state?: JsonValue | undefined;
  /** Prefix of the ids of a new tracker, for an epoch in which another tracker may have started before. */
  readonly idPrefix?: string;
}

/**
 * Follows objects from frame to frame, after ByteTrack (Zhang et al., ECCV 2022), without pictures: boxes of high score are
 * matched with all tracks first; then those of low score may continue a track that was seen in the frame before, which carries
 * it through an occlusion; what is left of the high ones begins a new track. Matching is optimal by overlap with where a Kalman
 * filter expects the object, and within a label only. Frames may be any time apart; they must come in pts order.
 *
 * One thing is added for low frame rates: before a new track begins, tracks and high boxes that are left are matched once more with
 * margins as wide as the filter is uncertain. Without it, an object that moves by its own size between frames never gets a speed.
 *
 * Deterministic: a tracker that continues from its state gives the same results as one that never stopped. Pure: no clock, no input but
 * its arguments.
 * @example
 * const tracker = new Tracker(spec, { state: checkpoint });
 * const ids = tracker.update(frame.ptsUs, detections); // one per detection, undefined where it belongs to no track
 * const next = tracker.state();
 */
export class Tracker {
  private readonly memory: TrackerMemory;

  constructor(
    private readonly spec: TrackingSpec,
    options: TrackerOptions = {},
  ) {
    this.memory = memoryFromJson(options.state, MAX_LIVE_TRACKS) ?? {
      idPrefix: options.idPrefix ?? '',
      nextNumber: 1,
      lastPtsUs: null,
      tracks: [],
    };
  }

  /** Tracks that have not ended, with those that the last frame did not show. */
  get liveCount(): number {
    return this.memory.tracks.length;
  }

  /**
   * Takes the detections of one frame. A frame at or before the last one is left untracked.
   * @returns the track's id for each detection, undefined where it belongs to none (yet)
   */
  update(ptsUs: PtsUs, detections: readonly Trackable[]): (string | undefined)[] {
    const ids: (string | undefined)[] = detections.map(() => undefined);
    const { memory, spec } = this;
    if (memory.lastPtsUs !== null && ptsUs <= memory.lastPtsUs) return ids;
    memory.lastPtsUs = ptsUs;
    memory.tracks = memory.tracks.filter((track) => ptsUs - track.lastPtsUs <= spec.maxGapMs * 1_000);
    const seen = usableOf(detections, spec.continueScore);
    const { tracks } = memory;
    const expected = tracks.map((track) => predicted(track.motion, (ptsUs - track.lastPtsUs) / 1e6));
    const rows: (number | undefined)[] = tracks.map(() => undefined);
    const columns: (number | undefined)[] = seen.map(() => undefined);
    const isHigh = (column: number): boolean => seen[column]!.score >= spec.startScore;
    const associate = (pairs: readonly Pair[], mayMatch: (track: Track, column: number) => boolean): void => {
      const open = pairs.filter(
        ({ row, column }) => rows[row] === undefined && columns[column] === undefined && mayMatch(tracks[row]!, column),
      );
      for (const { row, column } of bestMatching(open)) [rows[row], columns[column]] = [column, row];
    };
    const near = nearPairs(tracks, expected, seen, spec.minIou);
    associate(near, ({ number }, column) => number > 0 && isHigh(column));
    associate(near, ({ number, isSeen }, column) => number > 0 && isSeen && !isHigh(column));
    associate(near, ({ number }, column) => number === 0 && isHigh(column));
    const left = seen.map((_, column) => column).filter((column) => columns[column] === undefined && isHigh(column));
    if (left.length > 0) associate(widePairs(tracks, expected, seen, left, rows, spec.minIou), () => true);
    tracks.forEach((track, row) => {
      const column = rows[row];
      track.isSeen = column !== undefined;
      if (column === undefined) return;
      track.motion = corrected(expected[row]!, seen[column]!.box);
      track.lastPtsUs = ptsUs;
      track.hits++;
      if (track.number === 0 && track.hits >= spec.minHits) track.number = memory.nextNumber++;
      if (track.number > 0) ids[seen[column]!.index] = this.idOf(track);
    });
    // A tentative track that is missed once was a false alarm.
    memory.tracks = tracks.filter(({ number, isSeen }) => number > 0 || isSeen);
    for (const column of left) if (columns[column] === undefined) this.begin(seen[column]!, ptsUs, ids);
    return ids;
  }

  /** JSON of less than 48 kB; a tracker made from it continues exactly as this one would. */
  state(): JsonValue {
    return memoryToJson(this.memory);
  }

  private begin({ label, box, index }: Usable, ptsUs: PtsUs, ids: (string | undefined)[]): void {
    const { memory, spec } = this;
    if (!this.makeRoom()) return;
    const track: Track = { number: 0, label, hits: 1, isSeen: true, lastPtsUs: ptsUs, motion: firstSeen(box) };
    if (spec.minHits <= 1) track.number = memory.nextNumber++;
    memory.tracks.push(track);
    if (track.number > 0) ids[index] = this.idOf(track);
  }

  private idOf(track: Track): string {
    return `${this.memory.idPrefix}${track.number}`;
  }

  /** @returns false when every track was seen in this very frame */
  private makeRoom(): boolean {
    const { tracks } = this.memory;
    if (tracks.length < MAX_LIVE_TRACKS) return true;
    let oldest = -1;
    tracks.forEach((track, index) => {
      if (!track.isSeen && (oldest < 0 || track.lastPtsUs < tracks[oldest]!.lastPtsUs)) oldest = index;
    });
    if (oldest >= 0) tracks.splice(oldest, 1);
    return oldest >= 0;
  }
}

interface Usable {
  readonly index: number;
  readonly label: string;
  readonly score: number;
  readonly box: Box01;
}

/** Results are checked elsewhere: the tracker skips what is no valid box. */
function usableOf(detections: readonly Trackable[], continueScore: number): Usable[] {
  const usable: Usable[] = [];
  detections.forEach(({ label, score, box }, index) => {
    const sound = box.width > 0 && box.height > 0 && Number.isFinite(box.x + box.y + box.width + box.height);
    if (sound && score >= continueScore) usable.push({ index, label: labelKey(label), score, box });
  });
  if (usable.length <= MAX_DETECTIONS) return usable;
  return usable
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, MAX_DETECTIONS)
    .sort((a, b) => a.index - b.index);
}

/** Which track may be which detection: every two of one label that overlap enough. */
function nearPairs(tracks: readonly Track[], expected: readonly Motion[], seen: readonly Usable[], minIou: number): Pair[] {
  const pairs: Pair[] = [];
  for (let row = 0; row < tracks.length; row++) {
    const { label } = tracks[row]!;
    const { centreX, centreY, width, height } = expected[row]!;
    const [x0, y0] = [centreX - width / 2, centreY - height / 2];
    for (let column = 0; column < seen.length; column++) {
      const { box, label: seenLabel } = seen[column]!;
      const overlapX = Math.min(x0 + width, box.x + box.width) - Math.max(x0, box.x);
      // Most boxes are nowhere near each other.
      if (overlapX <= 0) continue;
      const overlapY = Math.min(y0 + height, box.y + box.height) - Math.max(y0, box.y);
      if (overlapY <= 0 || label !== seenLabel) continue;
      const common = overlapX * overlapY;
      const iou = common / (width * height + box.width * box.height - common);
      if (iou >= minIou) pairs.push({ row, column, worth: iou - minIou + BARELY });
    }
  }
  return pairs;
}

/** The same for what is left, with margins as wide as the filter is uncertain. */
function widePairs(
  tracks: readonly Track[],
  expected: readonly Motion[],
  seen: readonly Usable[],
  left: readonly number[],
  rows: readonly (number | undefined)[],
  minIou: number,
): Pair[] {
  return tracks.flatMap(({ label }, row) => {
    if (rows[row] !== undefined) return [];
    const margin = uncertainty(expected[row]!);
    const wide = widened(expectedBox(expected[row]!), margin);
    return left.flatMap((column) => {
      const iou = label === seen[column]!.label ? Box.iou(wide, widened(seen[column]!.box, margin)) : 0;
      return iou > 0 && iou >= minIou ? [{ row, column, worth: iou - minIou + BARELY }] : [];
    });
  });
}

/** Labels can be as long as names; a track stores only as much of a label as distinguishes it from others. */
function labelKey(label: string): string {
  if (/^[\w .:/-]{1,32}$/.test(label)) return label;
  let [a, b] = [0x811c9dc5, 0x1b873593];
  for (let index = 0; index < label.length; index++) {
    a = Math.imul(a ^ label.charCodeAt(index), 0x01000193);
    b = Math.imul(b ^ label.charCodeAt(index), 0x85ebca6b) + index;
  }
  return `#${(a >>> 0).toString(16)}${(b >>> 0).toString(16)}`;
}
