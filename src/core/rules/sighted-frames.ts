import type { Box01, PtsUs } from '../plugin-api/index.js';
import { storedBox } from './geometry.js';
import type { Rule, Sighting } from './rule.js';

/** An object in one frame, as a rule looks at it. */
export interface Seen {
  /** Undefined for a detection that belongs to no track. */
  readonly trackId: string | undefined;
  readonly label: string;
  readonly box: Box01;
}
export interface SightedFrame {
  readonly ptsUs: PtsUs;
  readonly seen: readonly Seen[];
}

/** Names of tracks go into keys of events, which have a limit. */
const MAX_TRACK_NAME = 64;

/**
 * What the rule looks at of a segment's detections, frame by frame in pts order. A frame at or before `afterPtsUs` has had its
 * turn; a track that is given twice in a frame counts where it is given first.
 */
export function sightedFrames(rule: Rule, sightings: readonly Sighting[], afterPtsUs: PtsUs | null): SightedFrame[] {
  const labels = rule.labels.length === 0 ? null : new Set(rule.labels);
  const minScore = Math.fround(rule.minScore);
  const frames = new Map<PtsUs, { readonly seen: Seen[]; readonly tracks: Set<string> }>();
  for (const { ptsUs, label, score, box, trackId } of sightings) {
    if ((afterPtsUs !== null && ptsUs <= afterPtsUs) || (labels !== null && !labels.has(label)) || !(Math.fround(score) >= minScore))
      continue;
    let frame = frames.get(ptsUs);
    if (frame === undefined) frames.set(ptsUs, (frame = { seen: [], tracks: new Set() }));
    const id = trackId === undefined ? undefined : trackName(trackId);
    if (id !== undefined) {
      if (frame.tracks.has(id)) continue;
      frame.tracks.add(id);
    }
    frame.seen.push({ label, box: storedBox(box), trackId: id });
  }
  return [...frames].sort(([a], [b]) => a - b).map(([ptsUs, { seen }]) => ({ ptsUs, seen }));
}

function trackName(trackId: string): string {
  if (trackId.length <= MAX_TRACK_NAME) return trackId;
  let hash = 0xcbf29ce484222325n;
  for (let index = 0; index < trackId.length; index++)
    hash = BigInt.asUintN(64, (hash ^ BigInt(trackId.charCodeAt(index))) * 0x100000001b3n);
  return `${trackId.slice(0, 40).toWellFormed()}~${hash.toString(16)}`;
}
