import { mediaError } from '../../errors/media.errors.js';
import { demuxSegment } from '../../decode/segment/index.js';
import { CodedError, wantsPictures } from '../../plugin-api/index.js';
import type {
  AnalysisJob,
  AnalysisOutcome,
  AnalyzerTask,
  Logger,
  PictureInput,
  PictureRequest,
  SampledPictures,
  TaskOutcome,
  Thumbnail,
} from '../../plugin-api/index.js';
import type { PluginRegistry } from '../../plugin-host/plugin-registry.js';
import { DecoderCache } from '../../decode/decoder-cache.js';
import { HeldPictures } from '../../decode/held-pictures.js';
import { AnalyzerInstances, type Lease } from './analyzer-instances.js';
import { CpuShares, type CpuShare } from './cpu-clock.js';
import { ScalerCache } from './frame-fan-out.js';
import { GateKeeper } from './gate-keeper.js';
import { SegmentBefore } from './segment-before.js';
import { SegmentContents } from './segment-contents.js';
import type { ReferenceSets } from './reference-sets.js';
import { readSegment } from '../../media/store/read-segment.js';
import { coverPictures, SegmentPictures, type PictureTally } from './segment-pictures.js';
import { SegmentSound, type SoundTally } from './segment-sound.js';
import { SegmentStills } from './segment-stills.js';
import { StreamStates } from './analyzer-streams.js';
import { PluginFaultLog } from '../../observability/plugin-fault-log.js';
import { failedTask, TaskRun, type Coverage } from './task-run.js';
import { KeyedLock } from './keyed-lock.js';

/** What a job has to itself while it is under way. */
interface Bench {
  /** Folder below which the segment's file stands. */
  readonly root: string;
  readonly scalers: ScalerCache;
  readonly held: HeldPictures;
  readonly cpu: CpuShare;
  readonly analyzers: Lease;
}

/** A task that takes part, and what became of the media it asked for. */
interface Share {
  readonly run: TaskRun;
  readonly wantsSound: boolean;
  readonly wantsPictures: boolean;
}

/** What became of a job. */
interface Analysed {
  readonly outcomes: TaskOutcome[];
  readonly taskCpuMs: number;
  readonly thumbnails: readonly Thumbnail[];
}

const NO_REFERENCES = 'no-references: there is no image to look for';

export interface SegmentRunnerOptions {
  readonly dataDir: string;
  readonly executedBy: string;
  readonly logger: Logger;
  readonly references: ReferenceSets;
}

/**
 * Does whole jobs: reads the segment, decodes it once, lets every analyzer of the queue hear and see its share. Jobs of different
 * lanes may be under way at once; each has decoders and frames to itself, and those analyzers that are not made for more than
 * one segment at a time.
 */
export class SegmentRunner {
  private readonly instances: AnalyzerInstances;
  private readonly states = new StreamStates();
  private readonly decoders = new DecoderCache();
  /** One per job that was ever under way at once; the last used first. */
  private readonly idleScalers: ScalerCache[] = [];
  private readonly pictures = new SegmentPictures(this.decoders);
  private readonly stills = new SegmentStills(this.decoders);
  private readonly cpu = new CpuShares();
  private readonly turns = new KeyedLock();
  private readonly sound = new SegmentSound();
  private readonly gates: GateKeeper;
  private readonly faults: PluginFaultLog;

  constructor(
    private readonly registry: PluginRegistry,
    private readonly options: SegmentRunnerOptions,
  ) {
    this.instances = new AnalyzerInstances(registry, options.dataDir, options.logger, options.references, (analyzer) =>
      this.states.dropAll(analyzer),
    );
    this.faults = new PluginFaultLog(options.logger);
    this.gates = new GateKeeper(this.instances, this.decoders, options.logger);
  }

