import { ptsUsToTicks, type PtsUs, type Sampling } from '../plugin-api/index.js';

/** What sampling needs to know of a frame. */
export interface TimedFrame {
  readonly ptsUs: PtsUs;
  readonly keyframe: boolean;
}

const TICKS_PER_SECOND = 90_000;
/** Publishers over RTMP stamp whole milliseconds: a frame up to one ahead of its grid point counts as on it. */
export const GRID_TOLERANCE_TICKS = 90;

/**
 * Says which frames of a segment a sampling takes.
 *
 * `fps` divides the epoch's clock, counted from pts 0, into cells of 1/fps seconds and takes the first frame of each. The grid
 * belongs to the epoch, not to the segment: however the packager cuts, the same frames are taken. Where a segment begins, the
 * frame before it is assumed one median step earlier, exact for constant frame rates.
 * @param frames in display order
 * @param loneStepUs the step to assume where a segment holds a single frame
 */
export function takes(sampling: Sampling, frames: readonly TimedFrame[], loneStepUs = 1_000_000): readonly boolean[] {
  if ('all' in sampling) return frames.map(() => true);
  if ('keyframes' in sampling) return frames.map((frame) => frame.keyframe);
  const ticks = frames.map((frame) => ptsUsToTicks(frame.ptsUs));
  const cell = (at: number): number => Math.floor(((at + GRID_TOLERANCE_TICKS) * sampling.fps) / TICKS_PER_SECOND);
  let previous = cell((ticks[0] ?? 0) - (medianStep(ticks) ?? ptsUsToTicks(loneStepUs)));
  return ticks.map((at) => {
    const current = cell(at);
    const first = current > previous;
    previous = current;
    return first;
  });
}

function medianStep(ticks: readonly number[]): number | undefined {
  const steps = ticks.slice(1).map((at, i) => at - (ticks[i] ?? at));
  steps.sort((a, b) => a - b);
  return steps[steps.length >> 1];
}
