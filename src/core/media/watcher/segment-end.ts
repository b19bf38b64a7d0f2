import type { SegmentFacts } from '../../decode/segment/index.js';
import type { PtsUs } from '../../plugin-api/index.js';

/** The segment before, as far as it says where the next one should begin. */
export interface LastReady {
  readonly sequence: number;
  readonly ptsEndUs: PtsUs;
  /** Nothing is missing in it. */
  readonly sound: boolean;
  /** Its latest picture; absent where there is none, and where an earlier process read it. */
  readonly lastPtsUs?: PtsUs;
  /** How long its pictures are on show; absent where one alone, or an earlier process, says nothing of it. */
  readonly frameUs?: number;
}

/** Distance of segments, in frames and at least in time, that is more than jitter or a pause of a variable frame rate. */
const HOLE_FRAMES = 3;
const HOLE_US = 200_000;
/** After damage, and for sound alone, every frame counts. */
const STRICT_FRAMES = 1.5;
/** A single picture is on show no longer than this: publishers' clocks that jump further begin another epoch. */
const MAX_LONE_US = 10_000_000;
/** The length of a picture of which nothing else is known: no playlist may say that a segment lasts no time. */
const LONE_US = 40_000;

/** From where on time between two segments is a hole. */
export function holeUs(frameUs: number, isStrict: boolean): number {
  return isStrict ? STRICT_FRAMES * frameUs : Math.max(HOLE_US, HOLE_FRAMES * frameUs);
}

/** How long the segment's pictures are on show: for a single one, as long as the one before it was. */
export function frameUsOf(facts: SegmentFacts, before: LastReady | undefined): number | undefined {
  if (facts.frameUs !== null) return facts.frameUs;
  if (before?.lastPtsUs === undefined || facts.ptsStartUs <= before.lastPtsUs) return before?.frameUs;
  return Math.min(facts.ptsStartUs - before.lastPtsUs, MAX_LONE_US);
}

/**
 * A segment's end: the next one's start, however its pictures jitter, unless so much time lies between that something is missing.
 * @param nextStartUs where there is a next one, or its start is known
 */
export function endOf(facts: SegmentFacts, before: LastReady | undefined, nextStartUs: PtsUs | undefined): PtsUs {
  const frameUs = frameUsOf(facts, before);
  const ownEndUs = facts.lastPtsUs + (frameUs ?? LONE_US);
  if (nextStartUs === undefined || nextStartUs <= facts.lastPtsUs) return ownEndUs;
  if (frameUs === undefined) return nextStartUs - facts.lastPtsUs <= MAX_LONE_US ? nextStartUs : ownEndUs;
  const isStrict = facts.continuityErrors > 0 || facts.frameCount === 0;
  return Math.abs(nextStartUs - ownEndUs) < holeUs(frameUs, isStrict) ? nextStartUs : ownEndUs;
}
