import type { DetectionWire } from '../api/models';
import { boxBetween, matchDetections } from './detection-match';

/** What one analyzer saw in one analysed frame. */
interface Sample {
  readonly ptsUs: number;
  /** By run and ordinal: a message that comes twice changes nothing. */
  readonly detections: Map<string, DetectionWire>;
}

interface Track {
  /** By pts. */
  readonly samples: Sample[];
  /** The latest distances between neighbouring samples, a ring. */
  readonly gapsUs: number[];
  gapsSeen: number;
  /** How long a sample is held: until its successor is due. */
  holdUs: number;
}

/** A detection where it is drawn: seen there, or put between where it was seen before and after the frame. */
export interface ShownDetection extends DetectionWire {
  readonly between?: boolean;
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
   * next is known, what moved between the two is put on its way.
   */
  at(epochId: string, ptsUs: number): Shown[] {
    const shown: Shown[] = [];
    for (const [analyzerId, track] of this.epochs.get(epochId) ?? []) {
      const next = firstAtOrAfter(track.samples, ptsUs + SAME_FRAME_US + 1);
      const sample = track.samples[next - 1];
      if (!sample) continue;
      const sinceUs = ptsUs - sample.ptsUs;
      const exact = Math.abs(sinceUs) <= SAME_FRAME_US;
      if (!exact && sinceUs >= track.holdUs - SAME_FRAME_US) continue;
      shown.push({
        analyzerId,
        ptsUs: sample.ptsUs,
        exact,
        age: exact ? 0 : sinceUs / track.holdUs,
        detections: exact ? [...sample.detections.values()] : onTheirWay(sample, track.samples[next], ptsUs, track.holdUs),
      });
    }
    return shown;
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

/** Only neighbouring samples show a path: where analysed frames between the two showed nothing, there was none. */
function onTheirWay(before: Sample, after: Sample | undefined, ptsUs: number, holdUs: number): ShownDetection[] {
  const detections = [...before.detections.values()];
  if (after === undefined || after.ptsUs - before.ptsUs > holdUs) return detections;
  const share = (ptsUs - before.ptsUs) / (after.ptsUs - before.ptsUs);
  const matched = matchDetections(detections, [...after.detections.values()]);
  return detections.map((from) => {
    const to = matched.get(from);
    return to === undefined ? from : { ...from, box: boxBetween(from.box, to.box, share), between: true };
  });
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
