import { mediaError } from '../../errors/media.errors.js';
import { ptsUsToTicks, ticksToPtsUs, type PtsUs } from '../../plugin-api/index.js';
import type { AccessUnit } from './demuxed-unit.js';
import { demuxSegment } from './demux-segment.js';
import { frameStep } from './frame-step.js';
import type { AudioCodec, DemuxedSegment, VideoCodec } from './demuxed-segment.js';
import { soundFrameCount } from './sound-frame-count.js';
import { unwrapTicks } from './ticks.js';
import type { PictureFormat } from '../codec/media-format.js';
import { pictureFormatIn, videoSizeIn } from './video-size-in.js';

/** What a segment's bytes say about it; times are microseconds of the epoch's media clock. */
export interface SegmentFacts {
  readonly sizeBytes: number;
  /** Earliest pts of the video, or of the audio where there is no video. */
  readonly ptsStartUs: PtsUs;
  /** Latest pts plus the duration of a frame: where the next segment begins if frames come evenly and nothing is missing. */
  readonly ptsEndUs: PtsUs;
  /** Latest pts. */
  readonly lastPtsUs: PtsUs;
  /** How long a frame lasts; null where there is only one. */
  readonly frameUs: number | null;
  /** Video frames; 0 for audio alone. */
  readonly frameCount: number;
  /** Frames of sound. */
  readonly audioFrameCount: number;
  /** Of pictures that a decoder shows whole at once: the beginnings of an intra refresh are none. */
  readonly keyframePtsUs: readonly PtsUs[];
  readonly videoCodec: VideoCodec | null;
  readonly audioCodec: AudioCodec | null;
  readonly widthPx: number | null;
  readonly heightPx: number | null;
  /** Null without video, and where no keyframe brings a parameter set. */
  readonly format: PictureFormat | null;
  readonly continuityErrors: number;
}

/** Steps that differ by no more than this, 2 ms, are even. */
const EVEN_TICKS = 180;

/**
 * Reads a segment's pts range, frames, keyframes, codecs and picture size from its bytes.
 * @param referencePtsUs a pts of the same epoch close by (the end of the segment before), so that a clock that wrapped
 *   past 2^33 ticks counts on; without it the segment's own raw values are taken
 * @throws VD_MEDIA_EMPTY, VD_MEDIA_NOT_MPEGTS, VD_MEDIA_NO_PROGRAM, VD_MEDIA_UNSUPPORTED_CODEC,
 *   VD_MEDIA_CODEC_CONFIG_INVALID, VD_MEDIA_NO_FRAMES
 */
export function probeSegment(bytes: Buffer, referencePtsUs?: PtsUs): SegmentFacts {
  const segment = demuxSegment(bytes);
  const timed = segment.video?.units.length ? segment.video.units : (segment.audio?.units ?? []);
  if (timed.length === 0) throw mediaError('VD_MEDIA_NO_FRAMES', `${bytes.length} bytes hold no complete frame`);

  const ticks = unwrapAll(timed, referencePtsUs === undefined ? undefined : ptsUsToTicks(referencePtsUs));
  const sorted = Float64Array.from(ticks).sort();
  const first = sorted[0]!;
  const last = sorted[sorted.length - 1]!;
  const hasVideo = timed === segment.video?.units;
  const keyframePtsUs = hasVideo
    ? ticks.filter((_, index) => timed[index]!.keyframe && timed[index]!.wholeAfter === 0).map(ticksToPtsUs)
    : [];
  const stepTicks = frameStep(sorted, EVEN_TICKS) ?? 0;
  return {
    sizeBytes: bytes.length,
    ptsStartUs: ticksToPtsUs(first),
    ptsEndUs: ticksToPtsUs(last + stepTicks),
    lastPtsUs: ticksToPtsUs(last),
    frameUs: sorted.length < 2 ? null : ticksToPtsUs(stepTicks),
    frameCount: hasVideo ? timed.length : 0,
    audioFrameCount: soundFrames(segment),
    keyframePtsUs: keyframePtsUs.sort((a, b) => a - b),
    videoCodec: hasVideo ? (segment.video?.codec ?? null) : null,
    audioCodec: segment.audio?.units.length ? segment.audio.codec : null,
    ...pictureFacts(segment),
    continuityErrors: segment.continuityErrors,
  };
}

/** Each unit is unwrapped against the one before: within a segment neighbours are close. */
function unwrapAll(units: readonly AccessUnit[], referenceTicks: number | undefined): number[] {
  let reference = referenceTicks ?? units[0]!.ptsTicks;
  return units.map((unit) => (reference = unwrapTicks(unit.ptsTicks, reference)));
}

function soundFrames({ audio }: DemuxedSegment): number {
  return audio === null ? 0 : audio.units.reduce((sum, unit) => sum + soundFrameCount(audio.codec, unit.data), 0);
}

function pictureFacts({ video }: DemuxedSegment): Pick<SegmentFacts, 'widthPx' | 'heightPx' | 'format'> {
  const keyframe = video?.units.find((unit) => unit.keyframe);
  if (!video || keyframe === undefined) return { widthPx: null, heightPx: null, format: null };
  const size = videoSizeIn(video.codec, keyframe.data);
  return { widthPx: size?.widthPx ?? null, heightPx: size?.heightPx ?? null, format: pictureFormatIn(video.codec, keyframe.data) };
}
