import { type AnalysisResult, type DetectionResult, type JsonValue, type PtsUs, Tracker, type TrackingSpec } from '../plugin-api/index.js';

/** A segment's results with the tracks filled in, and what to keep for the next segment. */
export interface TrackedResults {
  readonly results: readonly AnalysisResult[];
  readonly state: JsonValue;
}

/**
 * Follows the detections among a segment's results. Results keep their order, hence their ordinals; a detection to which the
 * analyzer gave a track itself is left alone.
 * @param state what this function gave for an earlier segment of the epoch, if anything
 * @param sequence of the segment: ids of a tracker that begins late in the epoch tell that they are not the first's
 */
export function trackResults(
  spec: TrackingSpec,
  state: JsonValue | undefined,
  results: readonly AnalysisResult[],
  sequence: number,
): TrackedResults {
  const tracker = new Tracker(spec, { state, idPrefix: sequence === 0 ? '' : `${sequence}-` });
  const tracked = [...results];
  for (const [ptsUs, positions] of untrackedFrames(results)) {
    const ids = tracker.update(
      ptsUs,
      positions.map((position) => results[position] as DetectionResult),
    );
    ids.forEach((trackId, index) => {
      const position = positions[index]!;
      if (trackId !== undefined) tracked[position] = { ...(results[position] as DetectionResult), trackId };
    });
  }
  return { results: tracked, state: tracker.state() };
}

/** Positions of the detections that want a track, by frame, in pts order. */
function untrackedFrames(results: readonly AnalysisResult[]): [PtsUs, number[]][] {
  const frames = new Map<PtsUs, number[]>();
  results.forEach((result, position) => {
    if (result.type !== 'detection' || result.trackId !== undefined) return;
    const frame = frames.get(result.ptsUs);
    if (frame === undefined) frames.set(result.ptsUs, [position]);
    else frame.push(position);
  });
  return [...frames].sort(([a], [b]) => a - b);
}
