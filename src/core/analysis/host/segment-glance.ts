import type { AnalysisJob, CodedPicture, Frame, FrameSpec, SegmentGlance, SegmentInfo } from '../../plugin-api/index.js';
import { planDecode, type DecodePlan } from '../../decode/decode-plan.js';
import type { DecoderCache } from '../../decode/decoder-cache.js';
import { PictureTrust } from '../../decode/picture-trust.js';
import type { ScalerCache } from './frame-fan-out.js';
import { OF_LEAD } from '../../decode/video-decoder.js';
import type { SegmentContents } from './segment-contents.js';
import { fillerBytes, type SegmentVideo } from '../../decode/segment/index.js';

/** What the keyframes of one segment may take in memory; where all pictures are keyframes, fewer are shown, evenly. */
const MAX_KEYFRAME_BYTES = 64 * 1024 * 1024;

/** What is known of a segment without decoding it, and its keyframes for a gate that asks for them. */
export class LazyGlance implements SegmentGlance {
  readonly segment: SegmentInfo;
  private readonly video: SegmentVideo;
  private readonly shapes = new Map<string, Promise<readonly Frame[]>>();
  private listedPictures: readonly CodedPicture[] | undefined;

  constructor(
    job: AnalysisJob,
    private readonly contents: SegmentContents,
    private readonly decoders: DecoderCache,
    private readonly scalers: ScalerCache,
  ) {
    const { streamId, epochId, sequence, ptsStartUs, ptsEndUs, lastOfEpoch } = job.segment;
    this.segment = { streamId, epochId, sequence, ptsStartUs, ptsEndUs, lastOfEpoch };
    this.video = contents.video!;
  }

  get pictures(): readonly CodedPicture[] {
    return (this.listedPictures ??= this.listed());
  }

  keyframes(spec: FrameSpec): Promise<readonly Frame[]> {
    const key = `${spec.widthPx}x${spec.heightPx} ${spec.fit} ${spec.format}`;
    const known = this.shapes.get(key) ?? this.decode(spec);
    this.shapes.set(key, known);
    return known;
  }

  private listed(): CodedPicture[] {
    const { pictures } = planDecode(this.video.units, this.segment, []);
    return this.video.units
      .map((unit, position) => ({ ...pictures[position]!, sizeBytes: unit.sizeBytes - fillerBytes(this.video.codec, unit.data) }))
      .sort((a, b) => a.index - b.index)
      .map(({ ptsUs, sizeBytes, keyframe }) => ({ ptsUs, sizeBytes, keyframe }));
  }

  private async decode(spec: FrameSpec): Promise<readonly Frame[]> {
    const { codec, units } = this.video;
    const plan = planDecode(units, this.segment, [{ sampling: { keyframes: true }, frame: spec }]);
    // With intra refresh keyframes are whole only after all that came before them.
    const send = plan.keyframesOnly ? fewEnough(plan, spec) : plan.send;
    const lead = plan.keyframesOnly ? [] : await this.contents.lead();
    const trust = new PictureTrust(codec, units, lead.length > 0);
    const scaler = this.scalers.get(spec);
    const frames: Frame[] = [];
    const firstKeyframe = units.find((unit) => unit.keyframe);
    if (firstKeyframe === undefined) return frames;
    await this.decoders.lend(codec, firstKeyframe, (decoder) => {
      for (const { position, av, damaged } of decoder.pictures(units, send, lead)) {
        if (position === OF_LEAD && damaged) trust.distrustDependent();
        else if (damaged) trust.distrustFrom(position);
        const planned = plan.pictures[position];
        if (planned === undefined || planned.takers.length === 0 || !trust.isSound(position)) continue;
        const { data, fit } = scaler.scale(av, 0);
        frames.push({
          ...{ ptsUs: planned.ptsUs, index: planned.index, keyframe: true },
          ...{ widthPx: fit.frameWidthPx, heightPx: fit.frameHeightPx, format: spec.format, data: data.slice(), fit },
        });
      }
      return Promise.resolve();
    });
    return frames;
  }
}

function fewEnough({ send }: DecodePlan, { widthPx, heightPx, format }: FrameSpec): readonly number[] {
  const most = Math.max(1, Math.floor(MAX_KEYFRAME_BYTES / (widthPx * heightPx * (format === 'rgb24' ? 3 : 1))));
  if (send.length <= most) return send;
  return Array.from({ length: most }, (_, i) => send[Math.floor((i * send.length) / most)]!);
}