  /** @param root folder below which the segment's file stands at its path */
  async run(job: AnalysisJob, root: string, signal: AbortSignal): Promise<AnalysisOutcome> {
    const giveBack = await this.turns.take(this.oneAtATime(job));
    const bench: Bench = {
      root,
      scalers: this.idleScalers.pop() ?? new ScalerCache(),
      held: new HeldPictures(),
      cpu: this.cpu.begin(),
      analyzers: this.instances.lease(),
    };
    const startedAtMs = performance.now();
    try {
      const { outcomes, taskCpuMs, thumbnails } = await this.analyse(job, bench, signal);
      const cpuMs = bench.cpu.usedMs;
      return {
        tasks: outcomes,
        wallMs: performance.now() - startedAtMs,
        cpuMs,
        decodeCpuMs: Math.max(0, cpuMs - taskCpuMs),
        executedBy: this.options.executedBy,
        ...(thumbnails.length === 0 ? {} : { thumbnails }),
      };
    } finally {
      bench.cpu.end();
      bench.held.close();
      this.idleScalers.push(bench.scalers);
      await bench.analyzers.end();
      giveBack();
    }
  }

  /**
   * Single pictures of a segment, without any analyzer.
   * @throws VD_MEDIA_*, VD_ANALYSIS_PATH, VD_ANALYSIS_READ_FAILED
   */
  async sample(job: AnalysisJob, root: string, request: PictureRequest): Promise<SampledPictures> {
    const cpu = this.cpu.begin();
    try {
      const contents = await contentsOf(job, root);
      if (contents.video === undefined && job.segment.frameCount > 0) throw unreadable(job, contents.nothingForEyes ?? 'no picture in it');
      return { ...(await this.stills.take(job, contents, request)), cpuMs: cpu.usedMs };
    } finally {
      cpu.end();
    }
  }

  async discard(job: AnalysisJob): Promise<void> {
    const giveBack = await this.turns.take(this.oneAtATime(job));
    try {
      for (const task of job.tasks) await this.states.drop(task, job.stream);
    } finally {
      giveBack();
    }
  }

  /** Lets analyzers go in an orderly way. */
  async close(): Promise<void> {
    await this.instances.close();
    this.decoders.close();
    for (const scalers of this.idleScalers) scalers.close();
  }

  /** The job's analyzers that have one segment at a time, from its first call to its last. */
  private oneAtATime({ tasks }: AnalysisJob): string[] {
    const isConcurrent = (id: string): boolean =>
      this.registry.analyzers.some(({ definition }) => definition.id === id && definition.concurrent === true);
    return tasks.map(({ analyzerId }) => analyzerId).filter((id) => !isConcurrent(id));
  }

  private async analyse(job: AnalysisJob, bench: Bench, signal: AbortSignal): Promise<Analysed> {
    let contents: SegmentContents;
    try {
      contents = await contentsOf(job, bench.root);
    } catch (error) {
      const reported =
        error instanceof CodedError && error.code.startsWith('VD_MEDIA_') ? unreadable(job, `${error.code}: ${error.message}`) : error;
      return { outcomes: job.tasks.map((task) => failedTask(task, reported)), taskCpuMs: 0, thumbnails: [] };
    }
    const outcomes = new Map<string, TaskOutcome>();
    const shares = await this.begin(job, contents, bench, signal, outcomes);
    const listeners = shares.flatMap(({ run, wantsSound }) => (wantsSound ? [{ run, spec: run.input.audio! }] : []));
    const viewers = shares.flatMap(({ run, wantsPictures: looks }) => (looks ? [{ run, input: run.input as PictureInput }] : []));
    const sound = listeners.length > 0 ? await this.sound.play(job, contents.before, contents.audio!, listeners) : undefined;
    const pictures = viewers.length > 0 ? await this.pictures.show(job, contents, viewers, bench.scalers, bench.held) : undefined;
    for (const share of shares) {
      const coverage = cover(job, contents, share, sound, pictures);
      const isNothing = coverage.framesSeen === 0 && (coverage.framesExpected > 0 || coverage.flaws.length > 0);
      if (isNothing) await share.run.fail(unreadable(job, coverage.flaws.join(', ')));
      else await share.run.end();
      outcomes.set(share.run.task.runId, share.run.outcome(coverage));
    }
    return {
      outcomes: job.tasks.map((task) => outcomes.get(task.runId)!),
      taskCpuMs: shares.reduce((sum, { run }) => sum + run.cpuMs, 0),
      thumbnails: pictures?.thumbnails ?? [],
    };
  }

