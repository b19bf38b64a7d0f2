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
 * Media time of the player → identity of the frame: the fragment that holds it names epoch and sequence, the ledger knows
 * at which pts that segment starts, and within a fragment both clocks run alike.
 */
export function locateFrame(mediaTimeSeconds: number, timeline: FragmentTimeline, segments: SegmentIndex): Located {
  const place = timeline.at(mediaTimeSeconds);
  if (place === null) return { kind: 'nowhere' };
  const entry = segments.get(place.epochId, place.sequence);
  if (entry === null) return { kind: 'unknown-segment', place };
  const sinceStartUs = (mediaTimeSeconds - originOf(place)) * 1e6;
  const { segment } = entry;
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
  return place === null ? null : originOf(place) + (ptsUs - entry.segment.ptsStartUs) / 1e6;
}
