import type {
  AnalysisResult,
  DetectionResult,
  EventResult,
  Frame,
  GateVerdict,
  SegmentGlance,
  StreamInfo,
} from '../../../src/core/plugin-api/index.js';
import { motionConfig } from '../../../src/plugins/motion/config.js';
import { motionAnalyzer } from '../../../src/plugins/motion/motion.js';
import { boxAt, codedPictures, framesOf, isMoving, type Box, type MotionClipOptions } from './motion-clip.js';

const PICTURE = { widthPx: 320, heightPx: 180 };
/** A cell of the analyzer, in shares of the picture: no box can be truer than that. */
const CELL = { x: 4 / 320, y: 4 / 180 };
const stream: StreamInfo = { streamId: 's', streamName: 's', epochId: 'e', widthPx: 640, heightPx: 360, codec: 'h264' };
const never = new AbortController().signal;

export interface RegionFigures {
  /** Moving objects in frames, and those that a region covered by half or more. */
  truths: number;
  found: number;
  /** Regions, and those that touch something that moves. */
  regions: number;
  right: number;
  /** Frames in which nothing moved, and those of them without a region. */
  stillFrames: number;
  stillRight: number;
}

const intersection = (a: Box, b: Box): number =>
  Math.max(0, Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x)) *
  Math.max(0, Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y));

/** The part of a moving thing that is in the picture at all. */
function visible(box: Box | undefined): Box | undefined {
  if (box === undefined) return undefined;
  const [x, y] = [Math.max(0, box.x), Math.max(0, box.y)];
  const [right, bottom] = [Math.min(1, box.x + box.width), Math.min(1, box.y + box.height)];
  return right - x > CELL.x && bottom - y > CELL.y ? { x, y, width: right - x, height: bottom - y } : undefined;
}

export async function watch(frames: readonly Frame[], config: Record<string, unknown> = {}): Promise<AnalysisResult[]> {
  const motion = motionAnalyzer(motionConfig.parse(config));
  const results: AnalysisResult[] = [];
  void motion.openStream(stream);
  void motion.process(frames, (result) => results.push(result), never, stream);
  void motion.closeStream(stream, (result) => results.push(result));
  return Promise.resolve(results);
}

/** Regions frame by frame against where things were; the first seconds, in which the background is learnt, do not count. */
export function judgeRegions(
  frames: readonly Frame[],
  results: readonly AnalysisResult[],
  clip: MotionClipOptions,
  learnS = 2,
): RegionFigures {
  const figures: RegionFigures = { truths: 0, found: 0, regions: 0, right: 0, stillFrames: 0, stillRight: 0 };
  for (const { ptsUs } of frames) {
    const timeS = ptsUs / 1e6;
    if (timeS < learnS) continue;
    const regions = results
      .filter((result): result is DetectionResult => result.type === 'detection' && result.ptsUs === ptsUs)
      .map(({ box }) => box);
    const truths = clip.objects.filter((object) => isMoving(object, timeS)).flatMap((object) => visible(boxAt(object, timeS)) ?? []);
    // What has just stopped may be told of for as long as a region may stand still.
    const lately = clip.objects
      .filter((object) => timeS >= object.fromS && timeS < object.toS + 1.2)
      .flatMap((object) => boxAt({ ...object, stays: true }, timeS) ?? []);
    figures.truths += truths.length;
    figures.found += truths.filter((truth) =>
      regions.some((region) => intersection(region, truth) >= 0.5 * truth.width * truth.height),
    ).length;
    figures.regions += regions.length;
    figures.right += regions.filter((region) => lately.some((box) => intersection(region, grown(box)) > 0)).length;
    if (lately.length === 0) {
      figures.stillFrames++;
      if (regions.length === 0) figures.stillRight++;
    }
  }
  return figures;
}

const grown = ({ x, y, width, height }: Box): Box => ({
  x: x - CELL.x,
  y: y - CELL.y,
  width: width + 2 * CELL.x,
  height: height + 2 * CELL.y,
});

export const eventsOf = (results: readonly AnalysisResult[]): EventResult[] =>
  results.filter((result): result is EventResult => result.type === 'event');

export interface JudgedSegment {
  readonly sequence: number;
  readonly hasMotion: boolean;
  readonly verdict: GateVerdict;
}

/** What the gate says of each segment of the clip, and whether anything moved in it. */
export async function judgeSegments(file: string, clip: MotionClipOptions, config: Record<string, unknown> = {}): Promise<JudgedSegment[]> {
  const [segmentUs, fps] = [(clip.keyframeSeconds ?? 2) * 1e6, clip.fps ?? 25];
  const [pictures, keyframes] = [await codedPictures(file), await framesOf(file, PICTURE, { keyframeEveryUs: segmentUs })];
  const motion = motionAnalyzer(motionConfig.parse(config));
  const judged: JudgedSegment[] = [];
  for (let sequence = 0; sequence * segmentUs < clip.seconds * 1e6; sequence++) {
    const [from, to] = [sequence * segmentUs, (sequence + 1) * segmentUs];
    const glance: SegmentGlance = {
      segment: { streamId: 's', epochId: 'e', sequence, ptsStartUs: from, ptsEndUs: to },
      pictures: pictures.filter(({ ptsUs }) => ptsUs >= from && ptsUs < to),
      keyframes: () => Promise.resolve(keyframes.slice(sequence, sequence + 1)),
    };
    const verdict = await motion.judge(glance, { ...stream, widthPx: clip.widthPx ?? 640, heightPx: clip.heightPx ?? 360 });
    // By pictures: what begins between a segment's last picture and the next one's first is not in it.
    const times = Array.from({ length: Math.ceil((segmentUs / 1e6) * fps) }, (_, i) => from / 1e6 + i / fps);
    const hasMotion = clip.objects.some((object) => times.some((timeS) => isMoving(object, timeS)));
    judged.push({ sequence, hasMotion, verdict });
  }
  return judged;
}
