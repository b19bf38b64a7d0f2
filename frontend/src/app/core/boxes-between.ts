import type { DetectionWire } from '../api/models';
import { boxBetween, iou, matchDetections } from './detection-match';

/** What one analyzer saw in one analysed frame. */
export interface Sample {
  readonly ptsUs: number;
  /** By run and ordinal: a message that comes twice changes nothing. */
  readonly detections: ReadonlyMap<string, DetectionWire>;
}

/** A detection where it is drawn: seen there, or put between where it was seen before and after the frame. */
export interface ShownDetection extends DetectionWire {
  readonly between?: boolean;
}

/** Where the middle of an object was, 0..1 of the picture. */
export interface TrailPoint {
  readonly x: number;
  readonly y: number;
}

/** A track that was seen twice within so much time went the straight way: longer ago nobody knows. */
export const LONGEST_BRIDGE_US = 500_000;
/** What has overlapped with itself so much since has hardly moved. */
const STOOD_STILL = 0.85;
const TRAIL_US = 2_500_000;

/**
 * What was seen in a frame, at a later one that was not analysed. Only neighbouring samples show a path: where analysed frames between
 * the two showed nothing, there was none. What is known to be somewhere else by then, or to be gone, is not held where it was.
 * @param holdUs distance of samples from which on frames between them were analysed and showed nothing
 */
export function onTheirWay(before: Sample, after: Sample | undefined, ptsUs: number, holdUs: number): ShownDetection[] {
  const detections = [...before.detections.values()];
  if (after === undefined) return detections;
  const gapUs = after.ptsUs - before.ptsUs;
  const share = (ptsUs - before.ptsUs) / gapUs;
  const matched = matchDetections(detections, [...after.detections.values()]);
  const isNeighbour = gapUs <= holdUs;
  return detections.flatMap((from) => {
    const to = matched.get(from);
    const isBridge = to !== undefined && from.trackId !== null && from.trackId === to.trackId && gapUs <= LONGEST_BRIDGE_US;
    if (to !== undefined && (isNeighbour || isBridge)) return [{ ...from, box: boxBetween(from.box, to.box, share), between: true }];
    if (to !== undefined && from.trackId !== null) return iou(from.box, to.box) >= STOOD_STILL ? [from] : [];
    // It is in no later sample: the nearer of the two tells whether it is still there.
    return isNeighbour && share > 0.5 ? [] : [from];
  });
}

/** Objects with a track that the samples next to the frame missed, and those around them did not. */
export function bridged(samples: readonly Sample[], next: number, ptsUs: number, own: readonly DetectionWire[]): ShownDetection[] {
  const seen = new Set(own.flatMap(({ trackId }) => trackId ?? []));
  const found: ShownDetection[] = [];
  for (let i = next - 1; i >= 0 && ptsUs - samples[i]!.ptsUs <= LONGEST_BRIDGE_US; i--) {
    for (const from of samples[i]!.detections.values()) {
      if (from.trackId === null || seen.has(from.trackId)) continue;
      seen.add(from.trackId);
      const to = laterSight(samples, next, from.trackId, samples[i]!.ptsUs + LONGEST_BRIDGE_US);
      if (to === null || to.at.ptsUs <= ptsUs) continue;
      const share = (ptsUs - samples[i]!.ptsUs) / (to.at.ptsUs - samples[i]!.ptsUs);
      found.push({ ...from, box: boxBetween(from.box, to.detection.box, share), between: true });
    }
  }
  return found;
}

/** @param end how many of the samples lie before the frame */
export function trailOf(samples: readonly Sample[], end: number, trackId: string, ptsUs: number): TrailPoint[] {
  const points: TrailPoint[] = [];
  for (let i = end - 1; i >= 0 && ptsUs - samples[i]!.ptsUs <= TRAIL_US; i--) {
    const there = sightOf(samples[i]!, trackId);
    if (there !== null) points.unshift({ x: there.box.x + there.box.width / 2, y: there.box.y + there.box.height / 2 });
  }
  return points;
}

export function sightOf(sample: Sample, trackId: string): DetectionWire | null {
  for (const detection of sample.detections.values()) if (detection.trackId === trackId) return detection;
  return null;
}

function laterSight(
  samples: readonly Sample[],
  next: number,
  trackId: string,
  untilUs: number,
): { readonly at: Sample; readonly detection: DetectionWire } | null {
  for (let i = next; i < samples.length && samples[i]!.ptsUs <= untilUs; i++) {
    const detection = sightOf(samples[i]!, trackId);
    if (detection !== null) return { at: samples[i]!, detection };
  }
  return null;
}
