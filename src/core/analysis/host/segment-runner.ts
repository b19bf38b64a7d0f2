import { mediaError } from '../../errors/media.errors.js';
import { demuxSegment, parseVideoSize, type DemuxedSegment } from '../../media/mpegts/index.js';
import { CodedError, wantsPictures } from '../../plugin-api/index.js';
import type { AnalysisJob, AnalysisOutcome, Logger, PictureInput, TaskOutcome } from '../../plugin-api/index.js';
import type { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { DecoderCache } from '../decode/decoder-cache.js';
import { planDecode, type DecodePlan } from '../decode/decode-plan.js';
import { PictureTrust } from '../decode/picture-trust.js';
import { MAX_PICTURE_PIXELS } from '../decode/video-decoder.js';
import { AnalyzerInstances } from './analyzer-instances.js';
import { cpuClockMs } from './cpu-clock.js';
import { FrameFanOut, ScalerCache } from './frame-fan-out.js';
import { readSegment } from './segment-file.js';
import { StreamStates } from './stream-states.js';
import { failedTask, TaskRun, type Coverage } from './task-run.js';

type Video = NonNullable<DemuxedSegment['video']>;

/** What came of one segment's decode. */
interface DecodeTally {
  /** Pictures that came out, as positions in decode order. */
  readonly decoded: number[];
  readonly trust: PictureTrust;
}

export interface SegmentRunnerOptions {
  readonly mediaDir: string;
  readonly dataDir: string;
  readonly executedBy: string;
  readonly logger: Logger;
}

/** Does whole jobs, one at a time: reads the segment, decodes it once, lets every analyzer of the queue see its frames. */
export class SegmentRunner {
  readonly #instances: AnalyzerInstances;
  readonly #states = new StreamStates();
  readonly #decoders = new DecoderCache();
  readonly #scalers = new ScalerCache();

  constructor(
    registry: PluginRegistry,
    private readonly options: SegmentRunnerOptions,
  ) {
    this.#instances = new AnalyzerInstances(registry, options.dataDir, options.logger);
  }

  async run(job: AnalysisJob, signal: AbortSignal): Promise<AnalysisOutcome> {
    const startedAtMs = performance.now();
    const startedCpuMs = cpuClockMs();
    const { outcomes, taskCpuMs } = await this.#analyse(job, signal);
    const cpuMs = cpuClockMs() - startedCpuMs;
    return {
      tasks: outcomes,
      wallMs: performance.now() - startedAtMs,
      cpuMs,
      decodeCpuMs: Math.max(0, cpuMs - taskCpuMs),
      executedBy: this.options.executedBy,
    };
  }

  async discard(job: AnalysisJob): Promise<void> {
    for (const task of job.tasks) await this.#states.drop(task, job.stream);
  }

  /** Lets analyzers go in an orderly way. */
  async close(): Promise<void> {
    await this.#instances.close();
    this.#decoders.close();
    this.#scalers.close();
  }

  async #analyse(job: AnalysisJob, signal: AbortSignal): Promise<{ outcomes: TaskOutcome[]; taskCpuMs: number }> {
    const settled = (outcomes: TaskOutcome[]): { outcomes: TaskOutcome[]; taskCpuMs: number } => ({ outcomes, taskCpuMs: 0 });
    let segment: DemuxedSegment;
    try {
      segment = demuxSegment(await readSegment(this.options.mediaDir, job.segment.path));
    } catch (error) {
      const reported =
        error instanceof CodedError && error.code.startsWith('VD_MEDIA_') ? unreadable(job, `${error.code}: ${error.message}`) : error;
      return settled(job.tasks.map((task) => failedTask(task, reported)));
    }
    if (!segment.video?.units.length && job.segment.frameCount === 0) return settled(skipAll(job, 'no_video: the segment has no picture'));
    const tooLarge = oversized(segment);
    if (tooLarge !== undefined) return settled(skipAll(job, `unsupported: ${tooLarge}`));
    const video = segment.video ?? { codec: 'h264', units: [] };

    const { runs, inputs, outcomes } = await this.#begin(job, video, signal);
    if (runs.length === 0) return settled(job.tasks.map((task) => outcomes.get(task.runId)!));
    const plan = planDecode(video.units, job.segment, inputs);
    const tally = await this.#decode(video, plan, new FrameFanOut(runs, inputs, this.#scalers));
    for (const [i, run] of runs.entries()) {
      const coverage = cover(job, video, inputs[i]!, tally, segment.continuityErrors);
      if (coverage.framesSeen === 0 && coverage.framesExpected > 0) await run.fail(unreadable(job, coverage.shortfall ?? 'no frame'));
      else await run.end();
      outcomes.set(run.task.runId, run.outcome(coverage));
    }
    return {
      outcomes: job.tasks.map((task) => outcomes.get(task.runId)!),
      taskCpuMs: runs.reduce((sum, run) => sum + run.cpuMs, 0),
    };
  }

  /** Opens every task's analyzer; those that cannot take part are settled at once. */
  async #begin(
    job: AnalysisJob,
    video: Video,
    signal: AbortSignal,
  ): Promise<{ runs: TaskRun[]; inputs: PictureInput[]; outcomes: Map<string, TaskOutcome> }> {
    const runs: TaskRun[] = [];
    const inputs: PictureInput[] = [];
    const outcomes = new Map<string, TaskOutcome>();
    for (const task of job.tasks) {
      try {
        const running = await this.#instances.get(task);
        const { input } = running.registered;
        if (!wantsPictures(input)) continue;
        if ('keyframes' in input.sampling && job.segment.keyframeCount === 0 && !video.units.some((unit) => unit.keyframe)) {
          outcomes.set(task.runId, { runId: task.runId, status: 'skipped', reason: 'no_keyframe: the segment has no keyframe' });
          continue;
        }
        const run = new TaskRun(task, job, running, this.#states, signal);
        await run.begin();
        runs.push(run);
        inputs.push(input);
      } catch (error) {
        outcomes.set(task.runId, failedTask(task, error));
      }
    }
    return { runs, inputs, outcomes };
  }

  async #decode(video: Video, plan: DecodePlan, fanOut: FrameFanOut): Promise<DecodeTally> {
    const tally: DecodeTally = { decoded: [], trust: new PictureTrust(video.codec, video.units) };
    if (plan.send.length === 0) return tally;
    const firstKeyframe = video.units.find((unit) => unit.keyframe);
    return this.#decoders.lend(video.codec, firstKeyframe, async (decoder) => {
      for (const picture of decoder.pictures(video.units, plan.send)) {
        const planned = plan.pictures[picture.position];
        if (planned === undefined) continue;
        tally.decoded.push(picture.position);
        if (picture.damaged) {
          tally.trust.distrustFrom(picture.position);
          fanOut.retract((position) => !tally.trust.isSound(position));
        }
        if (planned.takers.length > 0 && tally.trust.isSound(picture.position)) await fanOut.picture(picture, planned);
      }
      await fanOut.finish();
      return tally;
    });
  }
}

