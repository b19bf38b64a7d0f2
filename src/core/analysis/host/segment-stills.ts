import type { AnalysisJob, PictureRequest, SampledPicture, SampledPictures } from '../../plugin-api/index.js';
import type { DecoderCache } from '../../decode/decoder-cache.js';
import { FrameScaler } from '../../decode/frame-scaler.js';
import { PictureTrust } from '../../decode/picture-trust.js';
import { planStills } from '../../decode/still-plan.js';
import { dependsOnBefore } from '../../decode/segment-lead.js';
import { OF_LEAD } from '../../decode/video-decoder.js';
import type { SegmentContents } from './segment-contents.js';

/** Takes single pictures out of a segment, for those who send them elsewhere. */
export class SegmentStills {
  constructor(private readonly decoders: DecoderCache) {}

  /** @param contents without video: the segment has no picture, and is not meant to */
  async take(job: AnalysisJob, contents: SegmentContents, request: PictureRequest): Promise<Omit<SampledPictures, 'cpuMs'>> {
    const { video } = contents;
    if (video === undefined) return { pictures: [], expected: 0 };
    const { wanted, send, expected } = planStills(video.units, job.segment, request);
    if (wanted.size === 0) return { pictures: [], expected };
    // Loaded where it is needed: most hosts never write a picture.
    const { writeJpeg } = await import('./jpeg-writer.js');
    const depends = dependsOnBefore(video.units);
    const lead = [...wanted.keys()].some((position) => depends[position]) ? await contents.lead() : [];
    const trust = new PictureTrust(video.codec, video.units, lead.length > 0);
    const scaler = new FrameScaler({ widthPx: request.maxSidePx, heightPx: request.maxSidePx, fit: 'inside', format: 'rgb24' });
    const taken: { readonly position: number; readonly picture: SampledPicture }[] = [];
    try {
      await this.decoders.lend(
        video.codec,
        video.units.find((unit) => unit.keyframe),
        async (decoder) => {
          for (const { position, av, damaged } of decoder.pictures(video.units, send, lead)) {
            if (damaged && position === OF_LEAD) trust.distrustDependent();
            else if (damaged) trust.distrustFrom(position);
            const planned = wanted.get(position);
            if (planned === undefined || !trust.isSound(position)) continue;
            const { data, fit } = scaler.scale(av, 0);
            const jpeg = await writeJpeg({ rgb: data, widthPx: fit.frameWidthPx, heightPx: fit.frameHeightPx }, request);
            taken.push({ position, picture: { ptsUs: planned.ptsUs, ...jpeg } });
          }
        },
      );
    } finally {
      scaler.close();
    }
    // What turned out to be damaged later may have been built on by what is here.
    return { pictures: taken.filter(({ position }) => trust.isSound(position)).map(({ picture }) => picture), expected };
  }
}
