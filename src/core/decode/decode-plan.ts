import type { AccessUnit } from './segment/index.js';
import { unwrapTicks } from './segment/index.js';
import { ptsUsToTicks, ticksToPtsUs, type PictureInput, type PtsUs, type SegmentInfo } from '../plugin-api/index.js';
import { takes } from './sampling.js';

/** One picture of the segment and who wants it. */
export interface PlannedPicture {
  readonly ptsUs: PtsUs;
  readonly keyframe: boolean;
  /** Display order within the segment, 0-based. */
  readonly index: number;
  /** Indices into the plan's inputs; empty when the picture is decoded only because others refer to it. */
  readonly takers: readonly number[];
}

/** The cheapest decode that gives every analyzer its frames. */
export interface DecodePlan {
  /** True: only keyframes are sent to the decoder. */
  readonly keyframesOnly: boolean;
  /** By position of the unit in decode order; what the decoder gives back is looked up here. */
  readonly pictures: readonly PlannedPicture[];
  /** Units to send, in decode order, as positions. */
  readonly send: readonly number[];
}

/**
 * Plans one segment's decode for all analyzers of its queue.
 * @param units in decode order
 * @param segment its `ptsStartUs` is unwrapped: the reference for the 33-bit timestamps in the file
 */
export function planDecode(
  units: readonly AccessUnit[],
  segment: Pick<SegmentInfo, 'ptsStartUs' | 'ptsEndUs'>,
  inputs: readonly PictureInput[],
): DecodePlan {
  let reference = ptsUsToTicks(segment.ptsStartUs);
  const timed = units.map((unit, position) => {
    reference = unwrapTicks(unit.ptsTicks, reference);
    return { position, ptsUs: ticksToPtsUs(reference), keyframe: unit.keyframe };
  });
  const display = [...timed].sort((a, b) => a.ptsUs - b.ptsUs || a.position - b.position);
  const taken = inputs.map((input) => takes(input.sampling, display, segment.ptsEndUs - segment.ptsStartUs || undefined));

  const pictures: PlannedPicture[] = new Array<PlannedPicture>(units.length);
  display.forEach(({ position, ptsUs, keyframe }, index) => {
    const takers = taken.flatMap((takenBy, input) => (takenBy[index] ? [input] : []));
    pictures[position] = { ptsUs, keyframe, index, takers };
  });
  // With intra refresh a keyframe is not whole by itself.
  const keyframesOnly = inputs.every((input) => 'keyframes' in input.sampling) && units.every(({ wholeAfter }) => wholeAfter === 0);
  const send = timed.filter((unit) => !keyframesOnly || unit.keyframe).map((unit) => unit.position);
  return { keyframesOnly, pictures, send };
}