/** Holds what was decoded against what the segment was registered with. */
function cover(job: AnalysisJob, video: Video, input: PictureInput, tally: DecodeTally, continuityErrors: number): Coverage {
  const onlyKeyframes = 'keyframes' in input.sampling;
  const isWanted = (position: number): boolean => !onlyKeyframes || (video.units[position]?.keyframe ?? false);
  const stored = video.units.filter((_, position) => isWanted(position)).length;
  const decoded = tally.decoded.filter(isWanted);
  const framesExpected = Math.max(stored, onlyKeyframes ? job.segment.keyframeCount : job.segment.frameCount);
  const framesSeen = decoded.filter((position) => tally.trust.isSound(position)).length;
  const flaws = [
    decoded.length < framesExpected && `${framesExpected - decoded.length} of ${framesExpected} frames missing`,
    framesSeen < decoded.length && `${decoded.length - framesSeen} of ${framesExpected} frames damaged, or built on damaged ones`,
    continuityErrors > 0 && `${continuityErrors} breaks in the transport stream`,
  ].filter((flaw) => flaw !== false);
  return { framesSeen, framesExpected, ...(flaws.length > 0 ? { shortfall: flaws.join(', ') } : {}) };
}

const unreadable = (job: AnalysisJob, why: string): CodedError => mediaError('VD_MEDIA_UNREADABLE', `${job.segment.path}: ${why}`);

const skipAll = (job: AnalysisJob, reason: string): TaskOutcome[] =>
  job.tasks.map((task) => ({ runId: task.runId, status: 'skipped', reason }));

function oversized({ video }: DemuxedSegment): string | undefined {
  const keyframe = video?.units.find((unit) => unit.keyframe);
  if (!video || keyframe === undefined) return undefined;
  const size = parseVideoSize(video.codec, keyframe.data);
  if (size === null || size.widthPx * size.heightPx <= MAX_PICTURE_PIXELS) return undefined;
  return `pictures of ${size.widthPx}x${size.heightPx} exceed ${MAX_PICTURE_PIXELS} pixels`;
}
