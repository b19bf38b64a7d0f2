import type { SegmentVideo } from '../../decode/segment/index.js';
import type { AnalysisJob, PictureInput, Thumbnail } from '../../plugin-api/index.js';
import type { HeldPictures } from '../../decode/held-pictures.js';
import { planDecode, type PlannedPicture } from '../../decode/decode-plan.js';
import type { DecoderCache } from '../../decode/decoder-cache.js';
import { OF_LEAD } from '../../decode/video-decoder.js';
import { PictureTrust } from '../../decode/picture-trust.js';
import { FrameFanOut, type ScalerCache } from './frame-fan-out.js';
import type { SegmentContents } from './segment-contents.js';
import { ThumbnailTaker } from './thumbnail-taker.js';
import type { Coverage, TaskRun } from './task-run.js';

/** Who wants pictures, and which. */
export interface Viewer {
  readonly run: TaskRun;
  readonly input: PictureInput;
}

/** What came of one segment's decode. */
export interface PictureTally {
  /** Pictures that came out, as positions in decode order. */
  readonly decoded: number[];
  readonly trust: PictureTrust;
  /** The decoder was given what it needs of the segment before, if it needs anything. */
  readonly isLed: boolean;
  thumbnails: readonly Thumbnail[];
}

/** Decodes a segment's pictures once, for all who look. */
export class SegmentPictures {
  constructor(private readonly decoders: DecoderCache) {}

  /**
   * @param scalers whose memory is this job's until it is done
   * @param held takes what parts may be kept of
   */
  async show(
    job: AnalysisJob,
    contents: SegmentContents,
    viewers: readonly Viewer[],
    scalers: ScalerCache,
    held: HeldPictures,
  ): Promise<PictureTally> {
    const video = contents.video!;
    const inputs = viewers.map(({ input }) => input);
    const plan = planDecode(video.units, job.segment, inputs);
    const fanOut = new FrameFanOut(
      viewers.map(({ run }) => run),
      inputs,
      scalers,
    );
    const lead = plan.keyframesOnly ? [] : await contents.lead();
    const trust = new PictureTrust(video.codec, video.units, lead.length > 0);
    const tally: PictureTally = { decoded: [], trust, isLed: lead.length > 0, thumbnails: [] };
    if (plan.send.length === 0) return tally;
    const isHeld = ({ takers }: PlannedPicture): boolean => takers.some((taker) => inputs[taker]!.evidence === true);
    held.begin(plan.pictures.filter(isHeld).length);
    const thumbnails = new ThumbnailTaker(job.thumbnailsAtUs ?? [], plan.pictures, scalers);
    const firstKeyframe = video.units.find((unit) => unit.keyframe);
    return this.decoders.lend(video.codec, firstKeyframe, async (decoder) => {
      for (const picture of decoder.pictures(video.units, plan.send, lead)) {
        if (picture.position === OF_LEAD && picture.damaged) tally.trust.distrustDependent();
        const planned = plan.pictures[picture.position];
        if (planned === undefined) continue;
        tally.decoded.push(picture.position);
        if (picture.damaged) {
          tally.trust.distrustFrom(picture.position);
          fanOut.retract((position) => !tally.trust.isSound(position));
          held.retract((position) => !tally.trust.isSound(position));
        }
        if (!tally.trust.isSound(picture.position)) continue;
        await thumbnails.take(picture, planned);
        if (planned.takers.length === 0) continue;
        if (isHeld(planned)) held.hold(picture.av, picture.position, planned.ptsUs);
        await fanOut.picture(picture, planned);
      }
      await fanOut.finish();
      tally.thumbnails = thumbnails.sound((position) => trust.isSound(position));
      return tally;
    });
  }
}

/** Holds what was decoded against what the segment was registered with. */
export function coverPictures(job: AnalysisJob, video: SegmentVideo, input: PictureInput, tally: PictureTally): Coverage {
  const onlyKeyframes = 'keyframes' in input.sampling;
  const isWanted = (position: number): boolean => !onlyKeyframes || (video.units[position]?.keyframe ?? false);
  const stored = video.units.filter((_, position) => isWanted(position)).length;
  const decoded = tally.decoded.filter(isWanted);
  const framesExpected = Math.max(stored, onlyKeyframes ? job.segment.keyframeCount : job.segment.frameCount);
  const framesSeen = decoded.filter((position) => tally.trust.isSound(position)).length;
  const { dependent } = tally.trust;
  const flaws = [
    !onlyKeyframes && !tally.isLed && dependent > 0 && `${dependent} frames build on the segment before, which is not there`,
    decoded.length < framesExpected && `${framesExpected - decoded.length} of ${framesExpected} frames missing`,
    framesSeen < decoded.length && `${decoded.length - framesSeen} of ${framesExpected} frames damaged, or built on damaged ones`,
  ].filter((flaw) => flaw !== false);
  return { framesSeen, framesExpected, flaws };
}
