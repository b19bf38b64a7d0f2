import type { DetectionWire } from '../api/models';
import { bridged, onTheirWay, trailOf, type Sample, type ShownDetection, type TrailPoint } from './boxes-between';

interface GrowingSample extends Sample {
  readonly detections: Map<string, DetectionWire>;
}

interface Track {
  /** By pts. */
  readonly samples: GrowingSample[];
  /** The latest distances between neighbouring samples, a ring. */
  readonly gapsUs: number[];
  gapsSeen: number;
  /** How long a sample is held: until its successor is due. */
  holdUs: number;
}

/** What to draw of one analyzer over one displayed frame. */
export interface Shown {
  readonly analyzerId: string;
  /** The analysed frame the boxes belong to. */
  readonly ptsUs: number;
  /** True when that is the very frame displayed. */
  readonly exact: boolean;
  /** How old the sample is, 0 (exact) to 1 (its successor is due). */
  readonly age: number;
  readonly detections: readonly ShownDetection[];
}

/**
 * The same frame has the same pts on both sides: what differs is a rounding of at most some microseconds. One
 * millisecond is far above that and far below any distance between frames.
 */
export const SAME_FRAME_US = 1_000;
/** Until two samples tell how far apart analysed frames are. */
const DEFAULT_HOLD_US = 500_000;
/** What moves has left its box by then. */
const LONGEST_HOLD_US = 1_000_000;
const GAPS_KEPT = 32;
/** A sampling grid falls between frames: gaps differ by up to a frame. */
const GRID_SLACK = 1.25;

/** Detections of one stream by epoch, analyzer and pts. Bounded per analyzer. */
export class DetectionTimeline {
  private readonly epochs = new Map<string, Map<string, Track>>();

  constructor(
    private readonly samplesPerTrack = 4_000,
    private readonly epochsKept = 6,
  ) {}

  add(detection: DetectionWire): void {
    const track = this.track(detection.epochId, detection.analyzerId);
    const index = firstAtOrAfter(track.samples, detection.ptsUs);
    let sample = track.samples[index];
    if (!sample || sample.ptsUs !== detection.ptsUs) {
      sample = { ptsUs: detection.ptsUs, detections: new Map() };
      track.samples.splice(index, 0, sample);
      learnHold(track, index);
      if (track.samples.length > this.samplesPerTrack) track.samples.shift();
    }
    sample.detections.set(`${detection.runId}/${detection.ordinal}`, detection);
  }

  /**
   * Per analyzer: the frame's own detections if it was analysed, else those of the sample before, until the next is due. Where the
   * next is known, what moved between the two is put on its way. An object with a track is shown over samples that missed it, too.
   */
  at(epochId: string, ptsUs: number): Shown[] {
    const shown: Shown[] = [];
    for (const [analyzerId, { samples, holdUs }] of this.epochs.get(epochId) ?? []) {
      const next = firstAtOrAfter(samples, ptsUs + SAME_FRAME_US + 1);
      const sample = samples[next - 1];
      if (!sample) continue;
      const sinceUs = ptsUs - sample.ptsUs;
      const exact = Math.abs(sinceUs) <= SAME_FRAME_US;
      const isHeld = exact || sinceUs < holdUs - SAME_FRAME_US;
      const own: readonly ShownDetection[] = exact
        ? [...sample.detections.values()]
        : isHeld
          ? onTheirWay(sample, samples[next], ptsUs, holdUs)
          : [];
      const bridges = bridged(samples, next, ptsUs, exact ? own : own.filter(({ between }) => between));
      const isBridged = new Set(bridges.map(({ trackId }) => trackId));
      const detections = [...own.filter(({ trackId }) => trackId === null || !isBridged.has(trackId)), ...bridges];
      if (!isHeld && detections.length === 0) continue;
      shown.push({ analyzerId, ptsUs: sample.ptsUs, exact, age: exact ? 0 : Math.min(1, sinceUs / holdUs), detections });
    }
    return shown;
  }

  /** Where an object was before the frame, oldest first. */
  trail({ epochId, analyzerId, trackId }: DetectionWire, ptsUs: number): TrailPoint[] {
    const track = this.epochs.get(epochId)?.get(analyzerId);
    return track === undefined || trackId === null ? [] : trailOf(track.samples, firstAtOrAfter(track.samples, ptsUs), trackId, ptsUs);
  }

  /** The analysed frames of one analyzer at or before a pts, the newest last. */
  samplesBefore(epochId: string, analyzerId: string, ptsUs: number, count: number): readonly Sample[] {
    const samples = this.epochs.get(epochId)?.get(analyzerId)?.samples ?? [];
    const end = firstAtOrAfter(samples, ptsUs + SAME_FRAME_US);
    return samples.slice(Math.max(0, end - count), end);
  }

  /** Who has seen something in what is kept, the one with the most samples first. */
  analyzerIds(): string[] {
    const sizes = new Map<string, number>();
    for (const tracks of this.epochs.values()) for (const [id, { samples }] of tracks) sizes.set(id, (sizes.get(id) ?? 0) + samples.length);
    return [...sizes].sort(([, a], [, b]) => b - a).map(([id]) => id);
  }

  /** Number of samples kept, over all tracks. */
  get size(): number {
    let size = 0;
    for (const tracks of this.epochs.values()) for (const track of tracks.values()) size += track.samples.length;
    return size;
  }

  clear(): void {
    this.epochs.clear();
  }

  private track(epochId: string, analyzerId: string): Track {
    let tracks = this.epochs.get(epochId);
    if (!tracks) {
      this.epochs.set(epochId, (tracks = new Map()));
      while (this.epochs.size > this.epochsKept) this.epochs.delete(this.epochs.keys().next().value!);
    }
    let track = tracks.get(analyzerId);
    if (!track) tracks.set(analyzerId, (track = { samples: [], gapsUs: [], gapsSeen: 0, holdUs: DEFAULT_HOLD_US }));
    return track;
  }
}

/**
 * Learns from the data how far apart an analyzer's frames are. Frames without detections leave no sample, so that some gaps span
 * several of them: the lower quartile is the sampling, whatever share of frames shows something.
 */
function learnHold(track: Track, index: number): void {
  const { samples, gapsUs } = track;
  const at = samples[index]!.ptsUs;
  for (const neighbour of [samples[index - 1], samples[index + 1]]) {
    if (neighbour !== undefined) gapsUs[track.gapsSeen++ % GAPS_KEPT] = Math.abs(neighbour.ptsUs - at);
  }
  if (gapsUs.length === 0) return;
  const sorted = gapsUs.toSorted((a, b) => a - b);
  track.holdUs = Math.min(LONGEST_HOLD_US, sorted[Math.floor((sorted.length - 1) / 4)]! * GRID_SLACK);
}

function firstAtOrAfter(samples: readonly Sample[], ptsUs: number): number {
  let low = 0;
  let high = samples.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (samples[middle]!.ptsUs >= ptsUs) high = middle;
    else low = middle + 1;
  }
  return low;
}
