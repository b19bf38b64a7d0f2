import type { DisplayedFrame } from '../../core/player-clock';
import type { SegmentEntry, SegmentIndex } from '../../core/segment-index';
import { originOf, type FragmentPlace, type FragmentTimeline } from './fragment-timeline';

/** One tick of the MPEG 90 kHz clock: every pts is a whole number of them, rounded to the microsecond. */
const TICK_US = 1_000_000 / 90_000;

/** Rounds to the pts a segment can hold, which takes the player's float arithmetic out. */
export function snapToTickUs(ptsUs: number): number {
  return Math.round(Math.round(ptsUs / TICK_US) * TICK_US);
}

export type Located =
  | { readonly kind: 'frame'; readonly frame: DisplayedFrame; readonly entry: SegmentEntry }
  /** The fragment is known to the player, its segment is not known to the page (yet). */
  | { readonly kind: 'unknown-segment'; readonly place: FragmentPlace }
  | { readonly kind: 'nowhere' };

/**
 * Where a segment's first picture lies by its own clock. To close the seam between two epochs hls.js moves pictures at the head of the
 * fragment behind it; its end stays where it belongs.
 */
function pictureStart(place: FragmentPlace, { ptsStartUs, ptsEndUs }: SegmentEntry['segment']): number {
  const { videoEndSeconds: end } = place;
  return place.isSeam === true && end != null ? end - (ptsEndUs - ptsStartUs) / 1e6 : originOf(place);
}

/**
 * Media time of the player → identity of the frame: the fragment that holds it names epoch and sequence, the ledger knows
 * at which pts that segment starts, and within a fragment both clocks run alike.
 */
export function locateFrame(mediaTimeSeconds: number, timeline: FragmentTimeline, segments: SegmentIndex): Located {
  const place = timeline.at(mediaTimeSeconds);
  if (place === null) return { kind: 'nowhere' };
  const entry = segments.get(place.epochId, place.sequence);
  if (entry === null) return { kind: 'unknown-segment', place };
  const { segment } = entry;
  const sinceStartUs = Math.max((mediaTimeSeconds - pictureStart(place, segment)) * 1e6, place.isSeam === true ? 0 : -Infinity);
  const frame: DisplayedFrame = {
    streamId: segment.streamId,
    epochId: place.epochId,
    sequence: place.sequence,
    ptsUs: snapToTickUs(segment.ptsStartUs + sinceStartUs),
    atMs: entry.startMs + sinceStartUs / 1000,
  };
  return { kind: 'frame', frame, entry };
}

/** The way back: where on the player's timeline a pts lies, if the player knows the fragment. */
export function mediaTimeOf(epochId: string, ptsUs: number, timeline: FragmentTimeline, segments: SegmentIndex): number | null {
  const entry = segments.holding(epochId, ptsUs);
  if (entry === null) return null;
  const place = timeline.get(epochId, entry.segment.sequence);
  return place === null ? null : pictureStart(place, entry.segment) + (ptsUs - entry.segment.ptsStartUs) / 1e6;
}
