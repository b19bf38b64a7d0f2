import { isReference, type AccessUnit, type SegmentVideo } from './segment/index.js';

const CLOCK_TICKS = 2 ** 33;
/** Pictures of two segments that are further apart than a late one: something is missing between them. */
const FAR_FRAMES = 3;
const FAR_TICKS = 18_000;

/**
 * Which pictures of a segment build on the segment before it: those before its first keyframe, those that an open GOP shows before its
 * keyframe, and with intra refresh those until it is through.
 * @param units in decode order
 * @returns by position
 */
export function dependsOnBefore(units: readonly AccessUnit[]): boolean[] {
  let wholeFrom = Number.POSITIVE_INFINITY;
  /** The first keyframe, until the next one comes. */
  let entry: AccessUnit | undefined;
  let isFirstGop = true;
  return units.map((unit, at) => {
    if (unit.keyframe) {
      wholeFrom = Math.min(wholeFrom, at + unit.wholeAfter);
      isFirstGop = entry === undefined;
      entry ??= unit;
    }
    const isLeading = isFirstGop && entry !== undefined && unit !== entry && isShownBefore(unit.ptsTicks, entry.ptsTicks);
    return at < wholeFrom || isLeading;
  });
}

/**
 * What a decoder is to be given of the segment before, so that it shows such pictures whole: from the last keyframe on from which it
 * does by the segment's end; pictures that nothing builds on are left out.
 * @returns none where the segment before does not reach up to this one, is damaged there, or has no such keyframe
 */
export function leadOf(before: SegmentVideo, { codec, units }: SegmentVideo): readonly AccessUnit[] {
  const from = before.units.findLastIndex((unit, at) => unit.keyframe && at + unit.wholeAfter < before.units.length);
  const lead = from === -1 ? [] : before.units.slice(from);
  if (before.codec !== codec || lead.some(({ broken }) => broken) || !reaches(before.units, units)) return [];
  return codec === 'h264' ? lead.filter(({ data }) => isReference(data)) : lead;
}

function reaches(before: readonly AccessUnit[], units: readonly AccessUnit[]): boolean {
  const [first] = ordered(units);
  const shown = ordered(before);
  const last = shown.at(-1);
  if (first === undefined || last === undefined) return false;
  const steps = shown.slice(1).map((ticks, i) => ahead(shown[i]!, ticks));
  const usual = steps.sort((a, b) => a - b)[steps.length >> 1] ?? 0;
  return Math.abs(ahead(last, first)) <= Math.max(FAR_TICKS, FAR_FRAMES * usual);
}

/** Times of the units in the order they are shown, on the 33-bit clock, which may wrap among them. */
function ordered(units: readonly AccessUnit[]): number[] {
  const origin = units[0]?.ptsTicks ?? 0;
  return units.map(({ ptsTicks }) => ptsTicks).sort((a, b) => ahead(origin, a) - ahead(origin, b));
}

/** By how much `to` is later, the nearer way round the clock. */
function ahead(from: number, to: number): number {
  const forward = (((to - from) % CLOCK_TICKS) + CLOCK_TICKS) % CLOCK_TICKS;
  return forward < CLOCK_TICKS / 2 ? forward : forward - CLOCK_TICKS;
}

const isShownBefore = (ticks: number, other: number): boolean => ahead(ticks, other) > 0;
