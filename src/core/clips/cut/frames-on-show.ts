import { clipError } from '../../errors/clip.errors.js';
import { ptsUsToTicks } from '../../plugin-api/index.js';
import type { EpochSource } from './epoch-source.js';

/** The first and the last frame of a clip. */
export interface FrameRange {
  readonly firstTicks: number;
  readonly lastTicks: number;
}

/** Frames that are shown before their keyframe may stand in the segment after theirs. */
const REACH_US = 2_000_000;

/**
 * The frames on show at both ends of what is wanted of an epoch: at its beginning the last one that began by then, or the first after it
 * where nothing was on show; at its end the last one that began by then.
 * @throws VD_CLIP_NO_PICTURE
 */
export async function framesOnShow(source: EpochSource): Promise<FrameRange> {
  const { fromPtsUs, toPtsUs, segments } = source.epoch;
  const [fromTicks, toTicks] = [ptsUsToTicks(fromPtsUs), ptsUsToTicks(toPtsUs)];
  const isShownAt = segments.some(({ ptsStartUs, ptsEndUs }) => ptsStartUs <= fromPtsUs && ptsEndUs > fromPtsUs);
  let [before, after, last] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  let firstKeyframe: number | undefined;
  const first = segments.find(({ ptsEndUs }) => ptsEndUs > fromPtsUs) ?? segments.at(-1);
  const isNear = ({ ptsStartUs, ptsEndUs }: { ptsStartUs: number; ptsEndUs: number }): boolean =>
    [fromPtsUs, toPtsUs, first?.ptsStartUs ?? fromPtsUs, segments.at(-1)?.ptsStartUs ?? toPtsUs].some(
      (us) => ptsStartUs - REACH_US <= us && ptsEndUs + REACH_US >= us,
    );
  for await (const { video } of source.units((segment) => segment === segments[0] || isNear(segment))) {
    for (const { ptsTicks, keyframe } of video.units) {
      if (keyframe) firstKeyframe ??= ptsTicks;
      // What is shown before the first keyframe cannot be decoded.
      if (firstKeyframe === undefined || ptsTicks < firstKeyframe) continue;
      if (ptsTicks <= fromTicks) before = Math.max(before, ptsTicks);
      else after = Math.min(after, ptsTicks);
      if (ptsTicks <= toTicks) last = Math.max(last, ptsTicks);
    }
  }
  const firstTicks = isShownAt && Number.isFinite(before) ? before : after;
  if (!Number.isFinite(firstTicks) || !(last >= firstTicks))
    throw clipError(
      'VD_CLIP_NO_PICTURE',
      `Epoch ${source.epoch.epochId} has no picture from ${fromPtsUs} to ${toPtsUs} µs that can be decoded.`,
    );
  return { firstTicks, lastTicks: last };
}