  /** Opens every task's analyzer; those that cannot take part are settled at once. */
  private async begin(
    job: AnalysisJob,
    contents: SegmentContents,
    { scalers, held, cpu, analyzers }: Bench,
    signal: AbortSignal,
    outcomes: Map<string, TaskOutcome>,
  ): Promise<Share[]> {
    const shares: Share[] = [];
    const skip = async (task: AnalyzerTask, reason: string): Promise<void> => {
      outcomes.set(task.runId, { runId: task.runId, status: 'skipped', reason });
      // Nothing follows in this epoch; before its end, the next segment tells a stateful analyzer of the gap.
      if (job.segment.lastOfEpoch) await this.states.drop(task, job.stream);
    };
    const closed = await this.gates.closed(job, contents, scalers);
    for (const task of job.tasks) {
      const reason = task.when === undefined ? undefined : closed.get(task.when);
      if (reason !== undefined) {
        await skip(task, reason);
        continue;
      }
      try {
        const running = await analyzers.get(task);
        const { input } = running.registered;
        const nothing = running.lacksReferences ? NO_REFERENCES : contents.nothingFor(input);
        if (nothing !== undefined) {
          await skip(task, nothing);
          continue;
        }
        const run = new TaskRun(task, job, running, this.states, signal, cpu, this.faults, held);
        await run.begin();
        shares.push({
          run,
          wantsSound: input.audio !== undefined && contents.audio !== undefined,
          wantsPictures: wantsPictures(input) && contents.video !== undefined && !contents.lacksKeyframesFor(input),
        });
      } catch (error) {
        this.faults.tell(task.analyzerId, error, { segment: job.segment.path });
        outcomes.set(task.runId, failedTask(task, error));
      }
    }
    return shares;
  }
}

/** @param root folder below which the segment's file stands, and that of the segment before */
async function contentsOf(job: AnalysisJob, root: string): Promise<SegmentContents> {
  return new SegmentContents(job, demuxSegment(await readSegment(root, job.segment.path)), new SegmentBefore(job.segment.path, root));
}

/** How much of what one task asked for it got. Pictures are what is counted, and sound where there are none. */
function cover(
  job: AnalysisJob,
  contents: SegmentContents,
  share: Share,
  sound: SoundTally | undefined,
  pictures: PictureTally | undefined,
): Coverage {
  const seen = share.wantsPictures ? coverPictures(job, contents.video!, share.run.input as PictureInput, pictures!) : undefined;
  const heard = share.wantsSound ? sound! : undefined;
  const refused = contents.refusedTo(share.run.input);
  const flaws = [
    ...(refused === undefined ? [] : [refused]),
    ...(seen?.flaws ?? []),
    ...(heard?.flaws ?? []),
    ...(seen === undefined && contents.picturesLost > 0 ? [`the file lacks ${contents.picturesLost} of its pictures`] : []),
    ...(contents.continuityErrors > 0 ? [`${contents.continuityErrors} breaks in the transport stream`] : []),
  ];
  const counted = seen !== undefined && (seen.framesSeen > 0 || heard === undefined) ? seen : heard!;
  return { framesSeen: counted.framesSeen, framesExpected: counted.framesExpected, flaws };
}

const unreadable = (job: AnalysisJob, why: string): CodedError => mediaError('VD_MEDIA_UNREADABLE', `${job.segment.path}: ${why}`);
