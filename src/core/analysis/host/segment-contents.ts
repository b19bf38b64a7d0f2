import { videoSizeIn, type AccessUnit, type DemuxedSegment, type SegmentVideo } from '../../decode/segment/index.js';
import { dependsOnBefore, leadOf } from '../../decode/segment-lead.js';
import { wantsPictures, type AnalysisJob, type AnalyzerInput } from '../../plugin-api/index.js';
import { MAX_PICTURE_PIXELS } from '../../decode/video-decoder.js';
import type { SegmentBefore } from './segment-before.js';

type Audio = NonNullable<DemuxedSegment['audio']>;

/** What of a segment an analyzer can be given. */
export class SegmentContents {
  /** Absent where the segment has no picture, or pictures that are refused. */
  readonly video: SegmentVideo | undefined;
  /** Absent where the segment has no sound. */
  readonly audio: Audio | undefined;
  readonly continuityErrors: number;
  /** Why there are no pictures, as it is recorded. */
  private readonly noVideo: string | undefined;
  private foundLead: Promise<readonly AccessUnit[]> | undefined;

  constructor(
    private readonly job: AnalysisJob,
    segment: DemuxedSegment,
    readonly before: SegmentBefore,
  ) {
    this.continuityErrors = segment.continuityErrors;
    this.noVideo = whyNoVideo(job, segment);
    this.video = this.noVideo === undefined ? (segment.video ?? { codec: 'h264', units: [] }) : undefined;
    // A track that is announced and of which nothing is left in a damaged file was lost, not silent.
    const { audio } = segment;
    const isListed = audio?.codec === 'aac' && (audio.units.length > 0 || this.continuityErrors > 0 || this.picturesLost > 0);
    this.audio = isListed ? audio : undefined;
  }

  /** What a decoder is to be given of the segment before, so that all pictures come out whole; none where that is not there. */
  lead(): Promise<readonly AccessUnit[]> {
    return (this.foundLead ??= this.findLead());
  }

  private async findLead(): Promise<readonly AccessUnit[]> {
    const { video } = this;
    if (video === undefined || !dependsOnBefore(video.units).includes(true)) return [];
    const before = await this.before.read();
    return before?.video ? leadOf(before.video, video) : [];
  }

  /** Pictures that the segment was registered with and that its file lacks now. */
  get picturesLost(): number {
    return Math.max(0, this.job.segment.frameCount - (this.video?.units.length ?? this.job.segment.frameCount));
  }

  /** Why there are no pictures, where there are none. */
  get nothingForEyes(): string | undefined {
    return this.noVideo;
  }

  /** @returns why an analyzer has nothing to do here, as it is recorded; undefined where it has */
  nothingFor(input: AnalyzerInput): string | undefined {
    if (input.audio !== undefined && this.audio !== undefined) return undefined;
    if (!wantsPictures(input)) return 'no_audio: the segment has no sound in AAC';
    if (this.noVideo !== undefined) return this.noVideo;
    return this.lacksKeyframesFor(input) ? 'no_keyframe: the segment has no keyframe' : undefined;
  }

  /** @returns why an analyzer that goes on without pictures does not get those that are there */
  refusedTo(input: AnalyzerInput): string | undefined {
    return wantsPictures(input) && this.noVideo?.startsWith('unsupported') ? this.noVideo : undefined;
  }

  lacksKeyframesFor(input: AnalyzerInput): boolean {
    const onlyKeyframes = input.sampling !== undefined && 'keyframes' in input.sampling;
    return onlyKeyframes && this.job.segment.keyframeCount === 0 && !this.video?.units.some((unit) => unit.keyframe);
  }
}

function whyNoVideo(job: AnalysisJob, { video }: DemuxedSegment): string | undefined {
  if (!video?.units.length) return job.segment.frameCount === 0 ? 'no_video: the segment has no picture' : undefined;
  const keyframe = video.units.find((unit) => unit.keyframe);
  if (keyframe === undefined) return undefined;
  const size = videoSizeIn(video.codec, keyframe.data);
  if (size === null || size.widthPx * size.heightPx <= MAX_PICTURE_PIXELS) return undefined;
  return `unsupported: pictures of ${size.widthPx}x${size.heightPx} exceed ${MAX_PICTURE_PIXELS} pixels`;
}
